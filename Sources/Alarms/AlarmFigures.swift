package import Telemetry

/// How the alarms as a whole serve the people who answer them (ISA-18.2-2016, clause 16; EEMUA 191, appendix 12). An
/// alarm counts when it calls; what is shelved, suppressed or out of service does not.
package struct AlarmFigures: Sendable, Hashable {
    package struct Count: Sendable, Hashable {
        package let alarm: String
        package let count: Int
    }

    package struct Share: Sendable, Hashable {
        package let priority: AlarmPriority
        /// Of the calls of the last day, and of the alarms defined; 0 to 1, and nil where there are none.
        package let called: Double?
        package let defined: Double?
        package var recommended: Double { priority.recommendedShare }
    }

    /// One in ten minutes is acceptable, two are the most that can be managed.
    package let callsInTenMinutes: Int
    package let callsInADay: Int
    package let isFlood: Bool
    /// Floods since the figures began.
    package let floods: Int
    package let unacknowledged: Int
    /// Active, or latched, and not hidden.
    package let standing: Int
    package let shelved: Int
    package let suppressed: Int
    package let outOfService: Int
    /// How often alarms were raised where nobody was called.
    package let hiddenRaises: Int
    /// Alarms that cannot be judged now.
    package let blind: Int
    /// Active for more than a day, hidden or not.
    package let stale: [String]
    package let chattering: [String]
    /// The ten that called most in the last day: together they should be less than a twentieth of all calls.
    package let topTen: [Count]
    package let shares: [Share]
    /// Calls of the last day that are no longer remembered, since there were too many.
    package let forgotten: Int
}

extension AlarmDesk {
    package func figures(at now: Monotonic) -> AlarmFigures {
        let states = standings.map(\.state)
        func count(_ state: AlarmState) -> Int { states.count { $0 == state } }
        let day = annunciations.recent(Annunciations.day, at: now)
        var calls = [Int](repeating: 0, count: definitions.count)
        for call in day { calls[call.alarm] += 1 }
        let order = calls.indices.filter { calls[$0] > 0 }.sorted { (calls[$1], $0) < (calls[$0], $1) }
        let shares = AlarmPriority.allCases.map { priority in
            let defined = definitions.indices.filter { definitions[$0].priority == priority }
            return AlarmFigures.Share(
                priority: priority, called: Self.share(defined.reduce(0) { $0 + calls[$1] }, of: day.count),
                defined: Self.share(defined.count, of: definitions.count))
        }
        return AlarmFigures(
            callsInTenMinutes: annunciations.recent(Annunciations.window, at: now).count, callsInADay: day.count,
            isFlood: annunciations.isFlood, floods: annunciations.floods,
            unacknowledged: count(.unacknowledged) + count(.returnedUnacknowledged) + count(.latchedUnacknowledged),
            standing: standings.count { ($0.isActive || $0.isLatched) && !$0.isHidden }, shelved: count(.shelved),
            suppressed: count(.suppressedByDesign), outOfService: count(.outOfService),
            hiddenRaises: standings.reduce(0) { $0 + $1.hiddenRaises }, blind: standings.count(where: \.isBlind),
            stale: definitions.indices.filter { index in
                standings[index].activeSince.map { now - $0 > Annunciations.day } ?? false
            }.map { definitions[$0].name },
            chattering: annunciations.chattering(at: now).sorted().map { definitions[$0].name },
            topTen: order.prefix(10).map { AlarmFigures.Count(alarm: definitions[$0].name, count: calls[$0]) }, shares: shares,
            forgotten: annunciations.forgotten)
    }

    private static func share(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
}
