import Telemetry

/// Where outputs put down what shall be done and what has been, while one input is worked through.
struct Ledger: Sendable {
    private(set) var actions: [Action] = []
    /// What senders of commands are to be told.
    private(set) var replies: [RemoteReply] = []
    var counters = Counters()
    private var lastID: UInt64 = 0
    private var lastPlea: UInt64 = 0

    mutating func write(_ value: Value, to point: PointID) -> CommandID {
        lastID += 1
        counters.sent += 1
        let id = CommandID(number: lastID)
        actions.append(.write(id, point, value))
        return id
    }

    mutating func record(_ subject: String, by origin: String, as kind: Event.Kind = .command, at now: Moment, _ text: String) {
        actions.append(.record(Event(time: now.wall, kind: kind, subject: subject, origin: origin, text: text)))
    }

    /// A place in line, behind all others.
    mutating func nextPlea() -> UInt64 {
        lastPlea += 1
        return lastPlea
    }

    mutating func takeActions() -> [Action] {
        defer { actions.removeAll() }
        return actions
    }

    mutating func answer(
        _ order: RemoteOrder, _ stage: RemoteStage, _ reason: String? = nil, point: String, value: Value?, at now: Moment
    ) {
        let answer = RemoteAnswer(
            id: order.id, origin: order.origin, point: point, stage: stage, reason: reason, value: value, time: now.wall)
        replies.append(RemoteReply(ticket: order.ticket, answer: answer, isLast: stage.isFinal))
    }

    mutating func takeReplies() -> [RemoteReply] {
        defer { replies.removeAll() }
        return replies
    }
}
