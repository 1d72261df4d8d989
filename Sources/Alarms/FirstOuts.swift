import Telemetry

/// Which alarm of a group came first: what tripped the station, among all that the trip then raised.
struct FirstOuts: Sendable, Hashable, Codable {
    struct Sequence: Sendable, Hashable, Codable {
        @Kept var began: Monotonic?
        var count: Int
    }

    private var open: [String: Sequence] = [:]

    /// The place of an alarm that calls now: 1 for the first since the last reset, then those within the window; nil for later ones.
    mutating func place(in group: AlarmDefinition.FirstOut, at now: Monotonic) -> Int? {
        guard var sequence = open[group.group], let began = sequence.began else {
            open[group.group] = Sequence(began: now, count: 1)
            return 1
        }
        guard now - began <= group.window else { return nil }
        sequence.count += 1
        open[group.group] = sequence
        return sequence.count
    }

    /// False if there was nothing to reset.
    mutating func reset(_ group: String) -> Bool { open.removeValue(forKey: group) != nil }

    mutating func shift(by span: Duration) {
        for (group, sequence) in open {
            open[group] = Sequence(began: sequence.began.map { $0 + span }, count: sequence.count)
        }
    }

    mutating func keep(only groups: Set<String>) {
        open = open.filter { groups.contains($0.key) && (0..<AlarmSnapshot.plausible).contains($0.value.count) }
    }
}
