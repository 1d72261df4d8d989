package import Telemetry

/// What people at the gateway may order: locks, resets, stops, and a start in two steps.
extension Arbiter {
    package typealias Answered = (answer: PersonAnswer, actions: [Action])

    /// All locks, the oldest first.
    package var lockOuts: [LockOut] { locks }

    /// What is to be stored of them.
    package var lockBook: LockBook { LockBook(locks: locks, seal: seal) }

    /// Takes effect at once, whoever wants otherwise.
    package mutating func lock(_ lock: LockOut, at now: Moment) -> Answered {
        let now = notEarlier(now)
        let covered = outputs.indices.filter { lock.covers(outputs[$0].point.name) }
        guard !covered.isEmpty else { return refuse("'\(lock.subject)' is no device or point that is commanded from here", at: now) }
        guard ![lock.person, lock.phone, lock.reason].contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
            return refuse("a lock-out bears a person, a phone number and a reason", at: now)
        }
        guard !locks.contains(where: { $0.subject == lock.subject && $0.person == lock.person }) else {
            return refuse("\(lock.person) has locked \(lock.subject) out already", at: now)
        }
        locks.append(lock)
        ledger.record(lock.subject, by: lock.person, at: now, lock.words)
        for index in covered { change(index, at: now) { $0.lock(lock, at: now, &$1) } }
        return (.done(lock.words), finish(at: now))
    }

    /// Only whoever locked it takes a lock away, or a supervisor who says why.
    package mutating func unlock(
        _ subject: String, of holder: String, by person: String, as role: Role, reason: String, at now: Moment
    ) -> Answered {
        let now = notEarlier(now)
        guard let place = locks.firstIndex(where: { $0.subject == subject && $0.person == holder }) else {
            return refuse("\(holder) has not locked \(subject) out", at: now)
        }
        let isReasoned = !reason.allSatisfy(\.isWhitespace)
        guard person == holder || role == .supervisor && isReasoned else {
            let why = role == .supervisor ? "a supervisor says why" : "only \(holder) takes it away, or a supervisor with a reason"
            return refuse("\(locks[place].words); \(why)", at: now)
        }
        let lock = locks.remove(at: place)
        let text = "the lock-out of \(holder) is taken away by \(person)\(isReasoned ? ": \(reason)" : ""); it was \(LockOut.warning)"
        ledger.record(subject, by: person, at: now, text)
        for index in outputs.indices where lock.covers(outputs[index].point.name) {
            change(index, at: now) { output, ledger in
                output.locks.removeAll { $0 == lock }
                output.settle(at: now, &ledger)
            }
        }
        return (.done(text), finish(at: now))
    }

    /// The locks of an earlier run; to be told before anything is wanted.
    package mutating func restore(_ lockOuts: [LockOut], at now: Moment) -> [Action] {
        let now = notEarlier(now)
        for lock in lockOuts where !locks.contains(lock) {
            locks.append(lock)
            for index in outputs.indices where lock.covers(outputs[index].point.name) {
                change(index, at: now) { $0.lock(lock, at: now, &$1) }
            }
        }
        return finish(at: now)
    }

    /// Nobody knows who has locked what: nothing starts until a supervisor says otherwise.
    package mutating func seal(because why: String, at now: Moment) -> [Action] {
        let now = notEarlier(now)
        seal = why
        ledger.record("control", by: "control", as: .alarm, at: now, why)
        for index in outputs.indices {
            change(index, at: now) { output, ledger in
                output.seal = why
                output.settle(at: now, &ledger)
            }
        }
        return finish(at: now)
    }

    package mutating func unseal(by person: String, as role: Role, reason: String, at now: Moment) -> Answered {
        let now = notEarlier(now)
        guard seal != nil else { return refuse("nothing is kept from starting", at: now) }
        guard role == .supervisor, !reason.allSatisfy(\.isWhitespace) else {
            return refuse("only a supervisor with a reason may say so", at: now)
        }
        let text = "\(person) lets machines start again: \(reason)"
        seal = nil
        ledger.record("control", by: person, at: now, text)
        for index in outputs.indices {
            change(index, at: now) { output, ledger in
                output.seal = nil
                output.settle(at: now, &ledger)
            }
        }
        return (.done(text), finish(at: now))
    }

    /// Lets a kept interlock go whose cause is gone.
    package mutating func reset(_ interlock: String, of point: PointID, by person: String, at now: Moment) -> Answered {
        let now = notEarlier(now)
        guard let index = byPoint[point], let duty = outputs[index].duty,
            let place = duty.guards.interlocks.firstIndex(where: { $0.check.says == interlock })
        else { return refuse("there is no interlock '\(interlock)' here", at: now) }
        guard duty.interlocks[place].isKept else { return refuse("'\(interlock)' needs no reset", at: now) }
        if let cause = duty.interlocks[place].cause(of: duty.guards.interlocks[place]) {
            return refuse("its cause is not gone: \(cause)", at: now)
        }
        let text = "\(person) resets the interlock: \(interlock)"
        ledger.record(outputs[index].name, by: person, at: now, text)
        change(index, at: now) { output, ledger in
            output.duty?.interlocks[place].reset()
            output.settle(at: now, &ledger)
        }
        return (.done(text), finish(at: now))
    }

    /// A stop is direct: no condition stands against it but life safety's own will, and that it must be confirmed.
    package mutating func stop(
        _ point: PointID, by person: String, for hold: Duration? = nil, isConfirmed: Bool = false, at now: Moment
    ) -> Answered {
        let now = notEarlier(now)
        guard let index = byPoint[point] else { return refuse("the point cannot be written", at: now) }
        guard let safe = outputs[index].safe else { return refuse("it has no safe value to be stopped to", at: now) }
        selects.cancel(outputs[index].point.name.site)
        let expires = hold.map { now.monotonic + $0 }
        ledger.counters.wants += 1
        for slot in outputs[index].slots.expire(at: now.monotonic) { outputs[index].recordExpiry(of: slot, at: now, &ledger) }
        if let holder = outputs[index].overridden(by: safe, of: person) {
            guard isConfirmed else {
                ledger.counters.refused += 1
                return (.toBeConfirmed(Output.toBeConfirmed(holder)), finish(at: now))
            }
            change(index, at: now) { $0.override(by: person, until: expires, why: "a person's stop", at: now, &$1) }
            return (.done("stopped for \(Pace.override.words) at most; then \(holder.who) is heard again"), finish(at: now))
        }
        let want = Want(point: point, value: safe, priority: .manual, owner: person, expires: expires, why: "a person's stop")
        change(index, at: now) { $0.want(want, at: now, &$1) }
        return (.done("stopped"), finish(at: now))
    }

    // MARK: Two steps

    /// - Parameter token: not to be guessed; made by the caller, since nothing here is random.
    package mutating func select(
        _ point: PointID, _ value: Value, by person: String, token: String, at now: Moment
    ) -> Result<Selection, SelectRefusal> {
        let now = notEarlier(now)
        guard let index = byPoint[point] else { return .failure(SelectRefusal("the point cannot be written")) }
        askFeeder(for: index, at: now.monotonic)
        let name = outputs[index].point.name
        selects.select(name, value, by: person, token: token, at: now.monotonic)
        return .success(
            Selection(
                token: token, point: name.description, value: value, until: now.wall.advanced(by: SelectDesk.span),
                standings: outputs[index].standings(by: person, at: now)))
    }

    /// Why what is operated is not what was selected; nil if it is, and then the command may follow at once.
    package mutating func operate(_ token: String, _ point: PointID, _ value: Value, by person: String, at now: Moment) -> String? {
        let now = notEarlier(now)
        guard let index = byPoint[point] else { return "the point cannot be written" }
        return selects.operate(token, outputs[index].point.name, value, by: person, at: now.monotonic)
    }

    private mutating func refuse(_ why: String, at now: Moment) -> Answered { (.refused(why), finish(at: now)) }
}

extension Output {
    /// Forces the safe value; what people had ordered does not come back to life when the lock is gone.
    mutating func lock(_ lock: LockOut, at now: Moment, _ ledger: inout Ledger) {
        locks.append(lock)
        dropOrders(because: lock.words, at: now, &ledger)
        settle(at: now, &ledger)
    }
}
