import Documents
import Rules
import Telemetry

/// The levels a pump band's file gives, at its top or in a profile.
struct LevelForm {
    static let keys = ["start-at", "stop-at", "lag-at"]
    /// Levels closer than this, in metres, are reached by a wave.
    private static let leastMetres = 0.15

    let form: Form
    let startAt: Double?
    let stopAt: Double?
    let lagAt: [(level: Double, place: Place)]

    init(_ form: Form) {
        self.form = form
        startAt = form.number("start-at", required: true)
        stopAt = form.number("stop-at", required: true)
        lagAt = Self.lagLevels(form, startAt: startAt, stopAt: stopAt)
        if let startAt, startAt == stopAt {
            form.mistakes.add(
                "'start-at' and 'stop-at' are both \(Wording.of(startAt)): a band has two ends", at: form.place(of: "stop-at"))
        }
    }

    func band(unit: String) -> Band? {
        guard let startAt, let stopAt else { return nil }
        return Band(startAt: startAt, stopAt: stopAt, lagAt: lagAt.map(\.level), unit: unit)
    }

    /// How far levels must be apart unless the file says so, in the level's unit; nil where that is no length.
    static func leastBand(in unit: String) -> Double? { Dimension.level.factor(of: unit).map { leastMetres / $0 } }

    /// Notes levels too close to each other, and levels outside of the point's range.
    /// - Parameter flood: the level of the flood, which comes after all others.
    func check(_ point: Point, least: Double?, flood: (level: Double, place: Place)?) {
        guard let startAt, let stopAt, startAt != stopAt else { return }
        let ends = [(startAt, form.place(of: "start-at")), (stopAt, form.place(of: "stop-at"))]
        let named = lagAt.map { ($0.level, $0.place) } + (flood.map { [($0.level, $0.place)] } ?? [])
        if let range = point.range {
            for (level, place) in ends + named where !range.contains(level) {
                let span = "\(Wording.of(range.lowerBound))…\(Wording.of(range.upperBound))"
                form.mistakes.add("'\(point.name)' goes from \(span); \(Wording.of(level)) is outside", at: place)
            }
        }
        if let flood, let last = lagAt.last?.level ?? self.startAt, startAt > stopAt ? flood.level <= last : flood.level >= last {
            let way = startAt > stopAt ? "above" : "below"
            form.mistakes.add("'flood-at' \(Wording.of(flood.level)) must be \(way) \(Wording.of(last))", at: flood.place)
            return
        }
        guard let least else { return }
        let steps = [(stopAt, form.place(of: "stop-at")), (startAt, form.place(of: "start-at"))] + named
        for (before, after) in zip(steps, steps.dropFirst()) {
            let apart = (after.0 - before.0).magnitude
            // A hair's breadth for what decimals are as binary numbers.
            guard apart < least - 1e-9 else { continue }
            let mark = point.unit.isEmpty ? "" : " \(point.unit)"
            form.mistakes.add(
                "\(Wording.of(after.0)) is only \(Wording.of(apart))\(mark) from \(Wording.of(before.0)), and less than "
                    + "\(Wording.of(least))\(mark) is a wave: move it, or give a 'minimum-band'", at: after.1)
        }
    }

    /// The levels of `lag-at`, which lead away from `stop-at` beyond `start-at`.
    private static func lagLevels(_ form: Form, startAt: Double?, stopAt: Double?) -> [(level: Double, place: Place)] {
        var levels: [(level: Double, place: Place)] = []
        for (text, place) in form.strings("lag-at") ?? [] {
            guard let level = Double(text), level.isFinite else {
                form.mistakes.add("each of 'lag-at' must be a number, not '\(text)'", at: place)
                continue
            }
            if let startAt, let stopAt {
                let before = levels.last?.level ?? startAt
                if startAt > stopAt ? level <= before : level >= before {
                    let way = startAt > stopAt ? "above" : "below"
                    form.mistakes.add("'lag-at' \(Wording.of(level)) must be \(way) \(Wording.of(before))", at: place)
                }
            }
            levels.append((level, place))
        }
        return levels
    }
}
