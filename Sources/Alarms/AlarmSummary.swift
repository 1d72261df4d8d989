package import Telemetry

/// An alarm as it stands, for pages.
package struct AlarmSummary: Sendable {
    package struct Shelf: Sendable, Hashable {
        package let until: Timestamp
        package let who: String
        package let reason: String
    }

    package struct Answer: Sendable, Hashable {
        package let time: Timestamp
        package let who: String
        package let comment: String
    }

    package let definition: AlarmDefinition
    package let state: AlarmState
    package let flags: ConditionFlags
    /// Whether the condition can be judged now; while it cannot, the alarm stays as it was.
    package let isBlind: Bool
    /// 1 for the first of its group.
    package let place: Int?
    package let activeSince: Timestamp?
    package let lastCall: Timestamp?
    /// Who acknowledged it, of an alarm that is acknowledged.
    package let answer: Answer?
    package let shelf: Shelf?
    /// Who took it out of service or suppressed it, and why.
    package let hiddenBy: (who: String, reason: String)?
    package let hiddenRaises: Int
}

extension AlarmDesk {
    /// What is on the list of an operator who takes over a shift: all that is not plainly normal, the most urgent and latest
    /// first; hidden ones after the others.
    package func list(at now: Moment) -> [AlarmSummary] {
        let listed = definitions.indices.filter { standings[$0].matters || standings[$0].isHiddenByPeople }
        let sorted = listed.sorted { a, b in
            let (left, right) = (standings[a], standings[b])
            if left.isHidden != right.isHidden { return right.isHidden }
            if definitions[a].priority != definitions[b].priority { return definitions[a].priority > definitions[b].priority }
            let (first, second) = (left.announcedAt ?? .zero, right.announcedAt ?? .zero)
            return first == second ? a < b : first > second
        }
        return sorted.map { summary($0, at: now) }
    }

    /// One alarm, whatever its state; nil if there is none of that name.
    package func summary(of alarm: String, at now: Moment) -> AlarmSummary? {
        family.places[alarm].map { summary($0, at: now) }
    }

    private func summary(_ index: Int, at now: Moment) -> AlarmSummary {
        let standing = standings[index]
        func wall(_ time: Monotonic?) -> Timestamp? { time.map { now.wall.advanced(by: $0 - now.monotonic) } }
        let shelf = standing.shelf.map {
            AlarmSummary.Shelf(until: wall($0.until) ?? now.wall, who: $0.note.who, reason: $0.note.reason)
        }
        let answer = standing.matters && standing.isAcked ? standing.answer : nil
        return AlarmSummary(
            definition: definitions[index], state: standing.state, flags: standing.flags, isBlind: standing.isBlind,
            place: standing.place, activeSince: wall(standing.activeSince), lastCall: wall(standing.announcedAt),
            answer: answer.map { .init(time: wall($0.at) ?? now.wall, who: $0.who, comment: $0.comment) }, shelf: shelf,
            hiddenBy: (standing.outOfService ?? standing.suppressed).map { ($0.who, $0.reason) },
            hiddenRaises: standing.hiddenRaises)
    }
}

extension Standing {
    /// A shift must know of these even where they are quiet.
    var isHiddenByPeople: Bool { shelf != nil || suppressed != nil || outOfService != nil }
}
