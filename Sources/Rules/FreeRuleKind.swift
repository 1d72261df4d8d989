import Documents
import Telemetry

/// Reads the rule files that name no kind.
struct FreeRuleKind: RuleKind {
    let word = ""
    let keys = ["inputs", "when", "until", "hold", "at-most", "rest", "during", "then", "say"]

    func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        // A rule of the clock alone needs nothing else.
        let isOfClock = form.has("during") && !form.has("when")
        let names = isOfClock && !form.has("inputs") ? RuleDraft.InputNames.none : draft.inputNames(in: form)
        let when = isOfClock ? draft.always : draft.expression("when", in: form, inputs: names, required: true)
        let during = draft.schedule("during", in: form)
        let until = draft.expression("until", in: form, inputs: names)
        let steps = steps(of: draft)
        let hold = form.duration("hold")
        let atMost = form.duration("at-most")
        let rest = form.duration("rest")
        let say = form.string("say")
        guard let when, until != nil || !form.has("until") else { return [] }
        draft.checkUse(of: names, by: [when] + [until].compactMap { $0 })
        if rest != nil, steps.isEmpty, !form.has("then") {
            draft.mistakes.add("'rest' follows what the rule wanted, and this one has no 'then'", at: form.place(of: "rest"))
        }
        let terms = FreeRule.Terms(hold: hold, atMost: atMost, rest: rest, during: during, say: say)
        var judges: [any Judge] = []
        // Devices of one profile share what is asked of them.
        var known: [[String]: FreeRule.Questions] = [:]
        for subject in draft.subjects {
            let found = names.flatMap { draft.inputs($0, of: subject) }
            let wanted = wanted(steps, of: subject, draft)
            // What is wrong for one device is likely wrong for all: it is said once.
            guard let inputs = found, let wanted else { break }
            let signature = inputs.signature
            let questions =
                known[signature] ?? FreeRule.Questions(when: when.condition(of: inputs), until: until?.condition(of: inputs))
            if known[signature] == nil { draft.check(conditions: [when] + [until].compactMap { $0 }, inputs: inputs) }
            known[signature] = questions
            let words = wanted.map { item, _ in
                let described = draft.context.directory[item.point]
                return "\(described.name) \(Wording.of(item.value, unit: described.unit))"
            }
            judges.append(
                FreeRule(
                    name: subject.owner, subject: subject.title, inputs: inputs, questions: questions, terms: terms,
                    items: wanted.map(\.item), targets: wanted.map(\.target), wanted: words.joined(separator: ", ")))
        }
        return judges
    }

    private func steps(of draft: RuleDraft) -> [Form] {
        guard let then = draft.form.node["then"] else { return [] }
        guard case .sequence(let nodes) = then.content else {
            draft.mistakes.add("'then' must be a list of what is wanted, not \(then.kind)", at: then.place)
            return []
        }
        return nodes.compactMap { Form($0, "a want", keys: ["point", "value", "priority"], in: draft.mistakes) }
    }

    private func wanted(
        _ steps: [Form], of subject: RuleDraft.Subject, _ draft: RuleDraft
    ) -> [(item: Claim.Item, target: Target)]? {
        var wanted: [(item: Claim.Item, target: Target)] = []
        for step in steps {
            let priority = priority(of: step)
            let point = draft.actuator("point", in: step, of: subject)
            let value = point.flatMap { draft.value("value", in: step, for: $0) }
            guard let point, let value, let priority else { continue }
            let place = step.place(of: "point")
            let target = Target(point: point, priority: priority, place: place)
            wanted.append((Claim.Item(point: point, value: value, priority: priority), target))
        }
        return wanted.count == steps.count ? wanted : nil
    }

    private func priority(of step: Form) -> Priority? {
        guard let word = step.string("priority") else { return step.has("priority") ? nil : .automatic }
        let open = [Priority.automatic, .lifeSafety]
        if let priority = open.first(where: { $0.word == word }) { return priority }
        let hint =
            word == Priority.manual.word ? ", which is a person's alone" : suggestion(for: word, among: open.map(\.word))
        step.mistakes.add("a rule cannot have priority '\(word)'\(hint)", at: step.place(of: "priority"))
        return nil
    }
}
