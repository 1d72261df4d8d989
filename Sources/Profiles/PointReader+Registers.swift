import Documents
import Modbus
import Telemetry

// Points in registers.
extension PointReader {
    func registerPoint(_ form: Form, in table: Table) -> ProfilePoint? {
        let address = form.integer(table.rawValue, in: 0...65535, required: true)
        let type = table.isBits ? bitType(form, table) : form.word("type", as: RegisterType.self, required: true)
        let order = form.word("order", as: WordOrder.self) ?? defaults.order
        let (scale, offset) = scaling(form, isBool: type == .bool)
        let every = form.duration("every") ?? defaults.every
        let source = address.flatMap { UInt16(exactly: $0) }.flatMap { address in
            type.map {
                RegisterSource(
                    table: table, address: address, codec: RegisterCodec($0, order: order), scale: scale, offset: offset)
            }
        }
        if let source { check(source, form) }
        let range = range(form, for: source?.valueType)
        let writable = writable(form, table, source, range)
        let unit = unit(form)
        let age = form.duration("max-age")
        if let age, age < every {
            mistakes.add(
                "'max-age' is shorter than 'every' (\(every.words)), so that '\(name)' would always be stale",
                at: form.place(of: "max-age"))
        }
        guard let source else { return nil }
        return ProfilePoint(
            name: name, source: .register(source), valueType: source.valueType, unit: unit, every: every, range: range,
            writable: writable, maximumAge: age ?? every * 3, place: form.place(of: table.rawValue))
    }

    private func bitType(_ form: Form, _ table: Table) -> RegisterType? {
        if form.has("type"), let shown = form.string("type"), shown != RegisterType.bool.rawValue {
            mistakes.add("a \(table.singular) is one bit; its type is bool, not '\(shown)'", at: form.place(of: "type"))
        }
        if form.has("order") { mistakes.add("a \(table.singular) is one bit and has no order", at: form.keyPlace(of: "order")) }
        return .bool
    }

    private func scaling(_ form: Form, isBool: Bool) -> (scale: Double, offset: Double) {
        if isBool {
            for key in ["scale", "offset"] where form.has(key) {
                mistakes.add("'\(key)' is for numbers, and '\(name)' is true or false", at: form.keyPlace(of: key))
            }
            return (1, 0)
        }
        let scale = form.number("scale") ?? 1
        if scale == 0 { mistakes.add("'scale' cannot be 0: every reading would be the same", at: form.place(of: "scale")) }
        return (scale == 0 ? 1 : scale, form.number("offset") ?? 0)
    }

    private func check(_ source: RegisterSource, _ form: Form) {
        let key = source.table.rawValue
        let type = source.codec.type.rawValue
        if source.addresses.upperBound > 65536 {
            mistakes.add(
                "'\(name)' (\(type)) needs \(source.registerCount) registers from \(source.address), past the last one, 65535",
                at: form.place(of: key))
        }
        if !source.table.isBits, source.registerCount > defaults.maximumRegisters {
            mistakes.add(
                "'\(name)' (\(type)) needs \(source.registerCount) registers in one answer, more than 'maximum-registers' allows "
                    + "(\(defaults.maximumRegisters))", at: form.place(of: "type"))
        }
    }

    private func writable(
        _ form: Form, _ table: Table, _ source: RegisterSource?, _ range: ClosedRange<Double>?
    ) -> Writable? {
        guard let node = form.node["writable"] else { return nil }
        if case .scalar = node.content {
            guard form.flag("writable") == true else { return nil }
            checkWritable(table, form)
            return Writable()
        }
        guard let details = form.form("writable", "'writable'", keys: ["safe", "feedback", "within"]) else { return nil }
        checkWritable(table, form)
        let feedback = details.string("feedback")
        if details.has("within"), !details.has("feedback") {
            mistakes.add("'within' is how long the feedback may take, and none is named", at: details.keyPlace(of: "within"))
        }
        return Writable(
            safe: source.flatMap { safe(details, for: $0, range) }, feedback: feedback,
            within: details.duration("within") ?? .seconds(10))
    }

    private func checkWritable(_ table: Table, _ form: Form) {
        guard !table.isWritable else { return }
        mistakes.add("\(table.plural) cannot be written; only coils and holding registers can", at: form.keyPlace(of: "writable"))
    }

    /// The safe value, as the point's type, within its range, and such that its registers can hold it.
    private func safe(_ details: Form, for source: RegisterSource, _ range: ClosedRange<Double>?) -> Value? {
        guard let node = details.node["safe"] else { return nil }
        let value: Value?
        switch source.valueType {
        case .bool: value = details.flag("safe").map { .bool($0) }
        case .int: value = node.scalar.flatMap { Int64($0) }.map { .int($0) } ?? wrong(node, "a whole number")
        case .uint: value = node.scalar.flatMap { UInt64($0) }.map { .uint($0) } ?? wrong(node, "a whole number, zero or more")
        case .double, .string: value = details.number("safe").map { .double($0) }
        }
        guard let value else { return nil }
        if value.reading(in: range) == .bad(.outOfRange) {
            mistakes.add("'safe' is outside the range of '\(name)'", at: node.place)
        } else if (try? source.encode(value)) == nil {
            mistakes.add("'safe' does not fit in the \(source.codec.type.rawValue) of '\(name)'", at: node.place)
        }
        return value
    }

    private func wrong(_ node: Node, _ what: String) -> Value? {
        let shown = node.scalar.map { "'\($0)'" } ?? node.kind
        mistakes.add("'safe' must be \(what), as '\(name)' is, not \(shown)", at: node.place)
        return nil
    }
}

extension Duration {
    /// For messages: `1.5 s`.
    fileprivate var words: String { seconds == seconds.rounded() ? "\(components.seconds) s" : "\(seconds) s" }
}
