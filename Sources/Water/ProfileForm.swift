import Documents
import Rules
import Telemetry

/// One of a pump band's `profiles` as its file has it.
struct ProfileForm {
    private static let keys = ["name", "during", "when", "inputs"] + LevelForm.keys

    let levels: LevelForm
    private let form: Form
    private let name: String?
    private let during: Schedule?
    private let names: RuleDraft.InputNames?
    private let when: RuleDraft.Draft?

    /// Every profile of the file; each name once.
    static func all(of draft: RuleDraft) -> [ProfileForm] {
        guard let node = draft.form.node["profiles"] else { return [] }
        guard case .sequence(let nodes) = node.content else {
            draft.mistakes.add("'profiles' must be a list of profiles, not \(node.kind)", at: node.place)
            return []
        }
        var names: Set<String> = []
        return nodes.compactMap { node in
            guard let form = Form(node, "a profile", keys: keys, in: draft.mistakes) else { return nil }
            let profile = ProfileForm(form, draft)
            if let name = profile.name, !names.insert(name).inserted {
                draft.mistakes.add("there are two profiles '\(name)'", at: form.place(of: "name"))
            }
            return profile
        }
    }

    private init(_ form: Form, _ draft: RuleDraft) {
        self.form = form
        name = form.string("name", required: true)
        levels = LevelForm(form)
        during = draft.schedule("during", in: form)
        names = form.has("inputs") || form.has("when") ? draft.inputNames(in: form) : RuleDraft.InputNames.none
        when = draft.expression("when", in: form, inputs: names)
        if when != nil || !form.has("when") { draft.checkUse(of: names, by: [when].compactMap { $0 }) }
        if !form.has("during"), !form.has("when") {
            draft.mistakes.add("a profile needs 'during' or 'when', or it would always be the one that counts", at: form.node.place)
        }
    }

    /// - Parameter isFirst: whether nobody was asked yet: mistakes of an expression are noted once.
    func profile(of subject: RuleDraft.Subject, unit: String, _ draft: RuleDraft, isFirst: Bool) -> Profile? {
        guard let name, let band = levels.band(unit: unit), let names, let inputs = draft.inputs(names, of: subject) else { return nil }
        guard during != nil || !form.has("during"), when != nil || !form.has("when") else { return nil }
        if isFirst, let when { draft.check(conditions: [when], inputs: inputs) }
        return Profile(name: name, band: band, during: during, inputs: inputs, when: when?.condition(of: inputs))
    }
}
