import Documents
import Telemetry

/// Reads what raises and what suppresses an alarm, for one of its points.
struct ConditionReader {
    private static let kinds = AlarmCondition.Side.allCases.map(\.rawValue) + ["is", "quality", "change", "deviation"]

    let form: Form
    let directory: Directory
    let subject: PointID

    private var mistakes: Mistakes { form.mistakes }
    private var point: Point { directory[subject] }

    func condition() -> (condition: AlarmCondition, reference: PointID?)? {
        guard let when = form.form("when", "'when'", keys: Self.kinds + ["deadband", "within", "from"], required: true) else {
            return nil
        }
        let chosen = Self.kinds.filter(when.has)
        guard chosen.count == 1, let kind = chosen.first else {
            mistakes.add("'when' says one of: " + Self.kinds.joined(separator: ", "), at: when.node.place)
            return nil
        }
        let companions = ["change": ["deadband", "within"], "deviation": ["deadband", "from"], "is": [], "quality": []]
        for (key, place, _) in when.entries
        where key != kind && !(companions[kind] ?? ["deadband"]).contains(key) && !chosen.contains(key) {
            mistakes.add("'\(key)' says nothing beside '\(kind)'", at: place)
        }
        switch kind {
        case "is":
            return when.require(kind).flatMap { value($0, for: subject) }.map { (.equals($0), nil) }
        case "quality":
            return when.word(kind, as: AlarmCondition.Trouble.self).map { (.quality($0), nil) }
        case "change":
            let span = when.duration("within", required: true)
            guard let (most, deadband) = numbers(kind, in: when, mustBePositive: true), let span else { return nil }
            return (.change(most, within: span, deadband: deadband), nil)
        case "deviation":
            return deviation(when)
        default:
            guard let side = AlarmCondition.Side(rawValue: kind),
                let (limit, deadband) = numbers(kind, in: when, mustBePositive: false)
            else { return nil }
            return (.limit(side, limit, deadband: deadband), nil)
        }
    }

    private func deviation(_ when: Form) -> (condition: AlarmCondition, reference: PointID?)? {
        let found = when.string("from", required: true).flatMap { text in
            PointFinder(directory: directory, mistakes: mistakes).find(text, near: point.device, at: when.place(of: "from"))
        }
        guard let (most, deadband) = numbers("deviation", in: when, mustBePositive: true), let found else { return nil }
        guard directory[found].unit == point.unit, directory[found].type != .string else {
            let units = "'\(directory[found].unit)', not '\(point.unit)'"
            mistakes.add(
                "'\(directory[found].name)' is measured in \(units): they cannot be compared", at: when.place(of: "from"))
            return nil
        }
        return (.deviation(most, from: found, deadband: deadband), found)
    }

    /// A limit and its deadband, which must be written: an alarm that rests on its limit without one calls all night.
    private func numbers(_ key: String, in when: Form, mustBePositive: Bool) -> (limit: Double, deadband: Double)? {
        let limit = when.number(key, required: true)
        let deadband = when.number("deadband", required: true)
        guard point.type != .string, point.type != .bool else {
            mistakes.add("'\(point.name)' is no number and has no limit; an alarm on it says 'is'", at: when.place(of: key))
            return nil
        }
        guard let limit, let deadband else { return nil }
        if deadband < 0 || mustBePositive && deadband > limit {
            mistakes.add(
                "'deadband' must not be negative, nor larger than the limit of a change or deviation",
                at: when.place(of: "deadband"))
        }
        if mustBePositive, limit <= 0 { mistakes.add("'\(key)' must be above zero", at: when.place(of: key)) }
        if !mustBePositive, let range = point.range, !range.contains(limit) {
            let ends = "\(AlarmWords.of(range.lowerBound, ""))…\(AlarmWords.of(range.upperBound, point.unit))"
            mistakes.add(
                "'\(point.name)' goes from \(ends), and never gets beyond \(AlarmWords.of(limit, ""))", at: when.place(of: key))
        }
        return (limit, deadband)
    }

    func suppressors() -> [(point: PointID, value: Value)] {
        guard let node = form.node["suppressed-when"] else { return [] }
        let members: [Node]
        if case .sequence(let nodes) = node.content { members = nodes } else { members = [node] }
        return members.compactMap { member in
            guard let inner = Form(member, "'suppressed-when'", keys: ["point", "is"], in: mistakes) else { return nil }
            let node = inner.require("is")
            let found = inner.string("point", required: true).flatMap { text in
                PointFinder(directory: directory, mistakes: mistakes).find(text, near: point.device, at: inner.place(of: "point"))
            }
            guard let found, let node, let value = value(node, for: found) else { return nil }
            return (found, value)
        }
    }

    private func value(_ node: Node, for point: PointID) -> Value? {
        let described = directory[point]
        if let value = Value(alarmed: node, as: described.type) { return value }
        let shown = node.scalar.map { "'\($0)'" } ?? node.kind
        mistakes.add("'\(described.name)' is of type \(described.type.rawValue), and never \(shown)", at: node.place)
        return nil
    }
}

extension Value {
    fileprivate init?(alarmed node: Node, as type: ValueType) {
        guard case .scalar(let text, let isQuoted) = node.content, type == .string || !isQuoted else { return nil }
        let value: Value? =
            switch type {
            case .bool: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
            case .int: Int64(text).map { .int($0) }
            case .uint: UInt64(text).map { .uint($0) }
            case .double: Double(text).flatMap { $0.isFinite ? .double($0) : nil }
            case .string: .string(text)
            }
        guard let value else { return nil }
        self = value
    }
}
