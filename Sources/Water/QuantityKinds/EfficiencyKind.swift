import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: efficiency`: how much of its electricity a pump turns into lifted water.
package struct EfficiencyKind: RuleKind {
    package let word = "efficiency"
    package let keys = QuantityFile.keys + ["least-power"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let slots = [
            QuantitySlot(name: "flow", kind: .measure(.flow)), QuantitySlot(name: "head", kind: .measure(.head)),
            QuantitySlot(name: "power", kind: .measure(.power)),
        ]
        let file = QuantityFile(draft, kind: word, slots: slots)
        let least = draft.form.number("least-power") ?? 0
        return file.judges(form: { part, _ in .measure(part == .efficiency ? .share : .unitConsumption) }) { sources in
            PumpEfficiency(leastPower: least * sources.factor(2))
        }
    }
}

/// A pump's efficiency while it runs. Afterwards it is what it last was, and stale.
struct PumpEfficiency: Quantity {
    enum Part: String, CaseIterable { case efficiency, unitConsumption = "unit-consumption" }

    /// In W. A pump that takes no more does not run.
    let leastPower: Double
    private var share: Double?
    private var isRunning = false

    init(leastPower: Double) { self.leastPower = leastPower }

    func outlasts(_ part: Part) -> Bool { false }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        guard let flow = glimpse.number(0), let head = glimpse.number(1), let power = glimpse.number(2) else { return [] }
        isRunning = power > leastPower
        if isRunning { share = Efficiency.share(flow: flow, head: head, power: power) ?? share }
        return []
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? {
        guard let share else { return nil }
        // No pump gives back more than it takes: one of the three meters lies.
        if share > 1 || share < 0 { return Answer(.number(share), doubt: .outOfRange, isWrong: true) }
        let number = part == .efficiency ? share : Efficiency.unitConsumption(share: share)
        return number.map { .number($0, doubt: isRunning ? nil : .stale) }
    }
}
