/// How long to wait before trying again: the span doubles with each failure up to a limit, and of each span a random
/// half is taken away, so that a county of gateways does not come back in one breath.
package struct Backoff: Sendable {
    package let first: Duration
    package let limit: Duration
    private var span: Duration

    package init(first: Duration = .seconds(1), limit: Duration = .seconds(30)) {
        self.first = first
        self.limit = max(first, limit)
        span = first
    }

    /// Between half the present span and all of it; the next one will be twice as long.
    package mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let whole = span
        span = min(span * 2, limit)
        return whole * Double.random(in: 0.5...1, using: &random)
    }

    package mutating func next() -> Duration {
        var random = SystemRandomNumberGenerator()
        return next(using: &random)
    }

    package mutating func reset() { span = first }
}
