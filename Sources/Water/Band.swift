import Rules

/// The levels at which pumps start and stop, in the level's unit.
struct Band: Sendable {
    let startAt: Double
    let stopAt: Double
    /// For each further pump, beyond `startAt` as seen from `stopAt`, nearest first.
    let lagAt: [Double]
    let unit: String

    /// Draining starts high and stops low; filling the other way round.
    var drains: Bool { startAt > stopAt }

    var verb: String { drains ? "draining" : "filling" }

    /// Whether a level has reached another in the direction in which pumps are called for.
    func reaches(_ level: Double, _ threshold: Double) -> Bool { drains ? level >= threshold : level <= threshold }

    func isAtStop(_ level: Double) -> Bool { drains ? level <= stopAt : level >= stopAt }

    /// How many pumps this level alone calls for.
    func demand(at level: Double) -> Int {
        reaches(level, startAt) ? 1 + lagAt.count { reaches(level, $0) } : 0
    }

    /// How many pumps may stay on where they go off one by one: each until the level is back where the one before it started.
    func kept(at level: Double) -> Int { 1 + ([startAt] + lagAt).dropLast().count { reaches(level, $0) } }

    /// `level 2.41 m (starts at 2.4 m, stops at 1.2 m)`.
    func words(_ level: Double) -> String {
        let mark = unit.isEmpty ? "" : " \(unit)"
        return "level \(Wording.of(level))\(mark) (\(ends))"
    }

    /// `starts at 2.4 m, stops at 1.2 m`.
    var ends: String {
        let mark = unit.isEmpty ? "" : " \(unit)"
        return "starts at \(Wording.of(startAt))\(mark), stops at \(Wording.of(stopAt))\(mark)"
    }
}
