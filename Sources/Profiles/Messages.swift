package import Telemetry

/// What a value from a message says of a point. A value that is missing, null, of another type or not finite is the
/// sensor's fault, a number outside the range is out of range, and neither gives a number away.
package func reading(of json: JSON?, for point: ProfilePoint) -> Reading {
    guard let value = json.flatMap({ value(of: $0, as: point.valueType) }) else { return .bad(.sensorFault) }
    return value.reading(in: point.range)
}

/// The value, if it is of the type without loss: 3.0 is a whole number and 3.5 is not.
private func value(of json: JSON, as type: ValueType) -> Value? {
    switch (type, json) {
    case (.bool, .bool(let flag)): .bool(flag)
    case (.string, .string(let text)): .string(text)
    case (.int, .int(let whole)): .int(whole)
    case (.int, .double(let real)): exactWhole(real).map { .int($0) }
    case (.uint, .int(let whole)): UInt64(exactly: whole).map { .uint($0) }
    case (.uint, .double(let real)): exactWhole(real).flatMap { UInt64(exactly: $0) }.map { .uint($0) }
    case (.double, .int(let whole)): .double(Double(whole))
    case (.double, .double(let real)): real.isFinite ? .double(real) : nil
    default: nil
    }
}

/// Beyond 2⁵³ a double stands for many whole numbers, and which was meant is lost.
private func exactWhole(_ real: Double) -> Int64? {
    abs(real) <= 9_007_199_254_740_992 ? Int64(exactly: real) : nil
}

extension String {
    /// Whether a text of ISO 8601 says the second and the offset from UTC. Without an offset nobody knows which hour is meant,
    /// and a date alone is no moment.
    fileprivate var isWholeTime: Bool {
        wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})/) != nil
    }
}

extension Timestamp {
    /// The last moment of the year 9999.
    private static let last: Int64 = 253_402_300_799_999

    /// A message's time: ISO 8601 text, or a number since 1970: seconds below 10¹¹ (the year 5138), milliseconds from there
    /// on. nil if it is no time at all, or none that a calendar holds; zero is how trackers say that they do not know.
    package init?(message json: JSON) {
        let milliseconds: Int64
        switch json {
        case .string(let text):
            guard text.isWholeTime, let time = Timestamp(iso8601: text) else { return nil }
            milliseconds = time.milliseconds
        case .int(let number):
            guard (1...Self.last).contains(number) else { return nil }
            milliseconds = number < 100_000_000_000 ? number * 1000 : number
        case .double(let number):
            let scaled = (number < 1e11 ? number * 1000 : number).rounded()
            guard let whole = Int64(exactly: scaled) else { return nil }
            milliseconds = whole
        case .null, .bool, .array, .object: return nil
        }
        guard (1...Self.last).contains(milliseconds) else { return nil }
        self.init(milliseconds: milliseconds)
    }
}
