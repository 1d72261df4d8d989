import Telemetry

/// What to do next. Whatever has happened, `settle` is asked last.
extension Output {
    mutating func settle(at now: Moment, _ ledger: inout Ledger) {
        for slot in slots.expire(at: now.monotonic) { recordExpiry(of: slot, at: now, &ledger) }
        watchGuards(at: now, &ledger)
        if case .unknown = state { return }
        if case .sent(let command, let since, false) = state, since + Pace.overdue <= now.monotonic {
            state = .sent(command, since: since, isOverdue: true)
            ledger.record(
                name, by: "control", as: .alarm, at: now, "the write of \(words(command.value)) has no outcome after 1 min")
        }
        guard !state.isInFlight, let present else { return }
        guard let goal = guarded(goal(at: now.monotonic), at: now, &ledger) else { return letGo(&ledger) }
        if let command = state.command, command.value == goal.value {
            follow(command, to: goal, present, at: now, &ledger)
        } else {
            letGo(&ledger)
            begin(goal, present, at: now, &ledger)
        }
    }

    /// Leaves the point as it is.
    private mutating func letGo(_ ledger: inout Ledger) {
        if let command = state.command, !command.isClosed { ledger.counters.superseded += 1 }
        state = .idle
        relapses = 0
    }

    mutating func learn(_ value: Value, at now: Moment, _ ledger: inout Ledger) {
        state = .idle
        learned = now.monotonic
        guard slots.winner == nil, !hasBeenWanted, let safe, !agree(value, safe) else { return }
        ledger.record(
            name, by: "control", at: now,
            "reads \(words(value)) at first sight; unless someone speaks within \(Pace.start.words), its safe value "
                + "\(words(safe)) is written")
    }

    private mutating func begin(_ goal: Goal, _ present: Seen, at now: Moment, _ ledger: inout Ledger) {
        let isFresh = isCurrent && now.monotonic - present.at <= point.maximumAge
        guard isFresh, !owesWrite, agree(present.value, goal.value) else {
            ledger.counters.decided += 1
            let command = Command(value: goal.value, since: now.monotonic)
            return send(
                command, "\(words(goal.value)) for \(goal.who): \(goal.why); it read \(words(present.value))", goal, at: now,
                &ledger)
        }
        ledger.counters.adopted += 1
        ledger.record(
            name, by: goal.origin, at: now,
            "is \(words(present.value)) already, as \(goal.who) wants: \(goal.why); adopted, nothing is written")
        let command = Command(value: goal.value, since: present.at, isClosed: true)
        state = .echoed(command, until: now.monotonic + plan.within)
        follow(command, to: goal, present, at: now, &ledger)
    }

    private mutating func send(_ command: Command, _ text: String, _ goal: Goal, at now: Moment, _ ledger: inout Ledger) {
        var command = command
        command.id = ledger.write(command.value, to: plan.point)
        let isStart = isWork(command.value)
        duty?.sends(work: isStart, at: now.monotonic)
        command.since = now.monotonic
        lastSent = now.monotonic
        isCurrent = false
        state = .sent(command, since: now.monotonic, isOverdue: false)
        ledger.record(name, by: goal.origin, at: now, "writes " + text)
    }

    /// The goal is what the command is for: the next step of the command.
    private mutating func follow(_ command: Command, to goal: Goal, _ present: Seen, at now: Moment, _ ledger: inout Ledger) {
        switch state {
        case .unknown, .idle, .sent: break
        case .retrying(_, let until, let cause):
            if isCurrent, agree(present.value, command.value) {
                state = .echoed(command, until: now.monotonic + plan.within)
                follow(command, to: goal, present, at: now, &ledger)
            } else if until <= now.monotonic, let later = feederHolds(command, at: now.monotonic) {
                state = .retrying(command, until: later, cause: cause)
            } else if until <= now.monotonic {
                var next = command
                next.attempt += 1
                let text = "\(words(command.value)) for \(goal.who): \(goal.why); attempt \(next.attempt), after: \(cause)"
                send(next, text, goal, at: now, &ledger)
            }
        case .unread(_, let until):
            if isCurrent, agree(present.value, command.value) {
                state = .echoed(command, until: until)
                follow(command, to: goal, present, at: now, &ledger)
            } else if hasRelapsed(present, command) {
                diverge(command, "was written \(words(command.value)) but reads \(words(present.value))", at: now, &ledger)
            } else if until <= now.monotonic {
                let text = "was written \(words(command.value)) but could not be read within \(plan.within.words)"
                diverge(command, text, at: now, &ledger)
            }
        case .echoed(_, let until):
            if hasRelapsed(present, command) { return rewrite(command, goal, present, at: now, &ledger) }
            if isObeyed(command) {
                confirm(command, at: now, &ledger)
            } else if until <= now.monotonic {
                diverge(command, "is \(words(command.value)), but \(feedbackWords) after \(plan.within.words)", at: now, &ledger)
            }
        case .confirmed(_, let strayed):
            if hasRelapsed(present, command) { return rewrite(command, goal, present, at: now, &ledger) }
            watch(command, strayed: strayed, at: now, &ledger)
        case .diverged:
            if hasRelapsed(present, command) { return rewrite(command, goal, present, at: now, &ledger) }
            if isCurrent, agree(present.value, command.value), isObeyed(command) {
                state = .confirmed(command, strayed: nil)
                ledger.record(
                    name, by: "control", as: .alarm, at: now,
                    "is \(words(command.value)) after all\(obeyedWords); the alarm is over")
            }
        }
    }

    private mutating func confirm(_ command: Command, at now: Moment, _ ledger: inout Ledger) {
        var command = command
        if !command.isClosed {
            command.isClosed = true
            ledger.counters.confirmed += 1
            // A point that does not keep its value is written again and again; that it took it each time is no news.
            if relapses <= 1 {
                ledger.record(name, by: "control", at: now, "confirmed: reads \(words(command.value))\(obeyedWords)")
            }
        }
        state = .confirmed(command, strayed: nil)
    }

    mutating func diverge(_ command: Command, _ text: String, at now: Moment, _ ledger: inout Ledger) {
        var command = command
        if !command.isClosed {
            command.isClosed = true
            ledger.counters.diverged += 1
        }
        trouble = text
        state = .diverged(command)
        ledger.record(name, by: "control", as: .alarm, at: now, text)
    }

    mutating func retry(_ command: Command, _ cause: String, at now: Moment, _ ledger: inout Ledger) {
        let pause = Pace.retry(after: command.attempt)
        state = .retrying(command, until: now.monotonic + pause, cause: cause)
        // Later attempts carry the cause in their own event; the third failure in a row is for a person.
        guard command.attempt == 1 || command.attempt == 3 else { return }
        let text = "could not be written \(words(command.value)): \(cause); "
        ledger.record(
            name, by: "control", as: command.attempt == 3 ? .alarm : .command, at: now,
            text
                + (command.attempt == 3
                    ? "three attempts failed, and it is tried again until it works" : "tried again in \(pause.words)"))
    }

    /// The point no longer reads what was written: someone, or something, else changed it.
    private mutating func rewrite(_ command: Command, _ goal: Goal, _ present: Seen, at now: Moment, _ ledger: inout Ledger) {
        guard nextRewrite.map({ $0 <= now.monotonic }) ?? true else { return }
        if let lastSent, now.monotonic - lastSent >= Pace.calm { relapses = 0 }
        relapses += 1
        if !command.isClosed { ledger.counters.superseded += 1 }
        ledger.counters.decided += 1
        if relapses == 3 {
            let text = "does not stay \(words(command.value)): it was written three times and reads \(words(present.value)) again"
            ledger.record(name, by: "control", as: .alarm, at: now, text)
        }
        let text = "\(words(goal.value)) again for \(goal.who): it reads \(words(present.value)), changed by something else"
        send(Command(value: goal.value, since: now.monotonic), text, goal, at: now, &ledger)
    }

    /// The feedback of a confirmed point may stray, for as long as the machine may take to follow and no longer.
    private mutating func watch(_ command: Command, strayed: Monotonic?, at now: Moment, _ ledger: inout Ledger) {
        guard plan.feedback != nil, let feedback, feedbackCause == nil, !agree(feedback.value, command.value) else {
            state = .confirmed(command, strayed: nil)
            return
        }
        let since = strayed ?? feedback.at
        state = .confirmed(command, strayed: since)
        if since + plan.within <= now.monotonic {
            diverge(command, "is \(words(command.value)), but \(feedbackWords) for \(plan.within.words)", at: now, &ledger)
        }
    }

    func recordExpiry(of slot: Slot, at now: Moment, _ ledger: inout Ledger) {
        ledger.record(name, by: slot.owner, at: now, "the time of \(slot.who)'s \(words(slot.value)) is over")
    }
}
