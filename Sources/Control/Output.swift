import Telemetry

/// One writable point: who wants what of it, what it reads, and how far the latest command has come.
///
/// Everything that happens to it ends in `settle`, which looks at the whole and does the next thing, if there is one.
/// So there is a single place that may write, and it never writes while a write is out.
struct Output: Sendable {
    struct Seen: Sendable {
        let value: Value
        let at: Monotonic
    }

    let plan: ActuatorPlan
    let point: Point
    /// The feedback's full name, for events.
    let feedbackName: String
    /// The safe value, if the plan has one that the point can take.
    let safe: Value?

    var slots: PriorityArray
    var state = CommandState.unknown
    /// The latest good reading of the point itself.
    var present: Seen?
    /// Whether that was read after the latest write was answered, so that it tells what came of it.
    var isCurrent = false
    /// The latest good reading of the feedback, and why there is none now if there is none.
    var feedback: Seen?
    var feedbackCause: Cause?

    var learned: Monotonic?
    var hasBeenWanted = false
    /// When the latest write left, and when its outcome came. Readings from before say nothing about it.
    var lastSent: Monotonic?
    var lastAnswered: Monotonic?
    /// How often in a row the point did not keep what was written.
    var relapses = 0
    /// The latest remote command, for as long as it or its slot stands.
    var order: RemoteOrder?
    /// What was wrong when the point last diverged.
    var trouble = ""
    /// What its guards must know; nil where there are none.
    var duty: GuardState?
    /// Whose locks it is under.
    var locks: [LockOut] = []
    /// Why it must not be started although nobody's lock is known.
    var seal: String?
    /// Why something waits, so that it is recorded once.
    var told: String?

    init(_ plan: ActuatorPlan, in directory: Directory) {
        self.plan = plan
        point = directory[plan.point]
        feedbackName = plan.feedback.map { directory[$0].name.description } ?? ""
        safe = plan.safe.flatMap { Self.refusal(of: $0, plan, directory[plan.point]) == nil ? $0 : nil }
        slots = PriorityArray(safe: safe)
        duty = plan.guards.isEmpty || safe == nil ? nil : GuardState(plan.guards)
    }

    var name: String { point.name.description }

    /// What the point shall be and who says so; nil if nobody does.
    func goal(at now: Monotonic) -> Goal? {
        if let slot = slots.winner { return .slot(slot) }
        guard let safe else { return nil }
        if !hasBeenWanted, let learned, now < learned + Pace.start, present.map({ !agree($0.value, safe) }) ?? true { return nil }
        return .safe(safe)
    }

    // MARK: What happens to it

    mutating func want(_ want: Want, at now: Moment, _ ledger: inout Ledger) {
        if let refusal = refusal(of: want, at: now.monotonic) ?? refusalOfStart(by: want, at: now) {
            ledger.counters.refused += 1
            return ledger.record(name, by: want.owner, at: now, "refused \(want.owner)'s \(words(of: want)): \(refusal)")
        }
        for slot in slots.expire(at: now.monotonic) { recordExpiry(of: slot, at: now, &ledger) }
        switch slots.hear(want) {
        case .repeated:
            ledger.counters.repeated += 1
            settle(at: now, &ledger)
        case .nothing:
            ledger.counters.released += 1
            settle(at: now, &ledger)
        case .released(let slot):
            ledger.counters.released += 1
            ledger.record(name, by: want.owner, at: now, "\(slot.who) lets go of \(words(slot.value)): \(want.why)")
            settle(at: now, &ledger)
        case .taken(let replaced):
            ledger.counters.accepted += 1
            hasBeenWanted = true
            if let replaced {
                ledger.record(
                    name, by: want.owner, at: now,
                    "\(want.owner) takes the place of \(replaced.owner), who wanted \(words(replaced.value))")
            }
            let before = ledger.actions.count
            settle(at: now, &ledger)
            guard ledger.actions.count == before else { return }
            ledger.record(
                name, by: want.owner, at: now, "\(want.owner) wants \(words(of: want)): \(want.why); \(standing(of: want.owner))")
        }
    }

    /// A reading of the point itself.
    mutating func observe(_ reading: Reading, received: Monotonic, at now: Moment, _ ledger: inout Ledger) {
        guard case .good(let value) = reading, received >= present?.at ?? received else { return }
        present = Seen(value: value, at: received)
        isCurrent = !state.isInFlight && lastAnswered.map { received > $0 } ?? true
        noteReading(value, received: received, at: now, &ledger)
        if case .unknown = state { learn(value, at: now, &ledger) }
    }

    mutating func observe(feedback reading: Reading, received: Monotonic) {
        guard received >= feedback?.at ?? received else { return }
        feedbackCause = reading.cause
        if case .good(let value) = reading { feedback = Seen(value: value, at: received) }
    }

    mutating func wrote(_ id: CommandID, _ outcome: WriteOutcome, at now: Moment, _ ledger: inout Ledger) {
        guard case .sent(let command, _, _) = state, command.id == id else { return }
        lastAnswered = now.monotonic
        switch outcome {
        case .echoed(let value):
            ledger.counters.echoed += 1
            present = Seen(value: value, at: now.monotonic)
            isCurrent = true
            noteOutcome(of: command, reads: value, isTaken: true, at: now)
            state = .echoed(command, until: now.monotonic + plan.within)
            if !agree(value, command.value) {
                diverge(command, "was written \(words(command.value)) but reads back \(words(value))", at: now, &ledger)
            }
        case .unverified:
            ledger.counters.unverified += 1
            noteOutcome(of: command, reads: nil, isTaken: true, at: now)
            state = .unread(command, until: now.monotonic + plan.within)
        case .refused(let cause):
            ledger.counters.rejected += 1
            noteOutcome(of: command, reads: nil, isTaken: false, at: now)
            if refused(command, cause, at: now, &ledger) { return }
            retry(command, "the device refused: \(cause)", at: now, &ledger)
        case .failed(let cause):
            ledger.counters.failed += 1
            noteOutcome(of: command, reads: nil, isTaken: false, at: now)
            retry(command, cause, at: now, &ledger)
        }
        settle(at: now, &ledger)
    }

    /// The gateway is leaving: rules no longer watch over what they wanted.
    mutating func stop(at now: Moment, _ ledger: inout Ledger) {
        for slot in slots.empty(.automatic) {
            ledger.record(name, by: slot.owner, at: now, "the gateway stops: \(slot.who) lets go of \(words(slot.value))")
        }
        releaseOrder(at: now, &ledger)
        hasBeenWanted = true
        duty?.isLeaving = true
        settle(at: now, &ledger)
        if case .unknown = state, let safe {
            ledger.record(name, by: "control", at: now, "was never read, so its safe value \(words(safe)) is not written")
        }
    }

    // MARK: Questions

    /// Whether the point reads otherwise than written, and not just because the reading is older than the write.
    func hasRelapsed(_ present: Seen, _ command: Command) -> Bool {
        isCurrent && !agree(present.value, command.value) && lastAnswered.map { present.at >= $0 + Pace.grace } ?? true
    }

    /// Whether the feedback has followed, or there is none.
    func isObeyed(_ command: Command) -> Bool {
        guard plan.feedback != nil else { return true }
        guard let feedback, feedbackCause == nil, feedback.at >= command.since else { return false }
        return agree(feedback.value, command.value)
    }

    var nextRewrite: Monotonic? { lastSent.map { $0 + Pace.rewrite(after: relapses) } }

    /// When the point needs another look even if nothing happens.
    var nextWake: Monotonic? {
        var wakes = [slots.nextExpiry, orderWake, duty?.nextWake]
        switch state {
        case .unknown: break
        case .idle: if slots.winner == nil, safe != nil { wakes.append(learned.map { $0 + Pace.start }) }
        case .sent(_, let since, let isOverdue): if !isOverdue { wakes.append(since + Pace.overdue) }
        case .retrying(_, let until, _), .unread(_, let until): wakes.append(until)
        case .echoed(let command, let until): wakes.append(isRelapse(of: command) ? nextRewrite : until)
        case .confirmed(let command, let strayed):
            wakes.append(isRelapse(of: command) ? nextRewrite : strayed.map { $0 + plan.within })
        case .diverged(let command): if isRelapse(of: command) { wakes.append(nextRewrite) }
        }
        return wakes.compactMap { $0 }.min()
    }

    func isRelapse(of command: Command) -> Bool { present.map { hasRelapsed($0, command) } ?? false }
}
