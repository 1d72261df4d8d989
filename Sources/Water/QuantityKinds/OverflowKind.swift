import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: overflow`: what flows over an edge, by a table of levels and flows, how much and how often.
package struct OverflowKind: RuleKind {
    package let word = "overflow"
    package let keys = QuantityFile.keys + ["table", "table-unit", "rejoin"]

    private static let defaultRejoin: Duration = .seconds(5400)
    private static let mostLines = 100

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        let file = QuantityFile(draft, kind: word, slots: [QuantitySlot(name: "level", kind: .measure(.level))])
        let lines = lines(form)
        let unit = form.string("table-unit") ?? "m3/h"
        let factor = Dimension.flow.factor(of: unit)
        if factor == nil {
            draft.mistakes.add("'table-unit' cannot be '\(unit)': write \(Dimension.flow.list)", at: form.place(of: "table-unit"))
        }
        let rejoin = form.duration("rejoin") ?? Self.defaultRejoin
        return file.judges(form: { part, _ in Self.form(of: part) }) { sources -> OverflowQuantity? in
            guard let lines, let factor, let level = sources.input(0) else { return nil }
            let table = lines.map { OverflowTable.Line(level: $0.level * sources.factor(0), flow: $0.flow * factor) }
            return OverflowQuantity(
                table: OverflowTable(lines: table), longestGap: sources.longestGap, rejoin: rejoin, level: level.title)
        }
    }

    private static func form(of part: OverflowQuantity.Part) -> QuantityForm {
        switch part {
        case .flow: .measure(.flow)
        case .volume: .measure(.volume)
        case .count, .gaps: .count
        case .overflowing: .truth
        }
    }

    /// `[[level, flow], …]`, levels in the unit of the level's point.
    private func lines(_ form: Form) -> [OverflowTable.Line]? {
        guard let node = form.require("table") else { return nil }
        guard case .sequence(let members) = node.content, (2...Self.mostLines).contains(members.count) else {
            form.mistakes.add("'table' must be a list of 2 to \(Self.mostLines) points, each [level, flow]", at: node.place)
            return nil
        }
        var lines: [OverflowTable.Line] = []
        for member in members {
            guard case .sequence(let pair) = member.content, pair.count == 2, let level = pair[0].scalar.flatMap(Double.init),
                let flow = pair[1].scalar.flatMap(Double.init), level.isFinite, flow.isFinite, flow >= 0
            else {
                form.mistakes.add("write a point of the table as [level, flow], two numbers, the flow not below zero", at: member.place)
                return nil
            }
            if let last = lines.last, level <= last.level || flow < last.flow {
                let what = level <= last.level ? "level \(Wording.of(level))" : "flow \(Wording.of(flow))"
                let before = Wording.of(level <= last.level ? last.level : last.flow)
                form.mistakes.add("the \(what) comes after \(before): a table rises from point to point", at: member.place)
                return nil
            }
            lines.append(OverflowTable.Line(level: level, flow: flow))
        }
        return lines
    }
}

/// Overflows as far as the level tells.
struct OverflowQuantity: Quantity {
    enum Part: String, CaseIterable {
        case flow, volume, count, overflowing
        /// How many stretches are missing from the volume.
        case gaps
    }

    private let table: OverflowTable
    private let level: String
    private var flow: Double?
    private var overflows: Overflows

    init(table: OverflowTable, longestGap: Duration, rejoin: Duration, level: String) {
        self.table = table
        self.level = level
        overflows = Overflows(rejoin: rejoin, longestGap: longestGap)
    }

    func outlasts(_ part: Part) -> Bool { part != .flow }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        flow = glimpse.number(0).map { table.flow(at: $0) }
        guard let flow, !glimpse.isDark else {
            overflows.goDark()
            return []
        }
        return overflows.hear(flow, at: glimpse.moment).map { news in
            switch news {
            case .begins: News("overflow \(overflows.count) begins: \(level) is high enough for \(Wording.of(flow * 3600)) m3/h", .alarm)
            case .isOver(let volume, let lasted, let number, let hasGap):
                News(
                    "overflow \(number) is over after \(Wording.of(lasted)): \(hasGap ? "at least " : "")\(Wording.of(volume)) m3"
                        + (hasGap ? ", since the level was not known all the while" : ""))
            }
        }
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? {
        switch part {
        case .flow: flow.map { .number($0) }
        case .volume: .number(overflows.spilled.sum)
        case .count: .count(overflows.count)
        case .gaps: .count(overflows.spilled.gaps)
        case .overflowing: Answer(.truth(overflows.isFlowing))
        }
    }

    func keep(in memory: inout Memory, at now: Monotonic) { overflows.keep(in: &memory, at: now) }
    mutating func recall(_ memory: Memory, since base: Monotonic) { overflows.recall(memory, since: base) }
}
