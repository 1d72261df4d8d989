import Telemetry

/// What stands between a will and the machine. Guards look at what is to be done after everyone has been heard: they can
/// force the safe value, keep a start waiting, and keep an automatic stop waiting; nothing else.
extension Output {
    /// Whether a value is work rather than rest.
    func isWork(_ value: Value) -> Bool { safe.map { !agree(value, $0) } ?? false }

    /// Whether a working value would start the machine.
    var isAtRest: Bool { duty.map { $0.phase != .running } ?? !(present.map { isWork($0.value) } ?? false) }

    // MARK: What is told to the guards

    mutating func judge(by sight: Sight, at now: Monotonic) {
        guard var duty else { return }
        let look: (PointID) -> Reading? = { sight.reading(of: $0, at: now) }
        if let selector = duty.guards.selector { duty.selector = selector.judge(look) }
        duty.permissives = duty.guards.permissives.map { $0.judge(look) }
        for (index, interlock) in duty.guards.interlocks.enumerated() { duty.interlocks[index].verdict = interlock.check.judge(look) }
        duty.judgeAgain = sight.staleAt(duty.watched, after: now)
        self.duty = duty
    }

    func isTelling(_ received: Monotonic) -> Bool { isCurrent && lastAnswered.map { received >= $0 + Pace.grace } ?? true }

    mutating func noteReading(_ value: Value, received: Monotonic, at now: Moment, _ ledger: inout Ledger) {
        guard duty != nil, isTelling(received) else { return }
        let isAtWork = isWork(value)
        guard let surprise = duty?.reads(work: isAtWork, at: now.monotonic) else { return }
        let isWanted = slots.winner.map { isWork($0.value) } ?? false
        switch surprise {
        case .started: ledger.record(name, by: "control", at: now, "was started by something else; it counts as a start")
        case .stopped:
            let text = "was stopped by something else" + (isWanted ? ", against what is wanted" : "")
            ledger.record(name, by: "control", as: isWanted ? .alarm : .command, at: now, text)
        }
    }

    mutating func noteOutcome(of command: Command, reads: Value?, isTaken: Bool, at now: Moment) {
        guard duty != nil else { return }
        let (isStart, isAtWork) = (isWork(command.value), reads.map(isWork))
        duty?.answered(work: isStart, reads: isAtWork, isTaken: isTaken, at: now.monotonic)
    }

    // MARK: What they say

    /// To be asked first, whatever has happened: interlocks trip and end, runs become too long, and owners let go.
    mutating func watchGuards(at now: Moment, _ ledger: inout Ledger) {
        guard var duty else { return }
        duty.looked = now.monotonic
        let rest = safe.map(words) ?? "nothing"
        for (index, plan) in duty.guards.interlocks.enumerated() {
            let before = duty.interlocks[index].cause(of: plan) ?? plan.check.says
            guard duty.interlocks[index].look(plan, dawn: duty.dawn ?? now.monotonic, at: now.monotonic) else { continue }
            let isTripped = duty.interlocks[index].isTripped
            let text = isTripped ? "interlock: \(before); it shall be \(rest), whoever wants otherwise" : "interlock over: \(before)"
            ledger.record(name, by: "interlock", as: .alarm, at: now, text)
            if isTripped { dropOrders(because: before, at: now, &ledger) }
        }
        if let end = duty.runEnd, end <= now.monotonic, let longest = duty.guards.longestRun {
            duty.isOverrun = true
            duty.spent = Set(slots.slots.filter { isWork($0.value) }.map(\.owner))
            duty.spentUntil = nil
            let text = "has run for \(longest.words), the longest it may; it shall be \(rest) until whoever wants it has let go"
            ledger.record(name, by: "control", as: .alarm, at: now, text)
        }
        if !duty.spent.isEmpty, duty.spentUntil.map({ $0 <= now.monotonic }) ?? true {
            let working = slots.slots.filter { isWork($0.value) }.map(\.owner)
            duty.spent.formIntersection(working)
            duty.spentUntil = nil
        }
        self.duty = duty
    }

    /// What a person had ordered does not come back to life when its obstacle is gone: nobody stands there any more.
    mutating func dropOrders(because why: String, at now: Moment, _ ledger: inout Ledger) {
        for slot in slots.slots where slot.priority == .manual && (safe == nil || isWork(slot.value)) {
            if order?.origin == slot.owner { end(.superseded, why, at: now, &ledger) }
            _ = slots.hear(Want(point: plan.point, value: nil, owner: slot.owner, why: why))
            ledger.record(name, by: slot.owner, at: now, "\(slot.who) loses \(words(slot.value)): \(why)")
        }
    }

    /// What the point shall be once the guards have spoken.
    mutating func guarded(_ goal: Goal?, at now: Moment, _ ledger: inout Ledger) -> Goal? {
        if let lock = locks.first { return safe.map { .forced($0, by: "lock-out", why: lock.words) } }
        // Nothing is written where someone may be at work and no value is known to be safe.
        if seal != nil, safe == nil { return nil }
        guard duty != nil || seal != nil, let safe else { return goal }
        if let (by, why) = force { return .forced(safe, by: by, why: why) }
        guard let goal, isWork(goal.value), case .slot(let slot) = goal else { return goal.flatMap { ended($0, at: now, &ledger) } }
        duty?.waitsUntil = nil
        guard isAtRest else { return going(goal) }
        let standing = obstacles(to: slot.owner, at: now.monotonic)
        if let obstacle = standing.first {
            duty?.plea = nil
            duty?.waitsUntil = standing.compactMap(\.until).filter { $0 > now.monotonic }.min()
            wait(slot, for: obstacle, at: now, &ledger)
            return .waiting(safe, for: slot, why: obstacle.text)
        }
        // One that is starting has its share of the feeder already.
        guard let duty, duty.isFed, duty.phase != .starting, duty.granted != now.monotonic else { return going(goal) }
        if duty.plea == nil || duty.plea?.priority != slot.priority {
            self.duty?.plea = GuardState.Plea(priority: slot.priority, arrival: ledger.nextPlea())
        }
        return .waiting(safe, for: slot, why: duty.feederSays?.text ?? "it waits for feeder \(duty.guards.supply?.feeder ?? "")")
    }

    private mutating func going(_ goal: Goal) -> Goal {
        duty?.plea = nil
        told = nil
        return goal
    }

    /// The machine shall not work any more, or nobody wants anything of it.
    private mutating func ended(_ goal: Goal, at now: Moment, _ ledger: inout Ledger) -> Goal? {
        duty?.plea = nil
        duty?.waitsUntil = nil
        let isAutomatic = if case .slot(let slot) = goal { slot.priority == .automatic } else { true }
        guard isAutomatic, let duty, let until = duty.stopHeld(at: now.monotonic), let value = workingValue else {
            told = nil
            return goal
        }
        self.duty?.waitsUntil = until
        let obstacle = Obstacle(text: "it runs for \((duty.guards.minimumOn ?? .zero).words) at least", until: until, then: "it stops")
        if told != obstacle.text {
            told = obstacle.text
            let text = "waits to stop for \(goal.who): \(goal.why); \(obstacle.words(at: now, duty.guards.clock))"
            ledger.record(name, by: goal.origin, at: now, text)
        }
        return .held(value, why: obstacle.text)
    }

    private var workingValue: Value? {
        if let value = state.command?.value, isWork(value) { return value }
        return present.flatMap { isWork($0.value) ? $0.value : nil }
    }

    /// Told once, and again only if it is another reason.
    mutating func wait(_ slot: Slot, for obstacle: Obstacle, at now: Moment, _ ledger: inout Ledger) {
        let key = "\(slot.owner) \(obstacle.text)"
        guard told != key else { return }
        told = key
        let text = "waits: \(slot.who) wants \(words(slot.value)): \(slot.why); \(obstacle.words(at: now, plan.guards.clock))"
        ledger.record(name, by: slot.owner, at: now, text)
    }

    /// Who forces the safe value, and why.
    var force: (by: String, why: String)? {
        guard let duty else { return nil }
        for (state, plan) in zip(duty.interlocks, duty.guards.interlocks) where state.isTripped {
            return ("interlock", words(of: state, plan))
        }
        if duty.isOverrun { return ("its longest run", "it has run for \((duty.guards.longestRun ?? .zero).words)") }
        return nil
    }

    /// `the well is nearly dry (kept until a person resets it)`
    func words(of state: InterlockState, _ plan: Interlock) -> String {
        (state.cause(of: plan) ?? plan.check.says) + (state.isKept ? " (kept until a person resets it)" : "")
    }
}
