import Telemetry

/// What a guarded machine has been doing, as far as its guards must know it, and what its checks say.
struct GuardState: Sendable {
    /// At rest until a working value is sent; then starting until the point has taken it; stopping until it reads safe.
    ///
    ///     rest ──▶ starting ──▶ running ──▶ stopping ──▶ rest
    enum Phase: String, Sendable { case rest, starting, running, stopping }

    /// What someone else did to the machine.
    enum Surprise { case started, stopped }

    static let hour = Duration.seconds(3600)

    let guards: Guards
    let watched: Set<PointID>
    private(set) var phase = Phase.rest
    /// Whether the point has been read, or its past is known from an earlier run.
    private(set) var isKnown = false
    /// In the last hour, the oldest first.
    private(set) var starts: [Monotonic] = []
    /// Whether the latest start has not been taken yet: another attempt is the same start, later.
    private(set) var isStartOpen = false
    private(set) var lastStop: Monotonic?
    /// Since when it is at work, while it is.
    private(set) var runSince: Monotonic?

    var selector = Verdict.unseen("nothing has been read yet")
    var permissives: [Verdict]
    var interlocks: [InterlockState]
    /// When the verdicts may change although nothing is read.
    var judgeAgain: Monotonic?
    /// When the gateway has had time to see everything once; known from the first look on.
    var dawn: Monotonic?

    /// Who wanted it at work when it had run for too long, and has not let go since.
    var spent: Set<String> = []
    /// Until then those of an earlier run may still speak up.
    var spentUntil: Monotonic?
    var isOverrun = false

    /// When to look again at what waits.
    var waitsUntil: Monotonic?
    /// Its place among those waiting for the feeder; nil if it does not.
    var plea: Plea?
    /// What the feeder says to a start, as of the latest look.
    var feederSays: Obstacle?
    /// When the feeder let it start: good for that moment only.
    var granted: Monotonic?
    var isLeaving = false
    /// Whether its feeder is known here; it waits for no other.
    var isFed = false
    /// The latest time anything was looked at; what was due by then is done.
    var looked: Monotonic?

    struct Plea: Sendable {
        let priority: Priority
        let arrival: UInt64
    }

    /// What is stored of it; two that are alike need not be stored twice.
    struct Mark: Equatable {
        let phase: Phase
        let start: Monotonic?
        let stop: Monotonic?
        let kept: [Bool]
        let spent: Set<String>
    }

    var mark: Mark { Mark(phase: phase, start: starts.last, stop: lastStop, kept: interlocks.map(\.isKept), spent: spent) }

    init(_ guards: Guards) {
        self.guards = guards
        watched = guards.points
        permissives = guards.permissives.map { _ in .unseen("nothing has been read yet") }
        interlocks = guards.interlocks.map { _ in InterlockState() }
    }

    /// Whether it may be drawing power.
    var isLoad: Bool { phase != .rest }

    /// Who shares a feeder shall not be started, stopped and started by each scan, whatever its plan leaves out.
    var rest: Duration? { guards.supply == nil ? guards.minimumOff : max(guards.minimumOff ?? .zero, Pace.rewrite(after: 0)) }

    // MARK: What happens to it

    mutating func sends(work: Bool, at now: Monotonic) {
        if work {
            guard phase != .running else { return }
            if isStartOpen { starts.removeLast() }
            starts.removeAll { now - $0 >= Self.hour }
            starts.append(now)
            (phase, isStartOpen) = (.starting, true)
        } else if phase != .rest {
            (phase, isStartOpen, lastStop) = (.stopping, false, now)
        }
    }

    /// - Parameters:
    ///   - work: whether the write was of a working value.
    ///   - reads: whether the point reads at work right after; nil if nobody knows.
    ///   - isTaken: whether the device took the write.
    mutating func answered(work: Bool, reads: Bool?, isTaken: Bool, at now: Monotonic) {
        switch (work, reads) {
        case (true, true?): if phase == .starting { run(since: now) }
        case (true, false?): halt(at: now)
        case (true, nil): if isTaken, phase == .starting { run(since: now) }
        // It does as it did: whether the stop is still to come, nobody knows.
        case (false, true?): resume(at: now)
        case (false, false?): halt(at: now)
        case (false, nil): if phase == .stopping { lastStop = now }
        }
    }

    /// A good reading that tells what came of the latest write.
    mutating func reads(work: Bool, at now: Monotonic) -> Surprise? {
        let wasKnown = isKnown
        isKnown = true
        switch (phase, work) {
        case (.rest, true):
            starts.removeAll { now - $0 >= Self.hour }
            starts.append(now)
            run(since: now)
            return wasKnown ? .started : nil
        case (.rest, false):
            // When it stopped before anybody looked, nobody knows: perhaps just now.
            if !wasKnown, lastStop == nil { lastStop = now }
        case (.starting, true): run(since: now)
        // The start did not reach it, and its next attempt is the same start.
        case (.starting, false): phase = .rest
        case (.running, true): break
        case (.running, false):
            halt(at: now)
            return wasKnown ? .stopped : nil
        case (.stopping, true): resume(at: now)
        case (.stopping, false): halt(at: now)
        }
        return nil
    }

    private mutating func run(since now: Monotonic) {
        (phase, isStartOpen, runSince) = (.running, false, now)
    }

    /// It was never stopped.
    private mutating func resume(at now: Monotonic) {
        if runSince == nil { run(since: now) } else { phase = .running }
    }

    private mutating func halt(at now: Monotonic) {
        (phase, isStartOpen, runSince, lastStop, isOverrun) = (.rest, false, nil, now, false)
    }

    /// Takes up what an earlier run knew.
    mutating func recall(phase: Phase, starts: [Monotonic], isStartOpen: Bool, lastStop: Monotonic?, runSince: Monotonic?) {
        (self.phase, self.starts, self.isStartOpen, self.lastStop) = (phase, starts.sorted(), isStartOpen && !starts.isEmpty, lastStop)
        self.runSince = phase == .rest ? nil : runSince ?? starts.max()
        isKnown = true
    }

    // MARK: Questions

    func startsInHour(at now: Monotonic) -> [Monotonic] {
        (isStartOpen ? starts.dropLast() : starts[...]).filter { now - $0 < Self.hour }
    }

    /// When an automatic stop may be, if not now.
    func stopHeld(at now: Monotonic) -> Monotonic? {
        guard phase == .running, !isLeaving, let least = guards.minimumOn, let runSince, runSince + least > now else { return nil }
        return runSince + least
    }

    /// When it will have run for too long.
    var runEnd: Monotonic? {
        guard phase == .running, !isOverrun, let longest = guards.longestRun, let runSince else { return nil }
        return runSince + longest
    }

    var nextWake: Monotonic? {
        var wakes = [waitsUntil, judgeAgain, runEnd, spent.isEmpty ? nil : spentUntil, plea == nil ? nil : feederSays?.until]
        if let dawn { wakes += zip(interlocks, guards.interlocks).map { $0.isTripped ? nil : $0.due($1, dawn: dawn) } }
        return wakes.compactMap { $0 }.filter { wake in looked.map { wake > $0 } ?? true }.min()
    }
}
