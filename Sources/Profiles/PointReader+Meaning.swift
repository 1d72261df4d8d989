import Documents
import Modbus
import Telemetry

// What registers mean beyond a number, its scale and its offset.
extension PointReader {
    static let meaningKeys = ["bit", "bits", "length", "encoding"] + numberKinds + ["invalid"]
    /// What a number can be, one at a time.
    private static let numberKinds = ["values", "roll-over", "loop"]
    private static let numberKeys = ["scale", "offset", "invalid"] + numberKinds

    func meaning(_ form: Form, _ table: Table, _ type: PointType?, _ order: WordOrder) -> Meaning {
        var meaning = Meaning()
        for key in ["bit", "bits"] where table.isBits && form.has(key) {
            mistakes.add("'\(key)' is for registers, and a \(table.singular) is one bit", at: form.keyPlace(of: key))
        }
        if let kind = form.kindWithoutNumbers {
            for key in Self.numberKeys where form.has(key) {
                mistakes.add("'\(key)' is for numbers, and '\(name)' is \(kind)", at: form.keyPlace(of: key))
            }
        }
        if type == .text {
            meaning.text = text(form, order)
            return meaning
        }
        guard let type = type?.number else { return meaning }
        for key in ["length", "encoding"] where form.has(key) {
            mistakes.add("'\(key)' is for text, and '\(name)' is \(type.words)", at: form.keyPlace(of: key))
        }
        if table.isBits { return meaning }
        meaning.isFlag = form.has("bit")
        meaning.bits = bits(form, of: type)
        guard form.kindWithoutNumbers == nil else { return meaning }
        let kinds = Self.numberKinds.filter(form.has)
        if let first = kinds.first, let second = kinds.dropFirst().first {
            mistakes.add("'\(name)' has '\(first)' already, and cannot have '\(second)' too", at: form.keyPlace(of: second))
        }
        meaning.labels = labels(form, type, meaning.bits)
        meaning.rollOver = rollOver(form, type, meaning.bits)
        meaning.loop = loop(form)
        meaning.invalid = invalid(form, type, meaning.bits)
        return meaning
    }

    private func text(_ form: Form, _ order: WordOrder) -> TextCodec? {
        for key in ["bit", "bits"] where form.has(key) {
            mistakes.add("'\(key)' is for numbers, and '\(name)' is text", at: form.keyPlace(of: key))
        }
        let encoding = form.word("encoding", as: TextEncoding.self) ?? .ascii
        guard form.has("length") else {
            mistakes.add("a string needs 'length', its bytes", at: form.place(of: "type"))
            return nil
        }
        return form.integer("length", in: 1...TextCodec.maximumLength).flatMap {
            TextCodec(length: $0, encoding: encoding, order: order)
        }
    }

    private func bits(_ form: Form, of type: RegisterType) -> BitField? {
        if form.has("bit"), form.has("bits") {
            mistakes.add("'\(name)' is one bit or several, not both", at: form.keyPlace(of: "bits"))
        }
        if form.has("bit") {
            if type != .uint16 { mistakes.add("a bit is one of a uint16, not of \(type.words)", at: form.place(of: "type")) }
            return form.integer("bit", in: 0...15).flatMap { BitField($0, $0) }
        }
        guard form.has("bits") else { return nil }
        guard type == .uint16 || type == .uint32 else {
            mistakes.add("bits are some of a uint16 or a uint32, not of \(type.words)", at: form.place(of: "type"))
            return nil
        }
        guard let ends = form.pair("bits", of: "[lowest, highest]") else { return nil }
        guard let low = Int(exactly: ends.0), let high = Int(exactly: ends.1), let field = BitField(low, high) else {
            mistakes.add("'bits' must be [lowest, highest], counted from 0", at: form.place(of: "bits"))
            return nil
        }
        let last = type.registerCount * 16 - 1
        if high > last {
            let hint = form.has("type") ? "" : "; for more, say type: uint32"
            mistakes.add("'bits' reaches to \(high), and \(type.words) ends at bit \(last)\(hint)", at: form.place(of: "bits"))
        }
        return high > last ? nil : field
    }

    private func labels(_ form: Form, _ type: RegisterType, _ bits: BitField?) -> [Int64: String] {
        guard let values = form.form("values", "'values'", keys: nil), isWhole(form, "values", type) else { return [:] }
        for key in ["scale", "offset"] where form.has(key) {
            mistakes.add("'values' are numbers as the device has them, without '\(key)'", at: form.keyPlace(of: key))
        }
        if values.entries.isEmpty { mistakes.add("'values' needs at least one number and its word", at: values.node.place) }
        var labels: [Int64: String] = [:]
        for entry in values.entries {
            guard let raw = RawValue(entry.key, in: type, bits), let number = raw.whole(Int64.self) else {
                mistakes.add(neverHeld("values", entry.key, type, bits), at: entry.place)
                continue
            }
            guard let word = entry.value.scalar, !word.isEmpty else {
                mistakes.add("the word for \(entry.key) must be text, not \(entry.value.kind)", at: entry.value.place)
                continue
            }
            if labels[number] != nil { mistakes.add("\(number) has a word already", at: entry.place) }
            labels[number] = word
        }
        return labels
    }

    private func rollOver(_ form: Form, _ type: RegisterType, _ bits: BitField?) -> UInt64? {
        guard let node = form.node["roll-over"], isWhole(form, "roll-over", type) else { return nil }
        let greatest = bits?.greatest ?? type.greatest ?? 0
        guard let text = node.scalar, let modulus = UInt64(text), modulus >= 2, modulus - 1 <= greatest else {
            let end = greatest.addingReportingOverflow(1)
            mistakes.add(
                "'roll-over' must be a whole number from 2 to \(end.overflow ? greatest : end.partialValue), as '\(name)' is "
                    + "\(bits?.words ?? type.words), not \(node.scalar.map { "'\($0)'" } ?? node.kind)", at: node.place)
            return nil
        }
        return modulus
    }

    private func loop(_ form: Form) -> CurrentLoop? {
        guard let ends = form.pair("loop", of: "[at 4 mA, at 20 mA]") else { return nil }
        let loop = CurrentLoop(ends.0, ends.1)
        if loop == nil { mistakes.add("'loop' must be two different numbers, for 4 and for 20 mA", at: form.place(of: "loop")) }
        return loop
    }

    private func invalid(_ form: Form, _ type: RegisterType, _ bits: BitField?) -> Set<RawValue> {
        guard let node = form.node["invalid"] else { return [] }
        let members: [Node]
        if case .sequence(let nodes) = node.content { members = nodes } else { members = [node] }
        if members.isEmpty { mistakes.add("'invalid' needs at least one number", at: node.place) }
        var found: Set<RawValue> = []
        for member in members {
            guard let text = member.scalar, let raw = RawValue(text, in: type, bits) else {
                mistakes.add(neverHeld("invalid", member.scalar ?? member.kind, type, bits), at: member.place)
                continue
            }
            found.insert(raw)
        }
        return found
    }

    private func isWhole(_ form: Form, _ key: String, _ type: RegisterType) -> Bool {
        if type.isWhole { return true }
        mistakes.add("'\(key)' is for whole numbers, and '\(name)' is \(type.words)", at: form.keyPlace(of: key))
        return false
    }

    private func neverHeld(_ key: String, _ text: String, _ type: RegisterType, _ bits: BitField?) -> String {
        let holder = bits?.words ?? "the \(type.rawValue)"
        return "'\(key)' has '\(text)', which is no number that \(holder) of '\(name)' can hold"
    }
}

extension RegisterType {
    /// For messages: `an int16`.
    fileprivate var words: String { (rawValue.hasPrefix("int") ? "an " : "a ") + rawValue }
}

extension BitField {
    /// For messages: `bits 4 to 7`.
    var words: String { low == high ? "bit \(low)" : "bits \(low) to \(high)" }
}

extension Form {
    /// What a point in registers is, if that is no number.
    var kindWithoutNumbers: String? {
        if node["type"]?.scalar == PointType.text.rawValue { return "text" }
        let isBit = has("bit") || has(Table.coil.rawValue) || has(Table.discrete.rawValue)
        return isBit || node["type"]?.scalar == RegisterType.bool.rawValue ? "true or false" : nil
    }

    /// Two numbers, in any order.
    fileprivate func pair(_ key: String, of what: String) -> (Double, Double)? {
        guard let value = node[key] else { return nil }
        guard case .sequence(let ends) = value.content, ends.count == 2 else {
            var shown = value.kind
            if case .sequence(let ends) = value.content { shown += " of \(ends.count)" }
            mistakes.add("'\(key)' must be \(what), not \(shown)", at: value.place)
            return nil
        }
        let numbers = ends.map { end in end.scalar.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }
        for (end, number) in zip(ends, numbers) where number == nil {
            mistakes.add(
                "'\(key)' must be \(what), two numbers, not \(end.scalar.map { "'\($0)'" } ?? end.kind)", at: end.place)
        }
        guard let first = numbers[0], let second = numbers[1] else { return nil }
        return (first, second)
    }
}
