import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: total`: what a rate comes to over time, or what a counter has counted through every roll-over.
package struct TotalKind: RuleKind {
    package let word = "total"
    package let keys = QuantityFile.keys + ["counter", "from"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        let isCounter = form.node["inputs"]?["counter"] != nil
        let name = isCounter ? "counter" : "rate"
        let file = QuantityFile(draft, kind: word, slots: [QuantitySlot(name: name, kind: .number)])
        let from = form.number("from") ?? 0
        guard isCounter else {
            if form.has("counter") {
                draft.mistakes.add("'counter' describes an input 'counter', and this total has none", at: form.place(of: "counter"))
            }
            return ofRate(file, draft, from: from)
        }
        let terms = CounterForm(form)?.terms(from: from)
        return file.judges(form: { part, sources in
            part.isAmount ? .measure(Dimension.counted(in: sources.input(0)?.unit ?? "")) : .count
        }) { sources -> MeterTotal? in
            guard let terms, let input = sources.input(0) else { return nil }
            return MeterTotal(terms: terms, factor: Dimension.counted(in: input.unit).factor(of: input.unit) ?? 1, meter: input)
        }
    }

    private func ofRate(_ file: QuantityFile, _ draft: RuleDraft, from: Double) -> [any Judge] {
        file.judges(form: { part, sources -> QuantityForm in
            guard part.isAmount else { return .count }
            return .measure(Dimension.total(ofRateIn: sources.input(0)?.unit ?? "")?.dimension ?? Dimension("a total", [("", 1)]))
        }) { sources -> RatedTotal? in
            guard let input = sources.input(0) else { return nil }
            guard let (dimension, factor) = Dimension.total(ofRateIn: input.unit) else {
                let place = draft.form.node["inputs"]?["rate"]?.place ?? draft.form.place(of: "inputs")
                let said = input.unit.isEmpty ? "has no unit" : "is in \(input.unit)"
                draft.mistakes.add("'\(input.title)' \(said), which is no rate: write such as m3/h or kW", at: place)
                return nil
            }
            // `from` is in the unit of the total: of several, the first one's.
            let unit = draft.form.node["derive"].flatMap { node -> String? in
                if case .sequence(let members) = node.content { return members.lazy.compactMap { $0["unit"]?.scalar }.first }
                return node["unit"]?.scalar
            }
            return RatedTotal(
                longestGap: sources.longestGap, factor: factor, from: from * (unit.flatMap { dimension.factor(of: $0) } ?? 1))
        }
    }
}

/// How a counter counts, as a file says it: `{ bits: 16, scale: 0.1, most-per-hour: 500 }` or `{ digits: 6 }`.
struct CounterForm {
    private let modulus: Double?
    private let mostPerHour: Double?

    /// nil after noting what is wrong. Without the key the counter never begins again.
    init?(_ whole: Form) {
        guard whole.has("counter") else {
            (modulus, mostPerHour) = (nil, nil)
            return
        }
        let keys = ["bits", "digits", "scale", "most-per-hour"]
        guard let form = whole.form("counter", "a counter", keys: keys) else { return nil }
        let bits = form.integer("bits", in: 8...64)
        let digits = form.integer("digits", in: 1...18)
        let scale = form.number("scale") ?? 1
        let most = form.number("most-per-hour")
        if form.has("bits"), form.has("digits") {
            form.mistakes.add("a counter has 'bits' or 'digits', not both", at: form.place(of: "digits"))
        }
        for (key, number) in [("scale", scale), ("most-per-hour", most ?? 1)] where number <= 0 {
            form.mistakes.add("'\(key)' must be more than 0", at: form.place(of: key))
            return nil
        }
        var steps: Double?
        if let bits { steps = (0..<bits).reduce(1.0) { power, _ in power * 2 } }
        if let digits { steps = (0..<digits).reduce(1.0) { power, _ in power * 10 } }
        modulus = steps.map { $0 * scale }
        mostPerHour = most
        // A span of an hour is forgiven to meters of coarse steps; a counter that is full sooner cannot be followed so.
        if let modulus, let most, most >= modulus {
            form.mistakes.add(
                "a counter that begins again at \(Wording.of(modulus)) goes round within the hour at \(Wording.of(most)) an hour",
                at: form.place(of: "most-per-hour"))
            return nil
        }
    }

    func terms(from start: Double) -> CounterTotal.Terms {
        CounterTotal.Terms(modulus: modulus, mostPerHour: mostPerHour, start: start)
    }
}
