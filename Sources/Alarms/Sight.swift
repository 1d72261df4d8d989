import Telemetry

/// A moment of the monotonic clock as a snapshot keeps it.
@propertyWrapper
struct Kept: Sendable, Hashable, Codable {
    var wrappedValue: Monotonic?

    init(wrappedValue: Monotonic?) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : Monotonic(nanoseconds: try container.decode(Int64.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue.nanoseconds) } else { try container.encodeNil() }
    }

    mutating func shift(by span: Duration) { wrappedValue = wrappedValue.map { $0 + span } }
}

/// What an alarm knows of one of its points.
struct Sight: Sendable, Hashable, Codable {
    enum Grade: String, Sendable, Codable { case good, uncertain, bad }

    /// The value as a number, or 1 and 0 for whether it is the one looked for; nil while it cannot be relied on.
    private(set) var number: Double?
    /// nil until something was heard, or should have been.
    private(set) var quality: Grade?
    /// Why it cannot be relied on: `comm-failure`.
    private(set) var cause: String?
    /// The first instant at which the reading is too old.
    @Kept private(set) var staleAt: Monotonic?

    /// - Parameter began: since when the point could have been heard of.
    init(maximumAge: Duration, since began: Monotonic) { staleAt = Self.end(of: maximumAge, from: began) }

    /// A reading as old as it may be is still good, and stale one tick of the clock later.
    static func end(of span: Duration, from start: Monotonic) -> Monotonic { start + span + .nanoseconds(1) }

    mutating func hear(_ heard: Heard, expected: Value?) {
        staleAt = heard.staleAt
        cause = heard.reading.cause?.rawValue
        switch heard.reading {
        case .good(let value):
            quality = .good
            number = Self.number(value, expected)
        // Only its time is in doubt, and the desk goes by its own clock: a gateway without a set clock must still warn.
        case .uncertain(let value, .clockUntrusted):
            quality = .uncertain
            number = Self.number(value, expected)
        case .uncertain(_, let why):
            quality = why == .stale ? .bad : .uncertain
            number = nil
        case .bad:
            quality = .bad
            number = nil
        }
        if quality == .bad { staleAt = nil }
    }

    /// Goes blind if the reading has become too old.
    mutating func age(to now: Monotonic) {
        guard let end = staleAt, end <= now else { return }
        staleAt = nil
        number = nil
        quality = .bad
        cause = Cause.stale.rawValue
    }

    /// Lets a reading that grew too old unseen last as if it had come now.
    mutating func renew(maximumAge: Duration, at now: Monotonic) {
        if let end = staleAt, end <= now { staleAt = Self.end(of: maximumAge, from: now) }
    }

    /// Puts a number in place of the one heard, such as its change.
    mutating func derive(_ derived: Double) { number = derived }

    mutating func shift(by span: Duration) { _staleAt.shift(by: span) }

    private static func number(_ value: Value, _ expected: Value?) -> Double? {
        if let expected { return value == expected ? 1 : 0 }
        return value.number.flatMap { $0.isFinite ? $0 : nil }
    }
}
