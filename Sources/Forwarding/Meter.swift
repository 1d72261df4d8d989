import Telemetry

/// How much has gone in the last minute, by the second.
struct Meter {
    static let span = 60

    private var seconds: [(second: Int64, samples: Int)] = []
    private var start: Monotonic?

    /// What was counted before has nothing to do with what comes.
    mutating func begin(at now: Monotonic) { (seconds, start) = ([], now) }

    mutating func note(_ samples: Int, at now: Monotonic) {
        if start == nil { start = now }
        let second = Self.second(now)
        if let last = seconds.indices.last, seconds[last].second == second {
            seconds[last].samples += samples
        } else {
            seconds.append((second, samples))
            seconds.removeAll { $0.second <= second - Int64(Self.span) }
        }
    }

    /// Samples a second over the last minute, or since the beginning if that was later; nil where nothing can be said yet.
    func rate(at now: Monotonic) -> Double? {
        guard let start, now - start >= .seconds(1) else { return nil }
        let first = Self.second(now) - Int64(Self.span)
        let samples = seconds.reduce(0) { $0 + ($1.second > first ? $1.samples : 0) }
        guard samples > 0 else { return nil }
        // The oldest second counts whole, and the present one as far as it has come.
        let sinceFirst = Double(now.nanoseconds) / 1e9 - Double(first + 1)
        return Double(samples) / min((now - start).seconds, sinceFirst)
    }

    private static func second(_ now: Monotonic) -> Int64 { now.nanoseconds / 1_000_000_000 }
}
