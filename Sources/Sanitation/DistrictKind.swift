import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: district`.
package struct DistrictKind: RuleKind {
    package let word = "district"
    package let keys = ["inputs", "district", "margin", "fixes"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        if !form.has("for-each") { _ = form.require("for-each") }
        let names = draft.inputNames(in: form, required: ["latitude", "longitude"])
        let area = area(of: form, draft.context)
        let margin = form.number("margin") ?? 20
        if margin < 0 { draft.mistakes.add("'margin' is in metres and cannot be negative", at: form.place(of: "margin")) }
        let fixes = form.integer("fixes", in: 1...100) ?? 2
        guard let names, let area, form.has("for-each") else { return [] }
        let terms = DistrictWatch.Terms(area: area, margin: margin, fixes: fixes)
        var judges: [any Judge] = []
        for subject in draft.subjects {
            guard let inputs = draft.inputs(names, of: subject) else { break }
            for input in inputs.all where judges.isEmpty {
                let point = draft.context.directory[input.point]
                if point.type == .bool || point.type == .string {
                    let place = form.node["inputs"]?[input.name]?.place ?? form.node.place
                    draft.mistakes.add("'\(point.name)' is no \(input.name): it holds no number", at: place)
                }
            }
            judges.append(DistrictWatch(name: subject.owner, vehicle: subject.title, inputs: inputs, terms: terms))
        }
        return judges
    }

    private func area(of form: Form, _ context: RuleContext) -> Area? {
        guard let name = form.string("district", required: true) else { return nil }
        if let area = context.areas[name] { return area }
        form.mistakes.add(
            "the map has no district '\(name)'" + suggestion(for: name, among: context.areas.keys),
            at: form.place(of: "district"))
        return nil
    }
}
