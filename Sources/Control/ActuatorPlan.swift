package import Telemetry

/// What the configuration says of a writable point.
package struct ActuatorPlan: Sendable {
    package let point: PointID
    /// What the point shall be while nobody wants anything; nil leaves it as it is.
    package let safe: Value?
    /// The point that follows once the machine obeys: `running` for `run`.
    package let feedback: PointID?
    /// How long the machine may take to follow.
    package let within: Duration
    /// In the point's unit. No number outside it is ever written.
    package let range: ClosedRange<Double>?
    /// The smallest step the device can hold, such as the scale of its register; a reading within half of it agrees.
    package let resolution: Double
    /// What remote commands are held to, beyond the range: the least and the most, and the steps from the least, or from zero.
    package var minimum: Double?
    package var maximum: Double?
    package var step: Double?
    /// What protects the machine from everyone who commands it; of effect only where there is a safe value.
    package var guards = Guards()

    package init(
        point: PointID, safe: Value? = nil, feedback: PointID? = nil, within: Duration = .seconds(10),
        range: ClosedRange<Double>? = nil, resolution: Double = 0
    ) {
        self.point = point
        self.safe = safe
        self.feedback = feedback
        self.within = within
        self.range = range
        self.resolution = resolution
    }

    /// Why a remote command must not ask for a value; nil if it may.
    func objection(to value: Value) -> String? {
        guard value.type != .bool, let number = value.number else { return nil }
        if let minimum, number < minimum { return "it is below the least that may be written, \(minimum)" }
        if let maximum, number > maximum { return "it is above the most that may be written, \(maximum)" }
        guard let step, step > 0 else { return nil }
        let steps = (number - (minimum ?? 0)) / step
        // A thousandth of a step is what decimal fractions lose in binary, and no more than a device could tell.
        return abs(steps - steps.rounded()) <= 0.001 ? nil : "it is not in steps of \(step)"
    }
}

/// Whoever can carry a value to a device. `Gateway` introduces it.
package protocol Actuator: Sendable {
    /// Writes once and reads back; no retries, and an end in bounded time.
    func write(_ value: Value, to point: PointID) async -> WriteOutcome
}

package enum WriteOutcome: Sendable, Hashable {
    /// Written, and this is what the point read right after.
    case echoed(Value)
    /// Written, but it could not be read back.
    case unverified
    /// The device answered that it will not.
    case refused(String)
    /// No answer that can be believed: it may have been written, or not.
    case failed(String)
}
