package import Documents
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
    /// Where a message carries the device's own time.
    package let time: JSONPath?
    /// In the order of the file. Either all are in registers or all are in messages.
    package let points: [ProfilePoint]

    package init(
        name: String, model: String, requestsInFlight: Int = 1, maximumRegisters: Int = 125, time: JSONPath? = nil,
        points: [ProfilePoint]
    ) {
        self.name = name
        self.model = model
        self.requestsInFlight = requestsInFlight
        self.maximumRegisters = maximumRegisters
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

    /// Where the point is, if that is in a message.
    package var path: JSONPath? {
        if case .json(let path) = source { path } else { nil }
    }
}

package enum Source: Sendable, Hashable {
    case register(RegisterSource)
    case json(JSONPath)
}

/// How a point may be commanded.
package struct Writable: Sendable, Hashable {
    /// What it must be when nobody wants anything of it; nil leaves it as it is.
    package let safe: Value?
    /// The point of the same device that follows a command which took effect.
    package let feedback: String?
    /// How long the feedback may take to follow.
    package let within: Duration

    package init(safe: Value? = nil, feedback: String? = nil, within: Duration = .seconds(10)) {
        self.safe = safe
        self.feedback = feedback
        self.within = within
    }
}
