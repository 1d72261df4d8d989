import Telemetry

/// Why a machine cannot start now, or not stop.
struct Obstacle: Hashable, Sendable {
    let text: String
    /// When it will be gone if nothing else happens; nil if that is not for time to say.
    var until: Monotonic?
    /// What may be then.
    var then = "it may start"

    /// `6 starts in the last hour; the next may begin at 14:05:10`
    func words(at now: Moment, _ clock: (Timestamp) -> String) -> String {
        guard let until else { return text }
        let left = max(until - now.monotonic, .zero)
        // A wall clock that is not believed would name an hour that never comes.
        return "\(text); \(then) \(now.isTrusted ? "at \(clock(now.wall.advanced(by: left)))" : "in \(left.words)")"
    }
}
