extension CELValue {
    /// The value as one would write it, for messages. Long ones are cut, for a list of lists can be longer than any memory.
    package var text: String { text(values: 64, scalars: 200) }

    /// The value as one would write it.
    ///
    /// - Parameters:
    ///   - values: how many values are written out at most; `…` stands for what is left.
    ///   - scalars: how much of each text.
    package func text(values: Int, scalars: Int) -> String {
        var left = values
        return text(&left, scalars)
    }

    private func text(_ left: inout Int, _ most: Int) -> String {
        left -= 1
        guard left >= 0 else { return "…" }
        switch self {
        case .null: return "null"
        case .bool(let truth): return truth ? "true" : "false"
        case .int(let number): return String(number)
        case .uint(let number): return "\(number)u"
        case .double(let number): return Self.text(of: number)
        case .string(let text): return Self.quoted(text.unicodeScalars, most)
        case .bytes(let bytes): return "b" + Self.quoted(bytes.map(Unicode.Scalar.init), most, isBytes: true)
        case .list(let members):
            let parts = members.prefix(max(0, left) + 1).map { $0.text(&left, most) }
            return "[" + parts.joined(separator: ", ") + "]"
        case .map(let map):
            let parts = Self.keys(of: map).prefix(max(0, left) + 1).map { key in
                "\(key.text(&left, most)): \(map[key]?.text(&left, most) ?? "…")"
            }
            return "{" + parts.joined(separator: ", ") + "}"
        case .type(let name): return name
        case .timestamp(let time): return "timestamp('\(time)')"
        case .duration(let span): return "duration('\(span)')"
        case .optional(let value?): return "optional.of(\(value.text(&left, most)))"
        case .optional(nil): return "optional.none()"
        }
    }

    /// A literal in single quotes.
    private static func quoted(_ scalars: some Collection<Unicode.Scalar>, _ most: Int, isBytes: Bool = false) -> String {
        var quoted = "'"
        for scalar in scalars.prefix(most) {
            switch scalar {
            case "'", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || (isBytes && !scalar.isASCII):
                quoted += "\\x" + Timestamp.padded(String(scalar.value, radix: 16), to: 2)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + (scalars.count > most ? "…'" : "'")
    }

    /// A double in its shortest form, without a point where it is whole: `4`, `0.5`, `1e+100`.
    static func text(of number: Double) -> String {
        let text = number.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
