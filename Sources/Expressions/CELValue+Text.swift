extension CELValue {
    /// The value as one would write it, for messages.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let truth): truth ? "true" : "false"
        case .int(let number): String(number)
        case .uint(let number): "\(number)u"
        case .double(let number): Self.text(of: number)
        case .string(let text): "'\(text)'"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .list(let members): "[" + members.map(\.text).joined(separator: ", ") + "]"
        case .map(let map): "{" + map.map { "\($0.text): \($1.text)" }.sorted().joined(separator: ", ") + "}"
        case .type(let name): name
        }
    }

    /// A double in its shortest form, without a point where it is whole: `4`, `0.5`, `1e+100`.
    static func text(of number: Double) -> String {
        let text = number.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
