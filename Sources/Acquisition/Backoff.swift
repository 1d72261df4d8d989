import Telemetry

/// How long to wait before the next try: doubling from a base to a limit, each drawn between half and all of it, so
/// that a thousand gateways do not knock at once.
struct Backoff: Sendable {
    let base: Duration
    let limit: Duration
    private(set) var attempts = 0

    init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    mutating func next(_ random: inout SeededRandom) -> Duration {
        let whole = min(base * (1 << min(attempts, 16)), limit)
        attempts += 1
        return whole * Double.random(in: 0.5...1, using: &random)
    }

    mutating func reset() { attempts = 0 }
}
