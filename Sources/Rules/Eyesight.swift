package import Telemetry

/// Whether a judge can see its inputs, and who has been told: once when sight is lost, once when it is back.
package struct Eyesight: Sendable {
    /// An input that comes and goes faster than this is told of once a minute, not each time.
    private static let quiet: Duration = .seconds(60)

    /// What is wrong now; nil while all inputs are good.
    package private(set) var shortfall: Shortfall?
    private var lostAt: Monotonic?
    private var isTold = false
    private var quietUntil: Monotonic?

    package init() {}

    /// Takes note that inputs are not good. True if people should be told now.
    package mutating func loses(_ shortfall: Shortfall, at now: Monotonic) -> Bool {
        self.shortfall = shortfall
        if lostAt == nil { lostAt = now }
        guard !isTold, let tellAt = wake, now >= tellAt else { return false }
        isTold = true
        quietUntil = now + Self.quiet
        return true
    }

    /// Takes note that inputs are good. True if people were told that they were not.
    package mutating func regains() -> Bool {
        defer {
            shortfall = nil
            lostAt = nil
            isTold = false
        }
        return isTold
    }

    package func keep(in memory: inout Memory, at now: Monotonic) {
        memory.keep(lostAt, as: "lost-at", at: now)
        memory.keep(quietUntil, as: "quiet-until", at: now)
        memory[flag: "told"] = isTold
    }

    package mutating func recall(_ memory: Memory, since base: Monotonic) {
        lostAt = memory.moment("lost-at", since: base)
        quietUntil = memory.moment("quiet-until", since: base)
        isTold = memory[flag: "told"]
    }

    /// When people must be told although nothing new was heard.
    package var wake: Monotonic? {
        guard !isTold, let shortfall, let lostAt else { return nil }
        let patient = lostAt + shortfall.grace
        return quietUntil.map { max($0, patient) } ?? patient
    }
}
