import Documents
import Expressions
import Telemetry

/// The conditions of a guard file: read once, then bound to the inputs of each device.
struct GuardConditions {
    private struct Entry {
        let draft: RuleDraft.Draft
        let says: String
        var delay = Duration.zero
        var isLatched = false
        var passesWhenBlind = false
    }

    private enum Blindness: String, CaseIterable { case trip, pass }

    typealias Said = (selector: GuardedPoint.Statement?, permissives: [GuardedPoint.Statement], interlocks: [GuardedPoint.Trip])

    /// What an input of a small domain may be, all of it. Beyond so many nothing is claimed.
    private static let mostTried = 1000

    private let draft: RuleDraft
    private var selector: Entry?
    private var permissives: [Entry] = []
    private var interlocks: [Entry] = []

    var drafts: [RuleDraft.Draft] { entries.map(\.draft) }
    private var entries: [Entry] { [selector].compactMap { $0 } + permissives + interlocks }

    init(_ draft: RuleDraft, _ names: RuleDraft.InputNames?) {
        self.draft = draft
        let form = draft.form
        if let node = form.node["selector"], let own = Form(node, "'selector'", keys: ["when", "say"], in: form.mistakes) {
            selector = entry(own, names)
        }
        permissives = list("permissives").compactMap { node in
            Form(node, "a permissive", keys: ["when", "say"], in: form.mistakes).flatMap { entry($0, names) }
        }
        interlocks = list("interlocks").compactMap { node in
            guard let own = Form(node, "an interlock", keys: ["when", "for", "latched", "when-blind", "say"], in: form.mistakes),
                var entry = entry(own, names)
            else { return nil }
            entry.delay = own.duration("for") ?? .zero
            entry.isLatched = own.flag("latched") ?? false
            entry.passesWhenBlind = own.word("when-blind", as: Blindness.self) == .pass
            return entry
        }
        checkSentences()
    }

    private func list(_ key: String) -> [Node] {
        guard let node = draft.form.node[key] else { return [] }
        if case .sequence(let nodes) = node.content { return nodes }
        draft.mistakes.add("'\(key)' must be a list, not \(node.kind)", at: node.place)
        return []
    }

    private func entry(_ own: Form, _ names: RuleDraft.InputNames?) -> Entry? {
        let expression = draft.expression("when", in: own, inputs: names, required: true)
        guard let says = own.string("say", required: true), let expression else { return nil }
        return Entry(draft: expression, says: says)
    }

    /// People reset an interlock by its sentence, and it is remembered by it.
    private func checkSentences() {
        var known: Set<String> = []
        for entry in interlocks where !known.insert(entry.says).inserted {
            draft.mistakes.add("two interlocks say '\(entry.says)'; each needs a sentence of its own", at: entry.draft.node.place)
        }
    }

    /// The conditions of one device. Notes what does not fit; nil if something is amiss.
    func statements(_ names: RuleDraft.InputNames, of subject: RuleDraft.Subject, isChecked: Bool) -> Said? {
        let known = Set(names.names)
        guard entries.allSatisfy({ $0.draft.expression.names.isSubset(of: known) }) else { return nil }
        let before = draft.mistakes.all.count
        let made = entries.compactMap { entry -> GuardedPoint.Statement? in
            // Each looks at no more than it needs: a point it does not read shall not blind it.
            let own = RuleDraft.InputNames(entries: names.entries.filter { entry.draft.expression.names.contains($0.name) })
            guard let inputs = draft.inputs(own, of: subject) else { return nil }
            if !isChecked { draft.check(conditions: [entry.draft], inputs: inputs) }
            return GuardedPoint.Statement(says: entry.says, condition: entry.draft.condition(of: inputs), inputs: inputs)
        }
        guard made.count == entries.count, draft.mistakes.all.count == before else { return nil }
        if !isChecked { checkHope(made) }
        let first = selector == nil ? 0 : 1
        let trips = zip(interlocks, made.dropFirst(first + permissives.count)).map { entry, statement in
            GuardedPoint.Trip(
                statement: statement, delay: entry.delay, isLatched: entry.isLatched, passesWhenBlind: entry.passesWhenBlind)
        }
        return (made.prefix(first).first, Array(made.dropFirst(first).prefix(permissives.count)), trips)
    }

    /// A permissive that never holds, and an interlock that always does, let nothing start: told where every value an input can
    /// have may be tried.
    private func checkHope(_ made: [GuardedPoint.Statement]) {
        for (index, (entry, statement)) in zip(entries, made).enumerated() {
            guard let values = Self.domain(of: statement.inputs) else { continue }
            let isInterlock = index >= entries.count - interlocks.count
            let standings = values.map { value in statement.judge { _ in value.map { .good($0) } } }
            guard standings.allSatisfy({ isInterlock ? $0 == .holds : $0 != .holds }) else { continue }
            let why = isInterlock ? "this interlock always holds" : "this never holds"
            draft.mistakes.add("nothing could ever start: \(why), whatever is read", at: entry.draft.node.place)
        }
    }

    /// Every value the one input can have; a single nil where there is none; nil where they are too many.
    private static func domain(of inputs: Inputs) -> [Value?]? {
        guard let input = inputs.all.first else { return [nil] }
        guard inputs.all.count == 1 else { return nil }
        switch input.type {
        case .bool: return [.bool(false), .bool(true)]
        case .int, .uint:
            guard let range = input.range, range.upperBound - range.lowerBound < Double(mostTried),
                let low = Int64(exactly: range.lowerBound.rounded(.up)), let high = Int64(exactly: range.upperBound.rounded(.down)),
                low <= high
            else { return nil }
            return (low...high).compactMap { number in
                input.type == .int ? .int(number) : UInt64(exactly: number).map { .uint($0) }
            }
        case .double, .string: return nil
        }
    }
}
