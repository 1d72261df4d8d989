import Telemetry

/// Slows down whoever guesses: each failure of a name, or from an address, makes the next attempt wait longer. Pure.
struct Brakes: Sendable {
    private struct Record: Sendable {
        var failures: Int
        var until: Monotonic
        var last: Monotonic
    }

    /// Anyone mistypes.
    private static let free = 3
    /// Long enough to make guessing hopeless, short enough not to lock out whom a guesser names.
    private static let longest = Duration.seconds(30)
    private static let memory = Duration.seconds(900)
    /// Names and addresses remembered at a time; the oldest go.
    private static let most = 1024

    private var records: [String: Record] = [:]

    /// Names and addresses that are remembered.
    var count: Int { records.count }

    /// Takes note of an attempt, which counts as failed until `succeeded`: those that are made at once do not slip through.
    /// - Returns: how long to wait instead; nil for none.
    mutating func attempt(_ keys: [String], at now: Monotonic) -> Duration? {
        let wait = keys.compactMap { records[$0] }.map { $0.until - now }.max() ?? .zero
        guard wait <= .zero else { return wait }
        if records.count > Self.most { forget(at: now) }
        for key in keys {
            let known = records[key].flatMap { now - $0.last < Self.memory ? $0.failures : nil } ?? 0
            let failures = min(known + 1, 60)
            let delay: Duration = failures < Self.free ? .zero : min(.seconds(1 << min(failures - Self.free, 10)), Self.longest)
            records[key] = Record(failures: failures, until: now + delay, last: now)
        }
        return nil
    }

    mutating func succeeded(_ keys: [String]) {
        for key in keys { records[key] = nil }
    }

    private mutating func forget(at now: Monotonic) {
        records = records.filter { now - $0.value.last < Self.memory }
        guard records.count > Self.most else { return }
        let old = records.sorted { $0.value.last < $1.value.last }.prefix(Self.most / 2)
        for (key, _) in old { records[key] = nil }
    }
}
