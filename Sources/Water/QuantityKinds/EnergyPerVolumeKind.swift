import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: energy-per-volume`: kW·h for 1000 m³, from two meters.
package struct EnergyPerVolumeKind: RuleKind {
    package let word = "energy-per-volume"
    package let keys = QuantityFile.keys + ["span"]

    private static let defaultSpan: Duration = .seconds(3600)

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let slots = [
            QuantitySlot(name: "energy", kind: .measure(.energy)), QuantitySlot(name: "volume", kind: .measure(.volume)),
        ]
        let file = QuantityFile(draft, kind: word, slots: slots)
        let span = draft.form.duration("span") ?? Self.defaultSpan
        return file.judges(form: { _, _ in .measure(.energyPerVolume) }) { _ in MeteredEnergy(measure: EnergyPerVolume(span: span)) }
    }
}

/// What water cost in energy over the last whole span. A gap in the readings does no harm: meters count on.
struct MeteredEnergy: Quantity {
    enum Part: String, CaseIterable { case energyPerVolume = "energy-per-volume" }

    private var measure: EnergyPerVolume

    init(measure: EnergyPerVolume) { self.measure = measure }

    func outlasts(_ part: Part) -> Bool { true }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        guard let energy = glimpse.number(0), let volume = glimpse.number(1), !glimpse.isDark else { return [] }
        measure.hear(energy: energy, volume: volume, at: glimpse.moment)
        return []
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? { measure.quotient.map { .number($0) } }

    func keep(in memory: inout Memory, at now: Monotonic) { measure.keep(in: &memory, at: now) }
    mutating func recall(_ memory: Memory, since base: Monotonic) { measure.recall(memory, since: base) }
}
