import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: pump-flow`: a pump's flow and the inflow of its well, from the level alone.
package struct PumpFlowKind: RuleKind {
    package let word = "pump-flow"
    package let keys = QuantityFile.keys + ["between", "area", "fresh-for"]

    /// A pump that has not run for a day may have worn, or been blocked, meanwhile.
    private static let defaultFreshness: Duration = .seconds(86_400)

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        let slots = [
            QuantitySlot(name: "level", kind: .measure(.level)), QuantitySlot(name: "pump", kind: .truth),
            QuantitySlot(name: "others", kind: .truth, isOptional: true, isList: true),
        ]
        let file = QuantityFile(draft, kind: word, slots: slots)
        let between = form.require("between") == nil ? nil : form.range("between")
        if let between, between.lowerBound == between.upperBound {
            draft.mistakes.add("'between' holds no water: both levels are the same", at: form.place(of: "between"))
        }
        let area = form.number("area", required: true)
        if let area, area <= 0 { draft.mistakes.add("'area' must be more than 0 m2", at: form.place(of: "area")) }
        let freshness = form.duration("fresh-for") ?? Self.defaultFreshness
        return file.judges(form: { _, _ in .measure(.flow) }) { sources -> PumpFlow? in
            guard let between, let area, area > 0 else { return nil }
            let (lower, upper) = (between.lowerBound * sources.factor(0), between.upperBound * sources.factor(0))
            let cycles = PumpCycles(
                lower: lower, upper: upper, volume: area * (upper - lower), longestGap: sources.longestGap)
            return PumpFlow(cycles: cycles, freshness: freshness)
        }
    }
}

/// What a well's cycles tell, until they are too long ago.
struct PumpFlow: Quantity {
    enum Part: String, CaseIterable { case pumpFlow = "pump-flow", inflow }

    private var cycles: PumpCycles
    private let freshness: Duration

    init(cycles: PumpCycles, freshness: Duration) {
        self.cycles = cycles
        self.freshness = freshness
    }

    func outlasts(_ part: Part) -> Bool { true }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        guard let level = glimpse.number(0), let others = glimpse.numbers?[2], glimpse.isCertain else {
            cycles.goDark()
            return []
        }
        let running: PumpCycles.Running = others.contains(1) ? .others : glimpse.isTrue(1) ? .pump : .none
        cycles.hear(level: level, running: running, at: glimpse.moment)
        return []
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? {
        let measured = part == .inflow ? cycles.inflow : cycles.pumpFlow
        return measured.map { .number($0.flow, doubt: now - $0.at > freshness ? .stale : nil) }
    }

    func keep(in memory: inout Memory, at now: Monotonic) { cycles.keep(in: &memory, at: now) }
    mutating func recall(_ memory: Memory, since base: Monotonic) { cycles.recall(memory, since: base) }
}
