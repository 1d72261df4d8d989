import Telemetry

/// Samples that destinations lost and that were not told yet: once an hour at most, since a store that is full stays so for long.
struct Losses: Sendable {
    private static let silence = Duration.seconds(3600)
    private var samples: [String: Int] = [:]
    private var told: Monotonic?

    mutating func add(_ more: [String: Int]) { samples.merge(more.filter { $0.value > 0 }, uniquingKeysWith: +) }

    /// What is to be told now, by destination, and is not told again.
    mutating func news(at now: Monotonic) -> [(name: String, samples: Int)] {
        if let told, now - told < Self.silence { return [] }
        guard !samples.isEmpty else { return [] }
        defer { (samples, told) = ([:], now) }
        return samples.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
