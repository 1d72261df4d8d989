import Synchronization
package import Telemetry

/// What can be started and stopped, as people see it: a point that can be written and has a safe value.
package struct Machine: Sendable, Hashable {
    /// Who is heard.
    package struct Holder: Sendable, Hashable {
        package let owner: String
        package let priority: Priority
        package let value: Value
        /// nil until the owner lets go.
        package let until: Timestamp?
        package let why: String
    }

    package let point: PointID
    package let safe: Value
    /// What it reads; nil if nothing good was read yet.
    package let reads: Value?
    package let isAtWork: Bool
    /// nil where nobody wants anything: then it shall be its safe value.
    package let holder: Holder?
    package let locks: [LockOut]
    /// What forces the safe value now, or keeps everything from starting, as a sentence.
    package let forced: String?
    /// The interlocks that wait for a person's reset, by their sentences.
    package let kept: [String]
    /// What stands against a start now, in the order in which people are told.
    package let against: [String]
    /// How far the latest command has come, in a word or two.
    package let state: String
    package let hasDiverged: Bool
}

extension Arbiter {
    /// All of them, in the order of their plans.
    package func machines(at now: Moment) -> [Machine] {
        outputs.enumerated().compactMap { index, output in
            guard output.safe != nil else { return nil }
            var output = output
            output.duty?.feederSays = feederObstacle(to: index, at: now.monotonic)
            return output.machine(at: now)
        }
    }
}

extension Output {
    fileprivate func machine(at now: Moment) -> Machine? {
        guard let safe else { return nil }
        var copy = self
        _ = copy.slots.expire(at: now.monotonic)
        let holder = copy.slots.winner.map { slot in
            Machine.Holder(
                owner: slot.owner, priority: slot.priority, value: slot.value,
                until: slot.expires.map { now.wall.advanced(by: max($0 - now.monotonic, .zero)) }, why: slot.why)
        }
        let isAtWork = !isAtRest
        var against: [String] = []
        if !isAtWork {
            against = obstacles(to: copy.slots.winner?.owner, at: now.monotonic).map { $0.words(at: now, plan.guards.clock) }
            if let says = duty?.feederSays { against.append(says.words(at: now, plan.guards.clock)) }
        }
        let hasDiverged = if case .diverged = state { true } else { false }
        return Machine(
            point: plan.point, safe: safe, reads: present?.value, isAtWork: isAtWork, holder: holder, locks: locks,
            forced: seal ?? force?.why,
            kept: duty.map { duty in zip(duty.interlocks, duty.guards.interlocks).filter(\.0.isKept).map(\.1.check.says) } ?? [],
            against: against, state: state.word, hasDiverged: hasDiverged)
    }
}

extension Control {
    /// What can be started and stopped, as it stands now.
    package nonisolated var machines: [Machine] { core.withLock { [time] in $0.arbiter.machines(at: time.now()) } }
}

extension Arbiter {
    /// A person gives a machine back to its rules.
    package mutating func release(_ point: PointID, by person: String, at now: Moment) -> Answered {
        let now = notEarlier(now)
        guard let index = byPoint[point] else { return (.refused("the point cannot be written"), finish(at: now)) }
        var held: Value?
        change(index, at: now) { held = $0.release(person, by: "a person's word", at: now, &$1) }
        let answer: PersonAnswer =
            held == nil ? .refused("\(person) holds nothing here, and gives nothing back") : .done("given back to its rules")
        return (answer, finish(at: now))
    }
}

extension Control {
    package nonisolated func release(_ point: PointID, by person: String) -> PersonAnswer {
        var answer = PersonAnswer.refused("")
        performNow { [time] arbiter in
            let answered = arbiter.release(point, by: person, at: time.now())
            answer = answered.answer
            return answered.actions
        }
        return answer
    }
}
