package import Telemetry

extension Arbiter {
    /// A command from outside. Its replies, the first of them at once, are left for `takeReplies`.
    ///
    /// - Parameter ticket: the caller's number for this call, given back with each reply.
    package mutating func command(_ command: RemoteCommand, under terms: RemoteTerms, ticket: UInt64, at now: Moment) -> [Action] {
        let now = notEarlier(now)
        ledger.counters.commands += 1
        made += command.id == nil ? 1 : 0
        let id = command.id ?? "\(now.wall.milliseconds)-\(made)"
        let order = Self.words(for: command)
        if let name = PointName(command.point) { selects.cancel(name.site) }
        switch desk.judge(command, called: id, as: order, under: terms, at: now) {
        case .flood(let why, let isFirst):
            ledger.counters.commandsRefused += 1
            if isFirst { ledger.record(subject(of: command), by: command.origin, at: now, "refused command '\(id)': \(why)") }
            reply(RemoteStage.refused, why, to: command, called: id, ticket, at: now, isRemembered: false)
        case .repeated(let first):
            ledger.counters.commandsRepeated += 1
            let text = "refused command '\(id)': it has come before and was \(first.stage.rawValue)"
            ledger.record(subject(of: command), by: command.origin, at: now, text)
            replies.append(RemoteReply(ticket: ticket, answer: first, isLast: true))
        case .refused(let why):
            refuse(command, called: id, ticket, why, at: now)
        case .heard(let deadline):
            remember(command, called: id, as: order, at: now)
            hear(command, called: id, ticket, before: deadline, under: terms, at: now)
        }
        return finish(at: now)
    }

    /// What is to be told to the senders of commands since this was last asked.
    package mutating func takeReplies() -> [RemoteReply] {
        defer { replies.removeAll() }
        return replies
    }

    /// The ids that are remembered against repetition, to be stored; the oldest first.
    package var remembered: [RememberedCommand] { desk.memory.exported }

    /// Those of them that are new, or have come further, since this was last asked.
    package mutating func takeChangedCommands() -> [RememberedCommand] { desk.memory.takeChanged() }

    /// Takes in the ids an earlier run remembered.
    package mutating func restore(_ commands: [RememberedCommand], at now: Moment) { desk.memory.restore(commands, at: notEarlier(now)) }

    // MARK: Inside

    private mutating func hear(
        _ command: RemoteCommand, called id: String, _ ticket: UInt64, before deadline: Monotonic, under terms: RemoteTerms,
        at now: Moment
    ) {
        guard let point = directory.id(of: command.point) else {
            return refuse(command, called: id, ticket, "there is no such point", at: now)
        }
        guard let index = byPoint[point] else {
            return refuse(command, called: id, ticket, "the point cannot be written", at: now)
        }
        if isStopping { return refuse(command, called: id, ticket, "the gateway is stopping", at: now) }
        guard case .set(let wanted) = command.order else {
            ledger.counters.commandsReleased += 1
            var held: Value?
            change(index, at: now) { held = $0.release(command.origin, by: "command '\(id)'", at: now, &$1) }
            return reply(.released, held == nil ? "nothing was held" : nil, to: command, called: id, ticket, at: now)
        }
        var refusal: String?
        askFeeder(for: index, at: now.monotonic)
        change(index, at: now) { output, ledger in
            for slot in output.slots.expire(at: now.monotonic) { output.recordExpiry(of: slot, at: now, &ledger) }
            switch output.judge(wanted, from: command.origin, isConfirmed: command.isConfirmed, at: now) {
            case .failure(let why):
                refusal = why.reason
                output.settle(at: now, &ledger)
            case .success(let value):
                ledger.counters.commandsAccepted += 1
                ledger.counters.wants += 1
                let hold = command.hold ?? (output.safe == nil ? nil : terms.hold)
                let end = hold.map { min(deadline, now.monotonic + $0) } ?? deadline
                var order = RemoteOrder(ticket: ticket, id: id, origin: command.origin, value: value, deadline: end, hold: hold)
                order.isOverride = output.overridden(by: value, of: command.origin) != nil
                output.hear(order, at: now, &ledger)
            }
        }
        if let refusal { refuse(command, called: id, ticket, refusal, at: now) }
    }

    private mutating func refuse(_ command: RemoteCommand, called id: String, _ ticket: UInt64, _ why: String, at now: Moment) {
        ledger.counters.commandsRefused += 1
        let text = "refused command '\(id.prefix(RemoteDesk.longestID))' (\(Self.wish(of: command))): \(why)"
        ledger.record(subject(of: command), by: command.origin, at: now, text)
        remember(command, called: id, as: Self.words(for: command), at: now)
        reply(.refused, why, to: command, called: id, ticket, at: now)
    }

    /// Only ids of the sender's own, and the first of each: what is made here cannot come again.
    private mutating func remember(_ command: RemoteCommand, called id: String, as order: String, at now: Moment) {
        let key = RemoteMemory.Key(origin: command.origin, id: id)
        guard command.id != nil, (1...RemoteDesk.longestID).contains(id.utf8.count), desk.memory[key] == nil else { return }
        let answer = answer(.accepted, nil, to: command, called: id, at: now)
        desk.memory.remember(key, RemoteMemory.Entry(order: order, heard: now, answer: answer))
    }

    private mutating func reply(
        _ stage: RemoteStage, _ reason: String?, to command: RemoteCommand, called id: String, _ ticket: UInt64, at now: Moment,
        isRemembered: Bool = true
    ) {
        let answer = answer(stage, reason, to: command, called: id, at: now)
        let key = RemoteMemory.Key(origin: command.origin, id: id)
        let isFirst = desk.memory[key].map { $0.order == Self.words(for: command) && !$0.answer.stage.isFinal } ?? false
        if isRemembered, isFirst { desk.memory.note(answer) }
        replies.append(RemoteReply(ticket: ticket, answer: answer, isLast: true))
    }

    private func answer(
        _ stage: RemoteStage, _ reason: String?, to command: RemoteCommand, called id: String, at now: Moment
    ) -> RemoteAnswer {
        var value: Value?
        if case .set(let wanted) = command.order { value = wanted }
        return RemoteAnswer(
            id: id, origin: command.origin, point: command.point, stage: stage, reason: reason, value: value, time: now.wall)
    }

    /// A name from outside may be of any length.
    private func subject(of command: RemoteCommand) -> String { String(command.point.prefix(200)) }

    /// What a repetition must say as well.
    private static func words(for command: RemoteCommand) -> String { "\(command.point.prefix(200)) \(wish(of: command))" }

    private static func wish(of command: RemoteCommand) -> String {
        switch command.order {
        case .set(let value): "= \(Output.bare(value))"
        case .release: "released"
        case .unreadable: "not understood"
        }
    }
}
