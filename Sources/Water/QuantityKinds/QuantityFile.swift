import Documents
import Rules
import Telemetry

/// An input that a kind of quantity asks for by name.
struct QuantitySlot {
    enum Kind {
        case measure(Dimension)
        /// In whatever unit.
        case number
        case truth
    }

    let name: String
    let kind: Kind
    var isOptional = false
    /// Whether it may stand for several points, by a pattern.
    var isList = false
}

/// Of which type and kind of unit a part of a quantity is.
enum QuantityForm {
    case measure(Dimension), count, truth

    fileprivate var type: ValueType {
        switch self {
        case .measure: .double
        case .count: .int
        case .truth: .bool
        }
    }
}

/// Reads what all files of quantities have alike: inputs by fixed names, and the points they derive.
struct QuantityFile {
    static let keys = ["inputs", "derive"]

    private let kind: String
    private let draft: RuleDraft
    private let slots: [QuantitySlot]
    private let names: RuleDraft.InputNames?
    private let outputs: [Form]

    init(_ draft: RuleDraft, kind: String, slots: [QuantitySlot]) {
        self.kind = kind
        self.draft = draft
        self.slots = slots
        let before = draft.mistakes.all.count
        let names = draft.inputNames(in: draft.form)
        for entry in names?.entries ?? [] {
            guard let slot = slots.first(where: { $0.name == entry.name }) else {
                let hint = suggestion(for: entry.name, among: slots.map(\.name))
                draft.mistakes.add("'\(kind)' has no input '\(entry.name)'" + hint, at: entry.place)
                continue
            }
            if entry.point.contains("*"), !slot.isList {
                draft.mistakes.add("'\(entry.name)' is one point, and cannot be a pattern", at: entry.pointPlace)
            }
        }
        for slot in slots where !slot.isOptional && !(names?.names.contains(slot.name) ?? true) {
            draft.mistakes.add("'inputs' needs '\(slot.name)'", at: draft.form.place(of: "inputs"))
        }
        self.names = draft.mistakes.all.count == before ? names : nil
        outputs = Self.outputs(of: draft)
    }

    private static func outputs(of draft: RuleDraft) -> [Form] {
        guard let node = draft.form.require("derive") else { return [] }
        var nodes = [node]
        if case .sequence(let members) = node.content { nodes = members }
        if nodes.isEmpty { draft.mistakes.add("'derive' names no point", at: node.place) }
        let keys = ["quantity", "point", "type", "unit", "range", "maximum-age"]
        return nodes.compactMap { Form($0, "what is derived", keys: keys, in: draft.mistakes) }
    }

    /// - Parameters:
    ///   - form: what a part of the quantity is, for a subject's inputs; nil after noting why it cannot be computed from them.
    ///   - make: the quantity for a subject's inputs, or nil after noting what is wrong.
    func judges<Q: Quantity>(
        form: (Q.Part, QuantitySources) -> QuantityForm, make: (QuantitySources) -> Q?
    ) -> [any Judge] {
        let parts = outputs.map { part(of: $0, as: Q.Part.self) }
        var judges: [any Judge] = []
        for subject in draft.subjects {
            guard let names, let inputs = draft.inputs(names, of: subject), let sources = sources(inputs) else { break }
            let quantity = make(sources)
            var found: [QuantityOutput<Q.Part>] = []
            for (output, part) in zip(outputs, parts) {
                guard let part else { continue }
                if let read = self.output(part, of: output, as: form(part, sources), for: subject) { found.append(read) }
            }
            // What is wrong for one device is likely wrong for all: it is said once.
            guard let quantity, found.count == outputs.count, !found.isEmpty else { break }
            for (index, output) in found.enumerated() {
                if found[..<index].contains(where: { $0.derived.point == output.derived.point }) {
                    draft.mistakes.add("this point is derived by this rule twice", at: output.derived.place)
                }
                // By its part even if it is the only one: what is counted outlives a file that asks for more.
                let name = "\(subject.owner):\(output.part.rawValue)"
                let teller = index == 0 ? (subject.owner, subject.title) : nil
                judges.append(QuantityJudge(name: name, output: output, sources: sources, quantity: quantity, teller: teller))
            }
        }
        return judges
    }

    private func part<Part: RawRepresentable & CaseIterable>(of output: Form, as type: Part.Type) -> Part?
    where Part.RawValue == String {
        guard !output.has("quantity"), Part.allCases.count == 1 else { return output.word("quantity", as: type, required: true) }
        return Part.allCases.first
    }

    private func output<Part>(
        _ part: Part, of output: Form, as form: QuantityForm, for subject: RuleDraft.Subject
    ) -> QuantityOutput<Part>? where Part: RawRepresentable, Part.RawValue == String {
        guard let text = output.string("point", required: true) else { return nil }
        let derived = draft.derived(text, in: output, of: subject)
        let unit = output.string("unit") ?? ""
        let range = output.range("range")
        var factor: Double? = 1
        if (output.word("type", as: ValueType.self) ?? .double) != form.type {
            draft.mistakes.add("'\(part.rawValue)' is of type \(form.type.rawValue): write it as 'type'", at: output.place(of: "type"))
            factor = nil
        }
        if case .measure(let dimension) = form {
            factor = dimension.factor(of: unit)
            if factor == nil {
                let said = unit.isEmpty ? "needs a unit" : "cannot be in \(unit)"
                draft.mistakes.add("'\(part.rawValue)' \(said): write \(dimension.list)", at: output.place(of: "unit"))
            }
        } else if !unit.isEmpty {
            draft.mistakes.add("'\(part.rawValue)' has no unit", at: output.place(of: "unit"))
        }
        guard let derived, let factor else { return nil }
        return QuantityOutput(kind: kind, part: part, derived: derived, unit: unit, factor: factor, range: range)
    }

    private func sources(_ inputs: Inputs) -> QuantitySources? {
        let found = slots.map { slot -> (places: Range<Int>, factor: Double)? in
            guard let group = inputs.group(named: slot.name) else { return (0..<0, 1) }
            // All points under one name are of one type and unit.
            guard let input = inputs.all[group.range].first else { return nil }
            return factor(of: input, for: slot).map { (group.range, $0) }
        }
        let known = found.compactMap(\.self)
        return known.count == slots.count ? QuantitySources(inputs: inputs, slots: known) : nil
    }

    private func factor(of input: Input, for slot: QuantitySlot) -> Double? {
        let place = draft.form.node["inputs"]?[slot.name]?.place ?? draft.form.place(of: "inputs")
        let isNumber = input.type != .bool && input.type != .string
        switch slot.kind {
        case .truth:
            if input.type == .bool { return 1 }
            draft.mistakes.add("'\(input.title)' cannot be '\(slot.name)': it is not true or false", at: place)
        case .number, .measure:
            guard isNumber else {
                draft.mistakes.add("'\(input.title)' cannot be '\(slot.name)': it holds no number", at: place)
                return nil
            }
            guard case .measure(let dimension) = slot.kind else { return 1 }
            if let factor = dimension.factor(of: input.unit) { return factor }
            let said = input.unit.isEmpty ? "has no unit" : "is in \(input.unit)"
            draft.mistakes.add("'\(input.title)' \(said), and '\(slot.name)' is \(dimension.words), in \(dimension.list)", at: place)
        }
        return nil
    }
}
