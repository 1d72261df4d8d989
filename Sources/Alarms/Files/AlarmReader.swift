import Documents
import Telemetry

/// One alarm file being read.
struct AlarmReader {
    private static let keys = [
        "alarm", "about", "point", "points", "when", "on-delay", "off-delay", "latching", "confirm", "priority", "cause",
        "consequence",
        "action", "time-allowed", "role", "parent", "first-out", "suppressed-when", "re-alarm", "shelve-at-most",
    ]

    let name: String
    let directory: Directory
    let mistakes: Mistakes

    /// Notes every mistake it finds.
    /// - Returns: an alarm for each point, or none if there was a mistake.
    func read(_ root: Node) -> [AlarmDraft] {
        let before = mistakes.all.count
        guard let form = Form(root, "an alarm", keys: Self.keys, in: mistakes) else { return [] }
        if form.string("alarm", required: true) != nil, root["alarm"]?.scalar != "1" {
            mistakes.add("'alarm' is the version of the format, and must be 1", at: form.place(of: "alarm"))
        }
        let about = form.string("about", required: true)
        let priority = form.word("priority", as: AlarmPriority.self, required: true)
        let guidance = guidance(form)
        let parent = form.string("parent").map { ($0, form.place(of: "parent")) }
        let firstOut = firstOut(form)
        let spans = (
            on: form.duration("on-delay"), off: form.duration("off-delay"), again: form.duration("re-alarm"),
            shelf: form.duration("shelve-at-most")
        )
        let flags = (latching: form.flag("latching"), confirm: form.flag("confirm"))
        if priority == .highest {
            for key in ["parent", "suppressed-when"] where form.has(key) {
                mistakes.add(
                    "an alarm of the highest priority is never suppressed, so it has no '\(key)'", at: form.place(of: key))
            }
        }
        if let priority, let span = spans.shelf, span > priority.longestShelf {
            let most = AlarmWords.of(priority.longestShelf)
            mistakes.add(
                "an alarm of \(priority.rawValue) priority is shelved for at most \(most)", at: form.place(of: "shelve-at-most"))
        }
        let points = points(form)
        let drafts = points.all.compactMap { point -> AlarmDraft? in
            let reader = ConditionReader(form: form, directory: directory, subject: point)
            let condition = reader.condition()
            let suppressors = reader.suppressors()
            guard let condition, let about, let priority, let guidance else { return nil }
            return AlarmDraft(
                name: points.areMany ? "\(name)#\(directory[point].name)" : name, about: about, point: point,
                condition: condition.condition, onDelay: spans.on ?? .zero, offDelay: spans.off ?? .zero,
                isLatching: flags.latching ?? false, needsConfirm: flags.confirm ?? false, priority: priority, guidance: guidance,
                parent: parent, firstOut: firstOut, reAlarm: spans.again, longestShelf: spans.shelf ?? priority.longestShelf,
                reference: condition.reference, suppressors: suppressors)
        }
        return mistakes.all.count == before ? drafts : []
    }

    private func guidance(_ form: Form) -> AlarmDefinition.Guidance? {
        let cause = form.string("cause", required: true)
        let consequence = form.string("consequence", required: true)
        let action = form.string("action", required: true)
        let time = form.duration("time-allowed", required: true)
        let role = form.string("role", required: true)
        guard let cause, let consequence, let action, let time, let role else { return nil }
        return AlarmDefinition.Guidance(cause: cause, consequence: consequence, action: action, timeAllowed: time, role: role)
    }

    private func firstOut(_ form: Form) -> AlarmDefinition.FirstOut? {
        guard let inner = form.form("first-out", "'first-out'", keys: ["group", "within"]) else { return nil }
        let group = inner.string("group", required: true)
        let window = inner.duration("within", required: true)
        guard let group, let window else { return nil }
        return AlarmDefinition.FirstOut(group: group, window: window)
    }

    /// The points it is made for, in the directory's order.
    private func points(_ form: Form) -> (all: [PointID], areMany: Bool) {
        if form.has("point"), form.has("points") {
            mistakes.add("an alarm has 'point' or 'points', not both", at: form.place(of: "points"))
        }
        guard form.has("points") else {
            guard let text = form.string("point", required: true) else { return ([], false) }
            return (
                PointFinder(directory: directory, mistakes: mistakes).find(text, at: form.place(of: "point")).map { [$0] } ?? [],
                false
            )
        }
        var chosen: Set<PointID> = []
        for (pattern, place) in form.strings("points") ?? [] {
            let matched = directory.points.indices.filter { PointPattern.matches(directory.points[$0].name, pattern) }
            if matched.isEmpty {
                let known = directory.points.map(\.name.description)
                mistakes.add("'points' matches no point: '\(pattern)'" + suggestion(for: pattern, among: known), at: place)
            }
            chosen.formUnion(matched.map { PointID(index: $0) })
        }
        return (chosen.sorted(), true)
    }
}
