import Telemetry

/// What stands against a start, and how people are told.
extension Output {
    /// Everything that stands against a start but the feeder, in the order in which people are told: locks, the selector, trips,
    /// what cannot be seen, what must hold, and what only time can mend.
    ///
    /// - Parameter owner: who wants it; a run that was too long is held against those who wanted that.
    func obstacles(to owner: String?, at now: Monotonic) -> [Obstacle] {
        var list = locks.map { Obstacle(text: $0.words) }
        if let seal { list.append(Obstacle(text: seal)) }
        guard let duty else { return list }
        let guards = duty.guards
        if let selector = guards.selector, let text = Self.objection(selector, duty.selector) { list.append(Obstacle(text: text)) }
        let trips = zip(duty.interlocks, guards.interlocks).filter { $0.isTripped || $0.cause(of: $1) != nil }
        // The kept ones first: they wait for a person.
        for (state, plan) in trips.filter(\.0.isKept) + trips.filter({ !$0.0.isKept }) {
            list.append(Obstacle(text: "interlock: \(words(of: state, plan))"))
        }
        let checks = zip(guards.permissives, duty.permissives)
        let blind = checks.filter { if case .unseen = $1 { true } else { false } }
        let failed = checks.filter { if case .fails = $1 { true } else { false } }
        list += (blind + failed).compactMap { Self.objection($0, $1).map { Obstacle(text: $0) } }
        if let owner, duty.spent.contains(owner) {
            let longest = (guards.longestRun ?? .zero).words
            list.append(Obstacle(text: "it ran for \(longest), the longest it may, and \(owner) has not let go since"))
        }
        if let rest = duty.rest, let stop = duty.lastStop, stop + rest > now {
            list.append(Obstacle(text: "it rests for \(rest.words) after a stop", until: stop + rest))
        }
        let starts = duty.startsInHour(at: now)
        if let most = guards.startsPerHour, starts.count >= most {
            let first = starts.dropFirst(starts.count - most).first
            let text = "\(starts.count) \(starts.count == 1 ? "start" : "starts") in the last hour"
            list.append(Obstacle(text: text, until: first.map { $0 + GuardState.hour }, then: "the next may begin"))
        }
        return list
    }

    private static func objection(_ check: Check, _ verdict: Verdict) -> String? {
        switch verdict {
        case .holds: nil
        case .fails(let why): "'\(check.says)' does not hold: \(why)"
        case .unseen(let why): "'\(check.says)' cannot be told: \(why)"
        }
    }

    /// Why a person's start cannot go now; what stands already may be asked for again.
    func refusalOfStart(by want: Want, at now: Moment) -> String? {
        guard want.priority == .manual, let value = want.value else { return nil }
        let isRenewed = slots.slots.contains { $0.owner == want.owner && $0.priority == .manual && $0.value == value }
        return isRenewed && locks.isEmpty ? nil : refusalOfStart(to: value, by: want.owner, at: now)
    }

    func refusalOfStart(to value: Value, by owner: String, at now: Moment) -> String? {
        guard safe != nil else { return locks.first?.words ?? seal }
        guard duty != nil || seal != nil || !locks.isEmpty, isWork(value) else { return nil }
        if !isAtRest { return locks.first?.words ?? force.map { "\($0.by): \($0.why)" } }
        let first = obstacles(to: owner, at: now.monotonic).first ?? (duty?.phase == .starting ? nil : duty?.feederSays)
        return first?.words(at: now, plan.guards.clock)
    }

    /// When a start that is tried again may be, if another machine of its feeder has started meanwhile.
    func feederHolds(_ command: Command, at now: Monotonic) -> Monotonic? {
        guard let duty, duty.phase == .starting, isWork(command.value), let until = duty.feederSays?.until, until > now else { return nil }
        return until
    }

    // MARK: A person against life safety

    /// Who of life safety holds the machine at work, against a stop.
    func overridden(by value: Value, of person: String) -> Slot? {
        guard safe != nil, !isWork(value), let holder = slots.slots.first(where: { $0.priority == .lifeSafety && isWork($0.value) })
        else { return nil }
        // Life safety itself may hold it safe, and then there is nothing to be confirmed.
        let isSafe = slots.winner.map { $0.priority == .lifeSafety && !isWork($0.value) && $0.owner != person } ?? false
        return isSafe ? nil : holder
    }

    static func toBeConfirmed(_ holder: Slot) -> String {
        "to be confirmed: \(holder.who) holds it at work: \(holder.why); a confirmed stop lasts \(Pace.override.words) at most"
    }

    /// A confirmed stop: for so long life safety's own safe value, and then the override is heard again.
    mutating func override(by person: String, until end: Monotonic?, why: String, at now: Moment, _ ledger: inout Ledger) {
        guard let safe, let holder = overridden(by: safe, of: person) else { return }
        let most = now.monotonic + Pace.override
        let until = min(end ?? most, most)
        let text = "\(person) stops it against \(holder.who), confirmed; that is heard again in \((until - now.monotonic).words)"
        ledger.record(name, by: person, at: now, text)
        for slot in slots.empty(.manual) where slot.owner != person {
            ledger.record(name, by: person, at: now, "\(person) takes the place of \(slot.owner), who wanted \(words(slot.value))")
        }
        want(Want(point: plan.point, value: safe, priority: .lifeSafety, owner: person, expires: until, why: why), at: now, &ledger)
    }

    // MARK: Words

    /// What the guards hold against a start, and how far they are used up.
    func guardSentences(at now: Moment) -> [String] {
        let clock = plan.guards.clock
        var sentences: [String] = []
        if let duty, let until = duty.stopHeld(at: now.monotonic), !(slots.winner.map { isWork($0.value) } ?? false) {
            let obstacle = Obstacle(text: "It runs for \((duty.guards.minimumOn ?? .zero).words) at least", until: until, then: "it stops")
            sentences.append(obstacle.words(at: now, clock) + ".")
        }
        if let force { sentences.append("It is forced to its safe value by \(force.by): \(force.why).") }
        var standing = obstacles(to: slots.winner?.owner, at: now.monotonic)
        if isAtRest, let says = duty?.feederSays { standing.append(says) }
        sentences += standing.map { "Against a start: \($0.words(at: now, clock))." }
        if let duty, let most = duty.guards.startsPerHour {
            sentences.append("It has started \(duty.startsInHour(at: now.monotonic).count) of \(most) times in the last hour.")
        }
        return sentences
    }

    /// What a person is shown before a command: each condition, whether it holds, and what is so instead.
    func standings(by person: String, at now: Moment) -> [Selection.Standing] {
        guard let duty else { return locks.map { Selection.Standing(says: "nobody works at it", objection: $0.words) } }
        var list = [Selection.Standing(says: "nobody works at it", objection: locks.first?.words ?? seal)]
        let checks = [duty.guards.selector].compactMap { $0 }.map { ($0, duty.selector) } + zip(duty.guards.permissives, duty.permissives)
        list += checks.map { Selection.Standing(says: $0.says, objection: Self.objection($0, $1)) }
        list += zip(duty.interlocks, duty.guards.interlocks).map { state, plan in
            let isUp = state.isTripped || state.cause(of: plan) != nil
            return Selection.Standing(says: "no interlock: \(plan.check.says)", objection: isUp ? words(of: state, plan) : nil)
        }
        let named = Set(list.compactMap(\.objection))
        let others = obstacles(to: person, at: now.monotonic) + [duty.feederSays].compactMap { $0 }
        return list + others.filter { $0.until != nil && !named.contains($0.text) }.map {
            Selection.Standing(says: "it may start now", objection: $0.words(at: now, plan.guards.clock))
        }
    }
}
