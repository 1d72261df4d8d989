package import Telemetry

/// How far to believe a metric's value: the three codes of Sparkplug 3.0.0, "Quality Codes".
package enum QualityCode: UInt32, Sendable, CaseIterable {
    case bad = 0
    case good = 192
    case stale = 500
}

/// A key and value beside a metric's own value.
package struct Property: Hashable, Sendable {
    package let name: String
    package let type: DataType
    /// nil is null.
    package let value: Scalar?

    package init(name: String, type: DataType, value: Scalar?) {
        self.name = name
        self.type = type
        self.value = value
    }

    /// Always Int32, whatever is known of other properties (tck-id-payloads-propertyset-quality-value-type).
    package static func quality(_ code: QualityCode) -> Property {
        Property(name: "Quality", type: .int32, value: .int(code.rawValue))
    }

    package static func string(_ name: String, _ text: String) -> Property {
        Property(name: name, type: .string, value: .string(text))
    }

    package static func double(_ name: String, _ number: Double) -> Property {
        Property(name: name, type: .double, value: .double(number))
    }
}

/// One named value of a payload.
package struct Metric: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case value(Scalar)
        case null
        /// None at all, or one that this house does not read: bytes, data sets, templates.
        case none
    }

    package var name: String?
    /// Stands for the name once a birth has introduced both.
    package var alias: UInt64?
    /// When the value was true.
    package var timestamp: Timestamp?
    package var dataType: DataType?
    /// The past, sent late: not to be taken for the current value.
    package var isHistorical: Bool
    package var content: Content
    package var properties: [Property]

    package init(
        name: String? = nil, alias: UInt64? = nil, timestamp: Timestamp? = nil, dataType: DataType? = nil,
        isHistorical: Bool = false,
        content: Content, properties: [Property] = []
    ) {
        self.name = name
        self.alias = alias
        self.timestamp = timestamp
        self.dataType = dataType
        self.isHistorical = isHistorical
        self.content = content
        self.properties = properties
    }

    /// Good where nothing is said; nil for a code that does not exist.
    package var quality: QualityCode? {
        guard let property = properties.first(where: { $0.name == "Quality" }) else { return .good }
        guard case .int(let code) = property.value else { return nil }
        return QualityCode(rawValue: code)
    }

    /// The births' counter that a death names, so that a host tells whose death it is. Int64, although the specification's own
    /// example says UInt64 (tck-id-message-flow-edge-node-birth-publish-will-message-payload-bdSeq).
    package static func bdSeq(_ number: UInt8, alias: UInt64? = nil, at time: Timestamp) -> Metric {
        Metric(name: "bdSeq", alias: alias, timestamp: time, dataType: .int64, content: .value(.long(UInt64(number))))
    }

    package static let rebirthName = "Node Control/Rebirth"

    /// Never with an alias: a host that has lost its tables must be able to ask (…-data-commands-rebirth-name-aliases).
    package static func rebirth(at time: Timestamp) -> Metric {
        Metric(name: rebirthName, timestamp: time, dataType: .boolean, content: .value(.bool(false)))
    }
}
