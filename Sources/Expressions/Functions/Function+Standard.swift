extension Function {
    static let size = Function.one(
        "size",
        [
            Signature([.string], .int), Signature([.bytes], .int), Signature([.list(.parameter(0))], .int),
            Signature([.map(.parameter(0), .parameter(1))], .int),
        ]
    ) { value, _ in
        switch value {
        case .string(let text): .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): .int(Int64(bytes.count))
        case .list(let members): .int(Int64(members.count))
        case .map(let map): .int(Int64(map.count))
        default: nil
        }
    }

    /// A pattern that is written out is compiled with the expression and does not come here.
    static let matches = Function.two("matches", [Signature([.string, .string], .bool)], matching)

    private static func matching(
        _ text: CELValue, _ pattern: CELValue, _ meter: inout Meter
    ) throws(EvaluationError) -> CELValue? {
        guard case (.string(let text), .string(let source)) = (text, pattern) else { return nil }
        try meter.spend(source.utf8.count)
        let pattern: Pattern
        do throws(PatternError) {
            pattern = try Pattern(source)
        } catch {
            throw .refused("'\(source.prefix(64))' is not a regular expression: \(error.message)")
        }
        return .bool(try pattern.matches(text, &meter))
    }

    private static let textTest = [Signature([.string, .string], .bool)]

    static let textMethods: [Function] = [
        Function.two("contains", textTest) { text, part, _ in
            guard case (.string(let text), .string(let part)) = (text, part) else { return nil }
            return .bool(Search.first(Array(part.utf8), in: Array(text.utf8)) != nil)
        },
        Function.two("startsWith", textTest) { text, part, _ in
            guard case (.string(let text), .string(let part)) = (text, part) else { return nil }
            return .bool(text.utf8.starts(with: part.utf8))
        },
        Function.two("endsWith", textTest) { text, part, _ in
            guard case (.string(let text), .string(let part)) = (text, part) else { return nil }
            return .bool(text.utf8.reversed().starts(with: part.utf8.reversed()))
        },
    ]
}
