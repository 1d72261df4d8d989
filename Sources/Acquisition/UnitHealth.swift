import Telemetry

/// Whether a unit id answers. After three silences it is down and gets one cheap probe at growing intervals, so that
/// a dead device costs its neighbours a bounded share of the line.
struct UnitHealth: Sendable {
    enum State: Sendable, Equatable {
        case up
        case down(nextProbe: Monotonic)
    }

    private static let patience = 3
    private(set) var state = State.up
    private var silences = 0
    private var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
    private(set) var downSince: Monotonic?

    /// - Returns: true if the unit was down and is back.
    mutating func answered() -> Bool {
        silences = 0
        backoff.reset()
        defer { state = .up }
        return state != .up
    }

    /// - Returns: true if the unit has just gone down.
    mutating func wasSilent(at now: Monotonic, _ random: inout SeededRandom) -> Bool {
        silences += 1
        guard silences >= Self.patience else { return false }
        let isNew = state == .up
        if isNew { downSince = now }
        state = .down(nextProbe: now + backoff.next(&random))
        return isNew
    }

    func allowsScan(at now: Monotonic) -> Bool { state == .up }

    func wantsProbe(at now: Monotonic) -> Bool {
        if case .down(let nextProbe) = state { nextProbe <= now } else { false }
    }
}
