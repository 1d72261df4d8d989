package import Rules
import Telemetry

/// Reads the rule files of `kind: run-time`: how long something ran, how often it started, and how long since its maintenance.
package struct RunTimeKind: RuleKind {
    package let word = "run-time"
    package let keys = QuantityFile.keys

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let slots = [
            QuantitySlot(name: "run", kind: .truth),
            // Set by whoever maintained it, and reset at leisure.
            QuantitySlot(name: "maintained", kind: .truth, isOptional: true),
        ]
        return QuantityFile(draft, kind: word, slots: slots).judges(form: { part, _ in
            part == .runTime || part == .sinceMaintenance ? .measure(.time) : .count
        }) { sources in
            RunTimeQuantity(longestGap: sources.longestGap, title: sources.input(0)?.title ?? "")
        }
    }
}

struct RunTimeQuantity: Quantity {
    enum Part: String, CaseIterable {
        case runTime = "run-time"
        case starts
        case startsWithinHour = "starts-within-hour"
        case sinceMaintenance = "since-maintenance"
        /// How many stretches are missing from the run time.
        case gaps
    }

    private var time: RunTime
    private let title: String

    init(longestGap: Duration, title: String) {
        time = RunTime(longestGap: longestGap)
        self.title = title
    }

    func outlasts(_ part: Part) -> Bool { true }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        guard glimpse.numbers != nil, !glimpse.isDark else {
            time.goDark()
            return []
        }
        time.hear(glimpse.isTrue(0), at: glimpse.moment)
        guard let maintained = glimpse.number(1), let ran = time.hear(isMaintaining: maintained == 1) else { return [] }
        return [News("\(title) was maintained, after \(Wording.of(ran)) of running since the time before")]
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? {
        switch part {
        case .runTime: .number(time.run.seconds)
        case .starts: .count(time.starts)
        case .startsWithinHour: .count(time.startsWithinHour(of: now))
        case .sinceMaintenance: .number((time.run - time.maintainedAt).seconds)
        case .gaps: .count(time.gaps)
        }
    }

    func keep(in memory: inout Memory, at now: Monotonic) { time.keep(in: &memory, at: now) }
    mutating func recall(_ memory: Memory, since base: Monotonic) { time.recall(memory, since: base) }
}
