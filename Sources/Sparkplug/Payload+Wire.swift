import SwiftProtobuf
import Telemetry

extension Payload {
    /// Unknown fields are skipped; whatever the bytes are, it is a payload or an error.
    package init(decoding bytes: [UInt8]) throws(PayloadError) {
        guard let wire = try? WirePayload(serializedBytes: bytes) else { throw .malformed }
        var metrics: [Metric] = []
        metrics.reserveCapacity(wire.metrics.count)
        for metric in wire.metrics { metrics.append(try Metric(wire: metric)) }
        self.init(
            timestamp: wire.hasTimestamp ? Timestamp(wire: wire.timestamp) : nil, metrics: metrics, seq: wire.hasSeq ? wire.seq : nil)
    }

    package var encoded: [UInt8] {
        var wire = WirePayload()
        if let timestamp { wire.timestamp = timestamp.wire }
        wire.metrics = metrics.map(\.wire)
        if let seq { wire.seq = seq }
        do {
            return try wire.serializedBytes()
        } catch {
            preconditionFailure("a payload of ours is beyond what Protocol Buffers hold: \(error)")
        }
    }
}

extension Metric {
    fileprivate init(wire: WireMetric) throws(PayloadError) {
        var dataType: DataType?
        if wire.hasDatatype {
            guard let known = DataType(rawValue: wire.datatype) else { throw .unknownDataType(wire.datatype) }
            dataType = known
        }
        var properties: [Property] = []
        let (keys, values) = (wire.properties.keys, wire.properties.values)
        guard keys.count == values.count else { throw .unevenProperties }
        for (key, value) in zip(keys, values) {
            guard let type = DataType(rawValue: value.type) else { throw .unknownDataType(value.type) }
            properties.append(Property(name: key, type: type, value: value.isNull ? nil : value.value.map(Scalar.init)))
        }
        self.init(
            name: wire.hasName ? wire.name : nil, alias: wire.hasAlias ? wire.alias : nil,
            timestamp: wire.hasTimestamp ? Timestamp(wire: wire.timestamp) : nil, dataType: dataType, isHistorical: wire.isHistorical,
            content: wire.isNull ? .null : wire.value.map { .value(Scalar($0)) } ?? .none, properties: properties)
    }

    fileprivate var wire: WireMetric {
        var wire = WireMetric()
        if let name { wire.name = name }
        if let alias { wire.alias = alias }
        if let timestamp { wire.timestamp = timestamp.wire }
        if let dataType { wire.datatype = dataType.rawValue }
        if isHistorical { wire.isHistorical = true }
        switch content {
        case .value(let scalar): wire.value = scalar.metricValue
        case .null: wire.isNull = true
        case .none: break
        }
        guard !properties.isEmpty else { return wire }
        wire.properties.keys = properties.map(\.name)
        wire.properties.values = properties.map { property in
            var value = WirePropertyValue()
            value.type = property.type.rawValue
            if let scalar = property.value { value.value = scalar.propertyValue } else { value.isNull = true }
            return value
        }
        return wire
    }
}

extension Scalar {
    fileprivate init(_ wire: WireMetric.OneOf_Value) {
        switch wire {
        case .intValue(let value): self = .int(value)
        case .longValue(let value): self = .long(value)
        case .floatValue(let value): self = .float(value)
        case .doubleValue(let value): self = .double(value)
        case .booleanValue(let value): self = .bool(value)
        case .stringValue(let value): self = .string(value)
        }
    }

    fileprivate init(_ wire: WirePropertyValue.OneOf_Value) {
        switch wire {
        case .intValue(let value): self = .int(value)
        case .longValue(let value): self = .long(value)
        case .floatValue(let value): self = .float(value)
        case .doubleValue(let value): self = .double(value)
        case .booleanValue(let value): self = .bool(value)
        case .stringValue(let value): self = .string(value)
        }
    }

    fileprivate var metricValue: WireMetric.OneOf_Value {
        switch self {
        case .int(let value): .intValue(value)
        case .long(let value): .longValue(value)
        case .float(let value): .floatValue(value)
        case .double(let value): .doubleValue(value)
        case .bool(let value): .booleanValue(value)
        case .string(let value): .stringValue(value)
        }
    }

    fileprivate var propertyValue: WirePropertyValue.OneOf_Value {
        switch self {
        case .int(let value): .intValue(value)
        case .long(let value): .longValue(value)
        case .float(let value): .floatValue(value)
        case .double(let value): .doubleValue(value)
        case .bool(let value): .booleanValue(value)
        case .string(let value): .stringValue(value)
        }
    }
}

extension Timestamp {
    /// Unsigned on the wire: a time beyond either end of the calendar is at that end.
    fileprivate init(wire: UInt64) { self.init(milliseconds: Int64(clamping: wire)) }
    fileprivate var wire: UInt64 { UInt64(clamping: milliseconds) }
}
