/// What became of every want, every command and every write, so that nothing goes missing:
///
/// - `wants` = `accepted` + `repeated` + `released` + `refused`
/// - `decided` = `confirmed` + `diverged` + `superseded` + commands still open
/// - `sent` = `echoed` + `unverified` + `rejected` + `failed` + writes in flight
package struct Counters: Sendable, Hashable {
    package var wants = 0
    package var accepted = 0
    package var repeated = 0
    package var released = 0
    /// Wants of what cannot be, or that came too late.
    package var refused = 0

    /// Commands: decisions that the point must change. One command may take several writes.
    package var decided = 0
    package var confirmed = 0
    package var diverged = 0
    /// Given up for a newer decision before anything came of them.
    package var superseded = 0
    /// Decisions that found the point as it should be and wrote nothing; not in `decided`.
    package var adopted = 0

    package var sent = 0
    package var echoed = 0
    package var unverified = 0
    package var rejected = 0
    package var failed = 0

    /// Remote commands: `commands` = the next four. Those accepted or released are in `wants` as well.
    package var commands = 0
    package var commandsAccepted = 0
    package var commandsReleased = 0
    package var commandsRefused = 0
    package var commandsRepeated = 0

    package init() {}
}
