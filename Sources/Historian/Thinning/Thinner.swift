import Telemetry

/// What of a point's samples stays when there is no room for all: the first of each minute, and every change of quality, cause,
/// truth value or text. Pure.
///
/// Minutes are of source time, changes are in order of arrival, which is the order of forwarding. A sample that is older than the
/// one before it stays: what it lies between is not known here.
struct Thinner: Sendable {
    private struct Latest: Sendable {
        let time: Timestamp
        let state: Reading
    }

    private static let minute: Int64 = 60_000
    /// By the point's stored id. A sample that went was of the same minute and state as the last that stayed.
    private var latest: [Int64: Latest] = [:]

    /// Hears of a point's next sample, and says whether it stays. A point that was not heard of before keeps its first.
    mutating func keeps(_ point: Int64, _ time: Timestamp, _ reading: Reading) -> Bool {
        let next = Latest(time: time, state: reading.state)
        guard let before = latest.updateValue(next, forKey: point) else { return true }
        return time < before.time || Self.minute(of: time) != Self.minute(of: before.time) || next.state != before.state
    }

    static func minute(of time: Timestamp) -> Int64 {
        let milliseconds = time.milliseconds
        return milliseconds >= 0 ? milliseconds / minute : (milliseconds + 1) / minute - 1
    }
}

extension Reading {
    /// The reading without what may change from one sample to the next and mean nothing: its number.
    var state: Reading {
        switch self {
        case .good(let value): .good(value.state)
        case .uncertain(let value, let cause): .uncertain(value.state, cause)
        case .bad: self
        }
    }
}

extension Value {
    fileprivate var state: Value {
        switch self {
        case .bool, .string: self
        case .int, .uint, .double: .int(0)
        }
    }
}
