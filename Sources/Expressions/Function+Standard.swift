extension Function {
    static let size = Function("size", arity: 1...1) { arguments in
        switch arguments[0] {
        case .string(let text): .int(Int64(text.unicodeScalars.count))
        case .bytes(let bytes): .int(Int64(bytes.count))
        case .list(let members): .int(Int64(members.count))
        case .map(let map): .int(Int64(map.count))
        default: nil
        }
    }

    static let strings: [Function] = [
        Function("contains", arity: 2...2) { arguments in
            guard case (.string(let text), .string(let part)) = (arguments[0], arguments[1]) else { return nil }
            return .bool(part.isEmpty || Array(text.utf8).firstRange(of: Array(part.utf8)) != nil)
        },
        Function("startsWith", arity: 2...2) { arguments in
            guard case (.string(let text), .string(let part)) = (arguments[0], arguments[1]) else { return nil }
            return .bool(text.utf8.starts(with: part.utf8))
        },
        Function("endsWith", arity: 2...2) { arguments in
            guard case (.string(let text), .string(let part)) = (arguments[0], arguments[1]) else { return nil }
            return .bool(text.utf8.reversed().starts(with: part.utf8.reversed()))
        },
    ]
}
