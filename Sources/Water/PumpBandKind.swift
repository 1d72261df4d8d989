import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: pump-band`.
package struct PumpBandKind: RuleKind {
    package let word = "pump-band"
    package let keys = ["inputs", "start-at", "stop-at", "lag-at", "stagger", "pumps"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        let names = draft.inputNames(in: form, required: ["level"])
        let startAt = form.number("start-at", required: true)
        let stopAt = form.number("stop-at", required: true)
        let lagAt = lagLevels(form, startAt: startAt, stopAt: stopAt)
        let stagger = form.duration("stagger")
        let pumps = pumpForms(draft)
        if let startAt, startAt == stopAt {
            draft.mistakes.add(
                "'start-at' and 'stop-at' are both \(Wording.of(startAt)): a band has two ends", at: form.place(of: "stop-at"))
        }
        if pumps.count > 0, lagAt.count >= pumps.count {
            draft.mistakes.add(
                "'lag-at' names \(lagAt.count) levels for the pumps after the first, and there are \(pumps.count - 1)",
                at: form.place(of: "lag-at"))
        }
        var judges: [any Judge] = []
        for subject in draft.subjects {
            let level = names.flatMap { draft.inputs($0, of: subject) }
            let read = pumps.compactMap { pump(of: $0, for: subject, draft, isFirst: judges.isEmpty) }
            guard let level, let input = level.all.first else { break }
            checkLevel(draft, draft.context.directory[input.point], ends: [("start-at", startAt), ("stop-at", stopAt)])
            guard let startAt, let stopAt, read.count == pumps.count, !read.isEmpty else { break }
            judges.append(
                PumpBand(
                    name: subject.owner, level: level,
                    band: Band(startAt: startAt, stopAt: stopAt, lagAt: lagAt, unit: input.unit), pumps: read.map(\.pump),
                    stagger: stagger, targets: read.map(\.target)))
        }
        return judges
    }

    private func checkLevel(_ draft: RuleDraft, _ point: Point, ends: [(key: String, value: Double?)]) {
        let form = draft.form
        if point.type == .bool || point.type == .string {
            let place = form.node["inputs"]?["level"]?.place ?? form.node.place
            draft.mistakes.add("'\(point.name)' is no level: it holds no number", at: place)
        }
        for (key, end) in ends {
            guard let end, let range = point.range, !range.contains(end) else { continue }
            let span = "\(Wording.of(range.lowerBound))…\(Wording.of(range.upperBound))"
            draft.mistakes.add("'\(point.name)' goes from \(span); \(Wording.of(end)) is outside", at: form.place(of: key))
        }
    }

    private func pumpForms(_ draft: RuleDraft) -> [Form] {
        guard let node = draft.form.require("pumps") else { return [] }
        guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
            draft.mistakes.add("'pumps' must be a list of pumps, not \(node.kind)", at: node.place)
            return []
        }
        return nodes.compactMap { Form($0, "a pump", keys: ["run", "inputs", "available"], in: draft.mistakes) }
    }

    private func pump(
        of form: Form, for subject: RuleDraft.Subject, _ draft: RuleDraft, isFirst: Bool
    ) -> (pump: PumpBand.Pump, target: Target)? {
        let run = draft.actuator("run", in: form, of: subject)
        let names = form.has("inputs") || form.has("available") ? draft.inputNames(in: form) : RuleDraft.InputNames.none
        let available = draft.expression("available", in: form, inputs: names)
        if available != nil || !form.has("available") { draft.checkUse(of: names, by: [available].compactMap { $0 }) }
        guard let run, let names, let inputs = draft.inputs(names, of: subject) else { return nil }
        let point = draft.context.directory[run]
        guard point.type == .bool else {
            draft.mistakes.add("'\(point.name)' cannot run a pump: it is not true or false", at: form.place(of: "run"))
            return nil
        }
        if isFirst, let available { draft.check(conditions: [available], inputs: inputs) }
        let pump = PumpBand.Pump(title: point.name.device, run: run, inputs: inputs, available: available?.condition(of: inputs))
        return (pump, Target(point: run, priority: .automatic, place: form.place(of: "run")))
    }

    /// The levels of `lag-at`, which lead away from `stop-at` beyond `start-at`.
    private func lagLevels(_ form: Form, startAt: Double?, stopAt: Double?) -> [Double] {
        var levels: [Double] = []
        for (text, place) in form.strings("lag-at") ?? [] {
            guard let level = Double(text), level.isFinite else {
                form.mistakes.add("each of 'lag-at' must be a number, not '\(text)'", at: place)
                continue
            }
            if let startAt, let stopAt {
                let before = levels.last ?? startAt
                if startAt > stopAt ? level <= before : level >= before {
                    let way = startAt > stopAt ? "above" : "below"
                    form.mistakes.add("'lag-at' \(Wording.of(level)) must be \(way) \(Wording.of(before))", at: place)
                }
            }
            levels.append(level)
        }
        return levels
    }
}
