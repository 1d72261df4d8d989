import Synchronization
package import Telemetry

/// What people order at the gateway itself, and what guards remember. On whatever thread; the write leaves at once.
extension Control {
    /// Locks a machine out. It is forced to its safe value before the lock is stored, and stored before this answers.
    package nonisolated func lock(_ lock: LockOut) -> PersonAnswer {
        stored(order { [time] in $0.lock(lock, at: time.now()) }, else: "it holds, but could not be stored and would not outlive a restart")
    }

    package nonisolated func unlock(_ subject: String, of holder: String, by person: String, role: Role, reason: String) -> PersonAnswer {
        let answer = order { [time] in $0.unlock(subject, of: holder, by: person, as: role, reason: reason, at: time.now()) }
        return stored(answer, else: "that could not be stored, and the lock would be back after a restart")
    }

    /// All lock-outs, the oldest first.
    package nonisolated var locks: [LockOut] { core.withLock { $0.arbiter.lockOuts } }

    /// Takes in what an earlier run knew of locks; before anything is wanted.
    package nonisolated func restore(_ book: LockBook) {
        perform { [time] in $0.restore(book.locks, at: time.now()) }
        if let seal = book.seal { self.seal(because: seal) }
    }

    /// Keeps everything from starting, since nobody knows who has locked what.
    package nonisolated func seal(because why: String) { perform { [time] in $0.seal(because: why, at: time.now()) } }

    package nonisolated func unseal(by person: String, role: Role, reason: String) -> PersonAnswer {
        let answer = order { [time] in $0.unseal(by: person, as: role, reason: reason, at: time.now()) }
        return stored(answer, else: "that could not be stored, and machines would not start after a restart")
    }

    package nonisolated func reset(_ interlock: String, of point: PointID, by person: String) -> PersonAnswer {
        order { [time] in $0.reset(interlock, of: point, by: person, at: time.now()) }
    }

    /// - Parameter hold: how long it stands; nil until the person lets go.
    package nonisolated func stop(
        _ point: PointID, by person: String, for hold: Duration? = nil, isConfirmed: Bool = false
    ) -> PersonAnswer {
        order { [time] in $0.stop(point, by: person, for: hold, isConfirmed: isConfirmed, at: time.now()) }
    }

    /// The first of two steps: what the person is about to do, and what stands against it.
    package nonisolated func select(_ point: PointID, _ value: Value, by person: String) -> Result<Selection, SelectRefusal> {
        // 128 bits of the system's randomness: nobody guesses another's token within its fifteen seconds.
        let token = String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
        return core.withLock { [time] in $0.arbiter.select(point, value, by: person, token: token, at: time.now()) }
    }

    /// The second: a command as any other, if it is what was selected.
    ///
    /// - Returns: why it is not; nil if the command was handed on, and then `answer` tells what comes of it.
    package nonisolated func operate(
        _ token: String, _ point: PointID, _ value: Value, by person: String, for hold: Duration? = nil, under terms: RemoteTerms,
        answer: @escaping @Sendable (RemoteAnswer) -> Void
    ) -> String? {
        let (refusal, name) = core.withLock { [time] in
            ($0.arbiter.operate(token, point, value, by: person, at: time.now()), $0.arbiter.name(of: point))
        }
        if let refusal { return refusal }
        command(RemoteCommand(origin: person, point: name, order: .set(value), hold: hold), under: terms, answer: answer)
        return nil
    }

    /// Takes in what guards knew; before anything is wanted or read.
    package nonisolated func restore(_ guards: GuardSnapshot) { perform { [time] in $0.restore(guards, at: time.now()) } }

    package nonisolated var guardSnapshot: GuardSnapshot { core.withLock { [time] in $0.arbiter.guardSnapshot(at: time.now()) } }

    private nonisolated func order(_ body: (inout Arbiter) -> Arbiter.Answered) -> PersonAnswer {
        var answer = PersonAnswer.refused("")
        performNow { arbiter in
            let answered = body(&arbiter)
            answer = answered.answer
            return answered.actions
        }
        return answer
    }

    private nonisolated func stored(_ answer: PersonAnswer, else trouble: String) -> PersonAnswer {
        guard case .done(let text) = answer else { return answer }
        let (book, number) = core.withLock { core in
            core.lockWrites += 1
            return (core.arbiter.lockBook, core.lockWrites)
        }
        guard let cause = keepLocks(book, number) else { return answer }
        let event = Event(time: time.now().wall, kind: .alarm, subject: "control", origin: "control", text: "\(text): \(trouble): \(cause)")
        record(event)
        return .done("\(text); \(trouble): \(cause)")
    }
}
