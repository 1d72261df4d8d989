import Historian
package import Rules
package import Telemetry

/// A rule tried on what is stored. Reads the store beside whoever writes it, and changes nothing.
package struct RuleTrial {
    private let rule: Rule
    private let plan: SitePlan
    private let reader: HistoryReader

    /// - Parameter rule: need not be one of the plan's.
    /// - Throws: if the store cannot be read.
    package init(of rule: Rule, in plan: SitePlan, folder: String) throws {
        self.rule = rule
        self.plan = plan
        reader = try HistoryReader(folder: folder)
    }

    /// Whether there is anything to try: a rule that derives a point wants nothing.
    package static func isPossible(for rule: Rule) -> Bool { !rule.judges.contains { $0.derives != nil } }

    /// May take seconds for each week.
    package func report(from start: Timestamp, to end: Timestamp) throws -> BacktestReport {
        let rules = plan.rules.deriving(for: rule) + [rule]
        let points = Set(rules.flatMap(\.judges).flatMap { $0.points + $0.targets.map(\.point) }).sorted()
        var backtest = Backtest(rules: rules, directory: plan.directory, start: start)
        var day = start
        while day < end {
            // A day at a time, so that a year needs no more memory than its longest day.
            let next = min(end, day.advanced(by: .seconds(86_400)))
            var samples: [Sample] = []
            for point in points {
                let stored = try reader.history(of: plan.directory[point].name, from: day, to: next, limit: .max)
                samples += stored.map { Sample(point: point, time: $0.time, reading: $0.reading) }
            }
            samples.sort { ($0.time, $0.point) < ($1.time, $1.point) }
            backtest.play(samples.chunked())
            day = next
        }
        return BacktestReport(&backtest, names: [rule.name], from: start, to: end, stored: try storedEvents())
    }

    private func storedEvents() throws -> [Event] {
        var events: [Event] = []
        var seq: Int64 = 0
        while true {
            let page = try reader.events(after: seq, limit: 1000)
            guard let last = page.last, last.seq > seq else { break }
            events += page.map(\.event)
            seq = last.seq
        }
        return events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
}

extension [Sample] {
    /// Sorted samples, those of one moment together.
    fileprivate func chunked() -> [[Sample]] {
        var chunks: [[Sample]] = []
        for sample in self {
            if chunks.last?.first?.time == sample.time {
                chunks[chunks.count - 1].append(sample)
            } else {
                chunks.append([sample])
            }
        }
        return chunks
    }
}
