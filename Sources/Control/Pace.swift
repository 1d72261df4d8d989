import Telemetry

/// The spans of `Control`. None is shorter than a second, which its timer relies on.
enum Pace {
    /// How long after the first reading the safe value waits for a rule to speak: a restart of the gateway must not
    /// stop a pump only to start it again.
    static let start = Duration.seconds(10)
    /// A reading contradicts a write only so long after it.
    static let grace = Duration.seconds(2)
    /// A write without an outcome for so long is an alarm.
    static let overdue = Duration.seconds(60)

    /// Until the next attempt, after so many that failed: 1, 2, 4… 60 s.
    static func retry(after attempts: Int) -> Duration { .seconds(min(60, 1 << min(max(attempts, 1) - 1, 6))) }

    /// Between writes of one value to a point that does not keep it: 10, 20, 40, 60 s.
    static func rewrite(after times: Int) -> Duration { .seconds(min(60, 10 << min(max(times, 0), 3))) }

    /// How long after a restart those who wanted a machine too long may take to speak up again.
    static let patience = Duration.seconds(60)
    /// How long a person may hold a machine against life safety.
    static let override = Duration.seconds(900)

    /// So long as it should be, and a point is no longer one that does not keep its value.
    static let calm = Duration.seconds(120)
}
