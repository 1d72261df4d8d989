package import Rules
import Telemetry

/// Reads the rule files of `kind: voltage-unbalance`.
package struct UnbalanceKind: RuleKind {
    package let word = "voltage-unbalance"
    package let keys = QuantityFile.keys

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let slots = ["a", "b", "c"].map { QuantitySlot(name: $0, kind: .measure(.voltage)) }
        return QuantityFile(draft, kind: word, slots: slots).judges(form: { _, _ in .measure(.share) }) { _ in VoltageUnbalance() }
    }
}

struct VoltageUnbalance: Quantity {
    enum Part: String, CaseIterable { case unbalance }

    private var share: Double?

    func outlasts(_ part: Part) -> Bool { false }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        share = glimpse.numbers.flatMap { Unbalance.share(of: $0.compactMap(\.first)) }
        return []
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? { share.map { .number($0) } }
}
