import Documents
import Rules
import Telemetry

/// One of a pump band's `pumps` as its file has it.
struct PumpForm {
    let role: Staging.Role
    private let form: Form
    private let names: RuleDraft.InputNames?
    private let available: RuleDraft.Draft?
    /// The key of what its turn goes by.
    private let useKey: String?

    static func all(of draft: RuleDraft, alternation: Alternation) -> [PumpForm] {
        guard let node = draft.form.require("pumps") else { return [] }
        guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
            draft.mistakes.add("'pumps' must be a list of pumps, not \(node.kind)", at: node.place)
            return []
        }
        let keys = ["run", "inputs", "available", "role", "hours", "starts"]
        return nodes.compactMap { node in
            Form(node, "a pump", keys: keys, in: draft.mistakes).map { PumpForm($0, draft, alternation) }
        }
    }

    private init(_ form: Form, _ draft: RuleDraft, _ alternation: Alternation) {
        self.form = form
        role = form.word("role", as: Staging.Role.self) ?? .duty
        names = form.has("inputs") || form.has("available") ? draft.inputNames(in: form) : RuleDraft.InputNames.none
        available = draft.expression("available", in: form, inputs: names)
        if available != nil || !form.has("available") { draft.checkUse(of: names, by: [available].compactMap { $0 }) }
        useKey = alternation.isByUse && role == .duty ? alternation.rawValue : nil
        if let useKey { _ = form.require(useKey) }
        for key in ["hours", "starts"] where form.has(key) && key != useKey {
            draft.mistakes.add("'\(key)' counts for a duty pump under 'alternate: \(key)' alone", at: form.place(of: key))
        }
    }

    /// - Parameter isFirst: whether nobody was asked yet: mistakes of an expression are noted once.
    func pump(for subject: RuleDraft.Subject, _ draft: RuleDraft, isFirst: Bool) -> (pump: PumpBand.Pump, target: Target)? {
        let run = draft.actuator("run", in: form, of: subject)
        let use = use(for: subject, draft)
        guard let run, let names, let inputs = draft.inputs(names, of: subject) else { return nil }
        let point = draft.context.directory[run]
        guard point.type == .bool else {
            draft.mistakes.add("'\(point.name)' cannot run a pump: it is not true or false", at: form.place(of: "run"))
            return nil
        }
        guard useKey == nil || use != nil else { return nil }
        if isFirst, let available { draft.check(conditions: [available], inputs: inputs) }
        let pump = PumpBand.Pump(
            title: point.name.device, run: run, inputs: inputs, available: available?.condition(of: inputs), role: role, use: use)
        return (pump, Target(point: run, priority: .automatic, place: form.place(of: "run")))
    }

    private func use(for subject: RuleDraft.Subject, _ draft: RuleDraft) -> Input? {
        guard let useKey, let text = form.string(useKey) else { return nil }
        let place = form.place(of: useKey)
        guard let point = draft.point(text, at: place, of: subject) else { return nil }
        let described = draft.context.directory[point]
        guard described.type != .bool, described.type != .string else {
            draft.mistakes.add("'\(described.name)' counts no \(useKey): it holds no number", at: place)
            return nil
        }
        return Input(name: useKey, point: point, in: draft.context.directory)
    }
}
