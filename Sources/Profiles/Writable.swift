package import Telemetry

/// How a point may be commanded.
package struct Writable: Sendable, Hashable {
    /// What it must be when nobody wants anything of it; nil leaves it as it is.
    package let safe: Value?
    /// The point of the same device that follows a command which took effect.
    package let feedback: String?
    /// How long the feedback may take to follow.
    package let within: Duration
    /// The least and the most that may be written, in the point's unit.
    package let minimum: Double?
    package let maximum: Double?
    /// What is written is so many of these above the minimum, or above zero where there is none.
    package let step: Double?
    /// The least time between two writes.
    package let every: Duration?
    /// How many writes a day the device's memory bears.
    package let perDay: Int?

    package init(
        safe: Value? = nil, feedback: String? = nil, within: Duration = .seconds(10), minimum: Double? = nil,
        maximum: Double? = nil, step: Double? = nil, every: Duration? = nil, perDay: Int? = nil
    ) {
        self.safe = safe
        self.feedback = feedback
        self.within = within
        self.minimum = minimum
        self.maximum = maximum
        self.step = step
        self.every = every
        self.perDay = perDay
    }

    /// Why a value must not be written, in words that follow it: `is above the most that may be written, 50.0`. nil if it may.
    package func objection(to value: Value) -> String? {
        guard value.type != .bool, let number = value.number else { return nil }
        if let minimum, !(number >= minimum) { return "is below the least that may be written, \(minimum)" }
        if let maximum, !(number <= maximum) { return "is above the most that may be written, \(maximum)" }
        guard let step else { return nil }
        let steps = (number - (minimum ?? 0)) / step
        // A thousandth of a step is what decimal fractions lose in binary, and no more than a device could tell.
        guard steps.isFinite, abs(steps - steps.rounded()) <= 0.001 else { return "is not in steps of \(step)" }
        return nil
    }
}
