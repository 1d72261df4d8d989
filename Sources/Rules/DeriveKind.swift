import Documents
import Expressions
import Telemetry

/// Reads the rule files that derive a point: those with a key `derive` and no `when`.
struct DeriveKind: RuleKind {
    let word = ""
    let keys = ["inputs", "derive"]

    func read(_ draft: RuleDraft) -> [any Judge] {
        let names = draft.inputNames(in: draft.form)
        let keys = ["point", "type", "unit", "range", "maximum-age", "value"]
        guard let form = draft.form.form("derive", "what is derived", keys: keys, required: true) else { return [] }
        let text = form.string("point", required: true)
        let type = form.word("type", as: ValueType.self)
        let range = form.range("range")
        _ = form.duration("maximum-age")
        let unit = form.string("unit") ?? ""
        let value = draft.expression("value", in: form, inputs: names, required: true)
        guard let text, let value, let names, type != nil || !form.has("type") else { return [] }
        draft.checkUse(of: names, by: [value])
        let terms = Derivation.Terms(type: type ?? .double, range: range)
        var judges: [any Judge] = []
        var known: [[String]: Formula] = [:]
        for subject in draft.subjects {
            let inputs = draft.inputs(names, of: subject)
            let derived = draft.derived(text, in: form, of: subject)
            guard let inputs, let derived else { break }
            let signature = inputs.signature
            if known[signature] == nil { check(value, inputs, unit: unit, type: terms.type, draft) }
            let formula = known[signature] ?? value.formula(of: inputs)
            known[signature] = formula
            judges.append(
                Derivation(
                    name: subject.owner, derives: derived, unit: unit, inputs: inputs, formula: formula, terms: terms))
        }
        return judges
    }

    /// Notes a value that is not of the point's type or unit.
    private func check(_ value: RuleDraft.Draft, _ inputs: Inputs, unit: String, type: ValueType, _ draft: RuleDraft) {
        guard let checked = draft.check(formula: value, inputs: inputs) else { return }
        let wanted = CELType(type)
        if checked.type != wanted, checked.type != .dyn {
            let message = "it must be of type \(wanted), as the point is, but is of type \(checked.type)"
            draft.note(ExpressionError(message: message, at: checked.root.place), in: value)
        }
        // A product's unit is the author's to name; a sum of metres is in metres.
        if let found = UnitCheck.unit(of: checked, units: inputs.units), found != unit {
            let said = unit.isEmpty ? "is given no unit" : "is said to be in \(unit)"
            draft.note(ExpressionError(message: "it is in \(found), but the point \(said)", at: checked.root.place), in: value)
        }
    }
}
