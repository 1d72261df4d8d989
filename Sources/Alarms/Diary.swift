import Telemetry

/// The changes of one alarm at one instant, as they are being made.
struct Diary {
    let definition: AlarmDefinition
    let now: Moment
    var who: String?
    private(set) var changes: [AlarmChange] = []

    init(definition: AlarmDefinition, now: Moment, who: String? = nil) {
        self.definition = definition
        self.now = now
        self.who = who
    }

    mutating func note(
        _ kind: AlarmChange.Kind, _ standing: Standing, _ text: String, isAnnunciated: Bool = false, isQuiet: Bool = false
    ) {
        changes.append(
            AlarmChange(
                kind: kind, alarm: definition.name, subject: definition.title, state: standing.state, time: now.wall,
                who: who ?? definition.name, text: text, isAnnunciated: isAnnunciated, isQuiet: isQuiet))
    }

    /// The last change left the alarm in another state than was noted with it.
    mutating func restate(_ standing: Standing) {
        guard let last = changes.popLast() else { return }
        changes.append(
            AlarmChange(
                kind: last.kind, alarm: last.alarm, subject: last.subject, state: standing.state, time: last.time, who: last.who,
                text: last.text, isAnnunciated: last.isAnnunciated, isQuiet: last.isQuiet))
    }
}
