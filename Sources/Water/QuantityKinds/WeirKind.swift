import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: weir`: the flow over a weir from the level before it.
package struct WeirKind: RuleKind {
    private enum Shape: String, CaseIterable { case rectangular, notch = "v-notch" }

    package let word = "weir"
    package let keys = QuantityFile.keys + ["shape", "width", "crest"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let file = QuantityFile(draft, kind: word, slots: [QuantitySlot(name: "level", kind: .measure(.level))])
        let weir = weir(draft.form)
        let crest = draft.form.number("crest") ?? 0
        return file.judges(form: { _, _ in .measure(.flow) }) { sources in
            weir.map { WeirFlow(weir: $0, crest: crest * sources.factor(0)) }
        }
    }

    private func weir(_ form: Form) -> Weir? {
        guard let shape = form.word("shape", as: Shape.self, required: true) else { return nil }
        let width = form.number("width", required: shape == .rectangular)
        switch shape {
        case .notch:
            if form.has("width") { form.mistakes.add("a notch of 90° has no 'width'", at: form.place(of: "width")) }
            return .notch
        case .rectangular:
            guard let width else { return nil }
            guard width > 0 else {
                form.mistakes.add("'width' must be more than 0 m", at: form.place(of: "width"))
                return nil
            }
            return .rectangular(width: width)
        }
    }
}

/// The flow over a weir, as far as the present level tells.
struct WeirFlow: Quantity {
    enum Part: String, CaseIterable { case flow }

    let weir: Weir
    /// In metres, where the level is zero below it.
    let crest: Double
    private var flow: Double?

    init(weir: Weir, crest: Double) {
        self.weir = weir
        self.crest = crest
    }

    func outlasts(_ part: Part) -> Bool { false }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        flow = glimpse.number(0).map { weir.flow(head: $0 - crest) }
        return []
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? { flow.map { .number($0) } }
}
