import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: plausible`.
package struct PlausibleKind: RuleKind {
    package let word = "plausible"
    package let keys = ["inputs", "derive", "rate", "resolution", "frozen-after", "pumping", "floats"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        let names = draft.inputNames(in: form)
        let pumping = draft.expression("pumping", in: form, inputs: names)
        var limits = Plausibility.Limits()
        limits.rate = positive("rate", in: form)
        limits.resolution = positive("resolution", in: form) ?? 0
        limits.frozenAfter = form.duration("frozen-after")
        let floats = floats(draft)
        limits.floats = floats.map(\.float)
        let derive = form.form("derive", "what is derived", keys: ["point", "unit", "maximum-age"], required: true)
        let text = derive?.string("point", required: true)
        let unit = derive?.string("unit") ?? ""
        if limits.rate == nil, limits.frozenAfter == nil, limits.floats.isEmpty,
            !["rate", "frozen-after", "floats"].contains(where: form.has)
        {
            draft.mistakes.add("it looks at nothing: give 'rate', 'frozen-after' with 'pumping', or 'floats'", at: form.node.place)
        }
        if form.has("frozen-after") != form.has("pumping") {
            let key = form.has("pumping") ? "pumping" : "frozen-after"
            draft.mistakes.add(
                "'frozen-after' and 'pumping' go together: a level may stand still while no pump runs", at: form.place(of: key))
        }
        guard let names, let derive, let text else { return [] }
        guard names.names.contains("level") else {
            draft.mistakes.add("'inputs' must name the 'level'", at: form.place(of: "inputs"))
            return []
        }
        let others = RuleDraft.InputNames(entries: names.entries.filter { $0.name != "level" })
        draft.checkUse(of: others, by: [pumping].compactMap { $0 })
        var judges: [any Judge] = []
        for subject in draft.subjects {
            let level = draft.inputs(RuleDraft.InputNames(entries: names.entries.filter { $0.name == "level" }), of: subject)
            let seen = draft.inputs(others, of: subject)
            let switches = floats.compactMap { draft.inputs($0.names, of: subject) }
            let derived = draft.derived(text, in: derive, of: subject)
            guard let level, let input = level.all.first, let seen, switches.count == floats.count, let derived else { break }
            check(input, unit: unit, switches, floats, derive, draft)
            if judges.isEmpty, let pumping { draft.check(conditions: [pumping], inputs: seen) }
            judges.append(
                PlausibleLevel(
                    name: subject.owner, derives: derived, level: level,
                    pumping: pumping.map { (seen, $0.condition(of: seen)) },
                    floats: switches.map { ($0, $0.all.first?.title ?? "") }, unit: unit, limits: limits))
        }
        return judges
    }

    private func check(
        _ level: Input, unit: String, _ switches: [Inputs], _ floats: [(float: Plausibility.Float, names: RuleDraft.InputNames)],
        _ derive: Form,
        _ draft: RuleDraft
    ) {
        if level.type != .double {
            draft.mistakes.add("'\(level.title)' is no level: it is \(level.type.rawValue)", at: draft.form.place(of: "inputs"))
        }
        if level.unit != unit {
            let said = unit.isEmpty ? "is given no unit" : "is said to be in \(unit)"
            draft.mistakes.add("'\(level.title)' is in \(level.unit), but what is derived \(said)", at: derive.place(of: "point"))
        }
        for (inputs, float) in zip(switches, floats) {
            guard let input = inputs.all.first, input.type != .bool, let place = float.names.entries.first?.pointPlace else {
                continue
            }
            draft.mistakes.add("'\(input.title)' is no float switch: it is not true or false", at: place)
        }
    }

    private func floats(_ draft: RuleDraft) -> [(float: Plausibility.Float, names: RuleDraft.InputNames)] {
        guard let node = draft.form.node["floats"] else { return [] }
        guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
            draft.mistakes.add("'floats' must be a list of float switches, not \(node.kind)", at: node.place)
            return []
        }
        return nodes.compactMap { node in
            guard let form = Form(node, "a float switch", keys: ["point", "at", "tolerance"], in: draft.mistakes) else {
                return nil
            }
            let point = form.string("point", required: true)
            let at = form.number("at", required: true)
            let tolerance = form.number("tolerance", required: true)
            if let tolerance, tolerance < 0 {
                draft.mistakes.add("'tolerance' is a distance, and not negative", at: form.place(of: "tolerance"))
            }
            guard let point, let at, let tolerance else { return nil }
            let place = form.place(of: "point")
            return (
                Plausibility.Float(at: at, tolerance: tolerance), RuleDraft.InputNames(entries: [("float", point, place, place)])
            )
        }
    }

    private func positive(_ key: String, in form: Form) -> Double? {
        guard let number = form.number(key) else { return nil }
        if number > 0 { return number }
        form.mistakes.add("'\(key)' must be more than zero", at: form.place(of: key))
        return nil
    }
}
