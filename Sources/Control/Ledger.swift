import Telemetry

/// Where outputs put down what shall be done and what has been, while one input is worked through.
struct Ledger: Sendable {
    private(set) var actions: [Action] = []
    var counters = Counters()
    private var lastID: UInt64 = 0

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

    mutating func takeActions() -> [Action] {
        defer { actions.removeAll() }
        return actions
    }
}
