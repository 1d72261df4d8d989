package import Documents
package import Modbus
package import Telemetry

/// What a kind of device offers: its points, and how each is found in its registers or its messages.
package struct Profile: Sendable {
    /// The file's path below `Devices`, without `.yaml`: `lutan/pump`.
    package let name: String
    /// Maker and model, in the file's words.
    package let model: String
    /// How many requests the device takes before it has answered the first.
    package let requestsInFlight: Int
    /// How many registers the device gives in one answer.
    package let maximumRegisters: Int
    /// How many coils or discrete inputs the device gives in one answer.
    package let maximumBits: Int
    /// The least time between an answer and the next request.
    package let pause: Duration
    /// How long the device may take to answer, if that is longer than its link allows.
    package let timeout: Duration?
    /// Addresses that must never be read, not even on the way from one point to the next: ranges in rising order, apart.
    package let forbidden: [Table: [ClosedRange<Int>]]
    /// Where a message carries the device's own time.
    package let time: JSONPath?
    /// In the order of the file. Either all are in registers or all are in messages.
    package let points: [ProfilePoint]

    package init(
        name: String, model: String, requestsInFlight: Int = 1, maximumRegisters: Int = Table.holding.maximumRead,
        maximumBits: Int = Table.coil.maximumRead, pause: Duration = .zero, timeout: Duration? = nil,
        forbidden: [Table: [ClosedRange<Int>]] = [:], time: JSONPath? = nil, points: [ProfilePoint]
    ) {
        self.name = name
        self.model = model
        self.requestsInFlight = requestsInFlight
        self.maximumRegisters = maximumRegisters
        self.maximumBits = maximumBits
        self.pause = pause
        self.timeout = timeout
        self.forbidden = forbidden
        self.time = time
        self.points = points
    }

    /// Whether the device is asked for its points; if not, it sends them in messages.
    package var isPolled: Bool { points.contains { $0.register != nil } }

    package subscript(point: String) -> ProfilePoint? { points.first { $0.name == point } }

    /// The time a message gives for itself; nil if the profile names none, or what is there is no time.
    package func sourceTime(in message: JSON) -> Timestamp? {
        time?.value(in: message).flatMap { Timestamp(message: $0) }
    }
}

package struct ProfilePoint: Sendable {
    /// One word (see `PointName`).
    package let name: String
    package let source: Source
    package let valueType: ValueType
    /// UCUM; empty where there is none.
    package let unit: String
    /// How often it is asked for; zero if it comes in messages, when the device sends them.
    package let every: Duration
    /// In the point's unit; a number outside it is a bad reading.
    package let range: ClosedRange<Double>?
    package let writable: Writable?
    package let maximumAge: Duration
    /// Where the profile says so.
    package let place: Place

    package init(
        name: String, source: Source, valueType: ValueType, unit: String = "", every: Duration = .seconds(1),
        range: ClosedRange<Double>? = nil, writable: Writable? = nil, maximumAge: Duration = .seconds(3),
        place: Place = Place(file: "")
    ) {
        self.name = name
        self.source = source
        self.valueType = valueType
        self.unit = unit
        self.every = every
        self.range = range
        self.writable = writable
        self.maximumAge = maximumAge
        self.place = place
    }

    /// Where the point is, if that is in registers or bits.
    package var register: RegisterSource? {
        if case .register(let source) = source { source } else { nil }
    }

    /// The words for the numbers of an enumeration; empty for all other points.
    package var labels: [Int64: String] { register?.meaning.labels ?? [:] }

    /// The number of counts at which a counter begins again at zero (see `Unroller`).
    package var rollOver: UInt64? { register?.meaning.rollOver }

    /// Where the point is, if that is in a message.
    package var path: JSONPath? {
        if case .json(let path) = source { path } else { nil }
    }
}

package enum Source: Sendable, Hashable {
    case register(RegisterSource)
    case json(JSONPath)
}
