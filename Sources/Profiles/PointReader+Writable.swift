import Documents
import Modbus
import Telemetry

// Points that can be commanded.
extension PointReader {
    private static let limitKeys = ["min", "max", "step"]
    private static let writableKeys =
        ["safe", "feedback", "within"] + limitKeys + ["every", "per-day", "function", "mask"]

    /// By which function the point is written, as far as `writable` says it right; `writable` names the mistakes.
    func writeFunction(_ form: Form) -> WriteFunction {
        guard let details = form.node["writable"] else { return .single }
        if details["mask"]?.scalar == "true" { return .mask }
        return details["function"]?.scalar == WriteFunction.multiple.rawValue ? .multiple : .single
    }

    func writable(_ form: Form, _ table: Table, _ source: RegisterSource?, _ range: ClosedRange<Double>?) -> Writable? {
        guard let node = form.node["writable"] else { return nil }
        if case .scalar = node.content {
            guard form.flag("writable") == true else { return nil }
            checkWritable(table, source, form)
            return Writable()
        }
        guard let details = form.form("writable", "'writable'", keys: Self.writableKeys) else { return nil }
        checkWritable(table, source, form)
        checkFunction(details, source)
        let feedback = details.string("feedback")
        if details.has("within"), !details.has("feedback") {
            mistakes.add("'within' is how long the feedback may take, and none is named", at: details.keyPlace(of: "within"))
        }
        let limits = limits(details, source, range)
        let perDay = details.integer("per-day", in: 1...1_000_000)
        let writable = Writable(
            safe: source.flatMap { safe(details, for: $0, range) }, feedback: feedback,
            within: details.duration("within") ?? .seconds(10), minimum: limits.minimum, maximum: limits.maximum,
            step: limits.step, every: details.duration("every"), perDay: perDay)
        if let safe = writable.safe, let objection = writable.objection(to: safe) {
            mistakes.add("'safe' \(objection)", at: details.place(of: "safe"))
        }
        return writable
    }

    private func checkWritable(_ table: Table, _ source: RegisterSource?, _ form: Form) {
        guard table.isWritable else {
            mistakes.add(
                "\(table.plural) cannot be written; only coils and holding registers can", at: form.keyPlace(of: "writable"))
            return
        }
        guard let source, let bits = source.meaning.bits else { return }
        guard source.function == .mask else {
            mistakes.add(
                "'\(name)' is some bits of a register, which are written with 'mask: true' (function 22) or not at all",
                at: form.keyPlace(of: "writable"))
            return
        }
        if !source.liesInOneRegister(bits) {
            mistakes.add(
                "\(bits.words) lie in two registers, and function 22 writes one", at: form.place(of: "bits"))
        }
    }

    private func checkFunction(_ details: Form, _ source: RegisterSource?) {
        let masks = details.flag("mask") == true
        if details.has("function"), let word = details.string("function") {
            let known = [WriteFunction.single, .multiple].map(\.rawValue)
            if !known.contains(word) {
                mistakes.add(
                    "'function' cannot be '\(word)'" + suggestion(for: word, among: known), at: details.place(of: "function"))
            } else if masks {
                mistakes.add("'mask' is a function of its own, 22; leave out 'function'", at: details.keyPlace(of: "function"))
            } else if word == WriteFunction.single.rawValue, let source, source.registerCount > 1 {
                mistakes.add(
                    "'\(name)' has \(source.registerCount) registers, and function 06 writes one",
                    at: details.place(of: "function"))
            }
        }
        if masks, let source, source.meaning.bits == nil {
            mistakes.add("'mask' is for some bits of a register, and '\(name)' is none", at: details.keyPlace(of: "mask"))
        }
    }

    private func limits(
        _ details: Form, _ source: RegisterSource?, _ range: ClosedRange<Double>?
    ) -> (minimum: Double?, maximum: Double?, step: Double?) {
        if let type = source?.valueType, type == .bool || type == .string {
            for key in Self.limitKeys where details.has(key) {
                let kind = type == .bool ? "true or false" : "text"
                mistakes.add("'\(key)' is for numbers, and '\(name)' is \(kind)", at: details.keyPlace(of: key))
            }
            return (nil, nil, nil)
        }
        if let source, !source.meaning.labels.isEmpty {
            for key in Self.limitKeys where details.has(key) {
                mistakes.add("'\(key)' means nothing beside 'values', which are all there is", at: details.keyPlace(of: key))
            }
            return (nil, nil, nil)
        }
        let minimum = details.number("min")
        let maximum = details.number("max")
        if let minimum, let maximum, minimum > maximum {
            mistakes.add("'min' is above 'max'", at: details.place(of: "min"))
        }
        for (key, limit) in [("min", minimum), ("max", maximum)] {
            guard let limit, let source else { continue }
            if let range, !range.contains(limit) {
                mistakes.add("'\(key)' is outside the range of '\(name)'", at: details.place(of: key))
            } else if (try? source.encode(.double(limit))) == nil {
                mistakes.add("'\(key)' does not fit in the \(source.typeWord) of '\(name)'", at: details.place(of: key))
            }
        }
        let step = details.number("step")
        if let step, step <= 0 { mistakes.add("'step' must be above zero", at: details.place(of: "step")) }
        return (minimum, maximum, step.flatMap { $0 > 0 ? $0 : nil })
    }

    /// The safe value, as the point's type, within its range, and such that its registers can hold it.
    private func safe(_ details: Form, for source: RegisterSource, _ range: ClosedRange<Double>?) -> Value? {
        guard let node = details.node["safe"] else { return nil }
        let value: Value?
        switch source.valueType {
        case .bool: value = details.flag("safe").map { .bool($0) }
        case .int: value = node.scalar.flatMap { Int64($0) }.map { .int($0) } ?? wrong(node, "a whole number")
        case .uint: value = node.scalar.flatMap { UInt64($0) }.map { .uint($0) } ?? wrong(node, "a whole number, zero or more")
        case .double: value = details.number("safe").map { .double($0) }
        case .string: value = details.string("safe").map { .string($0) }
        }
        guard let value else { return nil }
        if value.reading(in: range) == .bad(.outOfRange) {
            mistakes.add("'safe' is outside the range of '\(name)'", at: node.place)
        } else if !source.meaning.labels.isEmpty, case .int(let number) = value, source.meaning.labels[number] == nil {
            mistakes.add("'safe' is none of the values of '\(name)'", at: node.place)
        } else if (try? source.encode(value)) == nil, source.meaning.bits.map(source.liesInOneRegister) != false {
            mistakes.add("'safe' does not fit in the \(source.typeWord) of '\(name)'", at: node.place)
        }
        return value
    }

    private func wrong(_ node: Node, _ what: String) -> Value? {
        let shown = node.scalar.map { "'\($0)'" } ?? node.kind
        mistakes.add("'safe' must be \(what), as '\(name)' is, not \(shown)", at: node.place)
        return nil
    }
}
