import Documents
import Modbus
import Telemetry

// Points in registers.
extension PointReader {
    func registerPoint(_ form: Form, in table: Table) -> ProfilePoint? {
        let address = form.integer(table.rawValue, in: 0...65535, required: true)
        let type = table.isBits ? bitType(form, table) : registerType(form)
        let order = form.word("order", as: WordOrder.self) ?? defaults.order
        let meaning = meaning(form, table, type, order)
        let (scale, offset) = scaling(form)
        let every = form.duration("every") ?? defaults.every
        var source = address.flatMap { UInt16(exactly: $0) }.flatMap { address in
            type.map { type in
                RegisterSource(
                    table: table, address: address, codec: RegisterCodec(type.number ?? .uint16, order: order), scale: scale,
                    offset: offset, meaning: meaning)
            }
        }
        if let source { check(source, form) }
        let range = range(form, for: source?.valueType)
        source?.function = writeFunction(form)
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

    private func bitType(_ form: Form, _ table: Table) -> PointType? {
        let bool = PointType(rawValue: RegisterType.bool.rawValue)
        if form.has("type"), let shown = form.string("type"), shown != bool?.rawValue {
            mistakes.add("a \(table.singular) is one bit; its type is bool, not '\(shown)'", at: form.place(of: "type"))
        }
        if form.has("order") { mistakes.add("a \(table.singular) is one bit and has no order", at: form.keyPlace(of: "order")) }
        return bool
    }

    /// Bits are a uint16's unless they say otherwise.
    private func registerType(_ form: Form) -> PointType? {
        if !form.has("type"), form.has("bit") || form.has("bits") { return PointType(rawValue: RegisterType.uint16.rawValue) }
        return form.word("type", as: PointType.self, required: true)
    }

    /// Where it means nothing, `meaning` has said so.
    private func scaling(_ form: Form) -> (scale: Double, offset: Double) {
        if form.kindWithoutNumbers != nil { return (1, 0) }
        let scale = form.number("scale") ?? 1
        if scale == 0 { mistakes.add("'scale' cannot be 0: every reading would be the same", at: form.place(of: "scale")) }
        return (scale == 0 ? 1 : scale, form.number("offset") ?? 0)
    }

    private func check(_ source: RegisterSource, _ form: Form) {
        let key = source.table.rawValue
        let type = source.typeWord
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
}

extension Duration {
    /// For messages: `1.5 s`.
    fileprivate var words: String { seconds == seconds.rounded() ? "\(components.seconds) s" : "\(seconds) s" }
}
