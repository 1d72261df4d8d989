import Rules
import Telemetry

/// A rate summed up over time, by trapezoids between readings: m³/h become m³.
struct RateTotal: Sendable {
    /// Between two readings further apart nothing is known, and nothing is added.
    let longestGap: Duration

    /// In the rate's unit times seconds.
    var sum: Double
    /// How many stretches are missing from the sum.
    var gaps = 0
    private var last: (rate: Double, at: Monotonic)?

    init(longestGap: Duration, from sum: Double = 0) {
        self.longestGap = longestGap
        self.sum = sum
    }

    /// - Returns: what was added.
    @discardableResult
    mutating func hear(_ rate: Double, at moment: Monotonic) -> Double {
        guard let (before, since) = last else {
            last = (rate, moment)
            return 0
        }
        // A reading that is not newer was summed up already.
        guard moment > since else { return 0 }
        last = (rate, moment)
        let span = moment - since
        guard span <= longestGap else {
            gaps += 1
            return 0
        }
        let step = (before + rate) / 2 * span.seconds
        guard (sum + step).isFinite else { return 0 }
        sum += step
        return step
    }

    /// Readings are missing from here on, until one is heard again.
    mutating func goDark() {
        if last != nil { gaps += 1 }
        last = nil
    }

    func keep(in memory: inout Memory, at now: Monotonic) {
        memory[number: "sum"] = sum
        memory[count: "gaps"] = gaps
        memory[number: "rate"] = last?.rate
        memory.keep(last?.at, as: "rate-at", at: now)
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        sum = memory[number: "sum"] ?? sum
        gaps = memory[tally: "gaps"]
        if let rate = memory[number: "rate"], let moment = memory.moment("rate-at", since: base) { last = (rate, moment) }
    }
}
