package import Telemetry

/// What may be written to a point, and how often, so that nobody wears a device out or drives it where it must not go.
package struct WriteLimits: Sendable, Hashable {
    package var minimum: Double?
    package var maximum: Double?
    /// Values are whole steps from the minimum, or from zero where there is none.
    package var step: Double?
    /// The least time between two writes.
    package var every = Duration.zero
    /// The most writes in any 24 hours: what the device's memory is good for.
    package var perDay: Int?
    /// Always let through, however often: stopping a pump must not wait for a budget.
    package var safe: Value?

    package init(
        minimum: Double? = nil, maximum: Double? = nil, step: Double? = nil, every: Duration = .zero, perDay: Int? = nil,
        safe: Value? = nil
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.step = step
        self.every = every
        self.perDay = perDay
        self.safe = safe
    }

    /// Why the value itself may not be written; nil if it may.
    func refusal(of value: Value) -> String? {
        guard value.type != .bool, let number = value.number else { return nil }
        guard number.isFinite else { return "\(number) is no number to write" }
        if let minimum, number < minimum { return "\(number) is below the least that may be written, \(minimum)" }
        if let maximum, number > maximum { return "\(number) is above the most that may be written, \(maximum)" }
        if let step, step > 0 {
            let steps = (number - (minimum ?? 0)) / step
            guard abs(steps - steps.rounded()) <= 1e-9 * max(abs(steps), 1) else {
                return "\(number) is not a whole number of steps of \(step)" + (minimum.map { " from \($0)" } ?? "")
            }
        }
        return nil
    }
}

/// When each limited point was written: what is left of its budgets. It begins anew with every start of the gateway.
struct Wear: Sendable {
    private static let day = Duration.seconds(86_400)
    /// A budget beyond this is none; it bounds what is remembered of a point.
    private static let most = 100_000

    /// The writes of the last 24 hours of points that are limited, the oldest first.
    private var times: [PointID: [Monotonic]] = [:]

    /// Why nothing may be written now, and until when; nil if something may, which is then counted.
    mutating func spend(on point: PolledPoint, _ value: Value, at now: Moment) -> String? {
        let limits = point.limits
        guard limits.every > .zero || limits.perDay != nil else { return nil }
        var past = times[point.id, default: []]
        past.removeAll { now.monotonic - $0 >= max(Self.day, limits.every) }
        defer { times[point.id] = past }
        if value != limits.safe {
            if let last = past.last, now.monotonic - last < limits.every {
                let free = last + limits.every
                return "it may be written once in \(words(limits.every)); again \(until(free, now))"
            }
            if let perDay = limits.perDay, past.count >= min(max(perDay, 0), Self.most) {
                guard perDay > 0 else { return "its profile allows no writes (per-day: 0)" }
                let free = past[past.count - min(perDay, Self.most)] + Self.day
                return "its \(perDay) writes a day are used up; again \(until(free, now))"
            }
        }
        past.append(now.monotonic)
        if past.count > Self.most { past.removeFirst(past.count - Self.most) }
        return nil
    }

    /// The device refused, or never heard: the latest write did not happen.
    mutating func giveBack(_ point: PointID, of moment: Monotonic) {
        guard let index = times[point]?.lastIndex(of: moment) else { return }
        times[point]?.remove(at: index)
    }

    private func until(_ free: Monotonic, _ now: Moment) -> String {
        let wait = free - now.monotonic
        return "from \(now.wall.advanced(by: wait)) on (in \(words(wait)))"
    }
}

/// A span as people say it: `5 s`, `250 ms`, `3 h 20 min`.
func words(_ span: Duration) -> String {
    let milliseconds = max(span.wholeMilliseconds, 0)
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    let seconds = (milliseconds + 999) / 1000
    if seconds < 120 { return "\(seconds) s" }
    let minutes = (seconds + 59) / 60
    if minutes < 120 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
}
