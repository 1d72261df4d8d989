package import Telemetry

/// What a back-test found, for people (`lines`) and for machines (`Encodable`).
package struct BacktestReport: Encodable, Sendable {
    package struct Change: Encodable, Sendable {
        let time: String
        let point: String
        /// nil where nothing is wanted any more.
        let want: String?
        let owner: String
        let why: String
    }

    package struct Difference: Encodable, Sendable {
        package struct Spell: Encodable, Sendable {
            let from: String
            let to: String
            let wanted: String
            let was: String
        }

        let point: String
        let comparedSeconds: Double
        let apartSeconds: Double
        /// Those that outlast what a reading may be old: a shorter one is the way from a want to the reading that confirms it.
        let spells: [Spell]
        let shortSpells: Int
    }

    package struct Decision: Encodable, Hashable, Sendable {
        let time: String
        let origin: String
        let text: String
    }

    let rules: [String]
    let from: String
    let to: String
    let samples: Int
    let changes: [Change]
    let differences: [Difference]
    /// Decisions of these rules, and commands to the points they want, that are stored but would not have been; and those that
    /// would have been but are not stored.
    let onlyThen: [Decision]
    let onlyNow: [Decision]
    let same: Int

    /// - Parameters:
    ///   - names: the rules on trial.
    ///   - stored: what happened then, in the order of its time.
    package init(_ backtest: inout Backtest, names: [String], from: Timestamp, to: Timestamp, stored: [Event]) {
        let directory = backtest.directory
        let comparisons = backtest.finish(at: to)
        func isTried(_ owner: String) -> Bool { names.contains { owner == $0 || owner.hasPrefix($0 + "#") } }
        func shown(_ value: Value, _ point: PointID) -> String { Wording.of(value, unit: directory[point].unit) }
        rules = names
        self.from = "\(from)"
        self.to = "\(to)"
        samples = backtest.samples
        changes = backtest.changes.map { change in
            Change(
                time: "\(change.time)", point: "\(directory[change.point].name)", want: change.value.map { shown($0, change.point) },
                owner: change.owner, why: change.why)
        }
        differences = comparisons.map { point, comparison in
            let long = comparison.spells.filter { $0.to.since($0.from) > directory[point].maximumAge }
            return Difference(
                point: "\(directory[point].name)", comparedSeconds: comparison.compared.seconds, apartSeconds: comparison.apart.seconds,
                spells: long.map { spell in
                    Difference.Spell(
                        from: "\(spell.from)", to: "\(spell.to)", wanted: shown(spell.wanted, point), was: shown(spell.was, point))
                }, shortSpells: comparison.spells.count - long.count)
        }
        let wouldBe = backtest.events.filter { isTried($0.origin) && $0.time >= from && $0.time < to }
        let then = stored.filter { event in
            event.time >= from && event.time < to && (event.kind == .decision || event.kind == .alarm) && isTried(event.origin)
        }
        (same, onlyThen, onlyNow) = Self.compare(then, wouldBe)
    }

    /// Pairs decisions of the same rule with the same words that are at most a few seconds apart: then, a reading had to arrive.
    private static func compare(_ then: [Event], _ now: [Event]) -> (same: Int, onlyThen: [Decision], onlyNow: [Decision]) {
        struct Key: Hashable {
            let origin: String
            let subject: String
            let text: String
        }
        let tolerance: Duration = .seconds(5)
        var waiting: [Key: [Int]] = [:]
        for (index, event) in now.enumerated() {
            waiting[Key(origin: event.origin, subject: event.subject, text: event.text), default: []].append(index)
        }
        var isPaired = Array(repeating: false, count: now.count)
        var onlyThen: [Decision] = []
        var same = 0
        for event in then {
            let key = Key(origin: event.origin, subject: event.subject, text: event.text)
            let match = waiting[key]?.first { index in
                let apart = event.time.since(now[index].time)
                return !isPaired[index] && apart <= tolerance && apart >= .zero - tolerance
            }
            if let match {
                isPaired[match] = true
                same += 1
            } else {
                onlyThen.append(Decision(event))
            }
        }
        return (same, onlyThen, now.indices.filter { !isPaired[$0] }.map { Decision(now[$0]) })
    }
}

extension BacktestReport.Decision {
    fileprivate init(_ event: Event) { self.init(time: "\(event.time)", origin: event.origin, text: event.text) }
}

extension BacktestReport {
    /// One line for each change, then what differs from what was done.
    package var lines: [String] {
        var lines = ["\(rules.joined(separator: ", ")), \(from) to \(to): \(samples) samples, \(changes.count) changes"]
        lines += changes.map { "\($0.time)  \($0.point)  \($0.want ?? "nothing")  \($0.owner): \($0.why)" }
        lines += differences.flatMap { difference -> [String] in
            guard difference.comparedSeconds > 0 else { return ["\(difference.point)  nothing to compare: no reading while it was wanted"] }
            let spans = (Wording.of(.seconds(difference.apartSeconds)), Wording.of(.seconds(difference.comparedSeconds)))
            let short = difference.shortSpells > 0 ? ", \(difference.shortSpells) of them short" : ""
            let count = difference.spells.count + difference.shortSpells
            let head = "\(difference.point)  apart from what was done for \(spans.0) of \(spans.1), \(count) times\(short)"
            return [head] + difference.spells.map { "  \($0.from) to \($0.to): wanted \($0.wanted), was \($0.was)" }
        }
        lines.append("decisions: \(same) as they were, \(onlyNow.count) that were not made then, \(onlyThen.count) that would not be made")
        let apart = onlyNow.map { ("+", $0) } + onlyThen.map { ("-", $0) }
        lines += apart.sorted { ($0.1.time, $0.0, $0.1.origin, $0.1.text) < ($1.1.time, $1.0, $1.1.origin, $1.1.text) }
            .map { "\($0) \($1.time)  \($1.origin): \($1.text)" }
        return lines
    }
}
