extension Function {
    static let conversions: [Function] = [
        Function("int", arity: 1...1) { arguments throws(EvaluationError) in try toInt(arguments[0]) },
        Function("uint", arity: 1...1) { arguments throws(EvaluationError) in try toUInt(arguments[0]) },
        Function("double", arity: 1...1) { arguments throws(EvaluationError) in try toDouble(arguments[0]) },
        Function("string", arity: 1...1) { arguments throws(EvaluationError) in try toString(arguments[0]) },
        Function("bool", arity: 1...1) { arguments throws(EvaluationError) in try toBool(arguments[0]) },
        Function("bytes", arity: 1...1) { arguments in
            switch arguments[0] {
            case .bytes: arguments[0]
            case .string(let text): .bytes(Array(text.utf8))
            default: nil
            }
        },
        Function("dyn", arity: 1...1) { arguments in arguments[0] },
        Function("type", arity: 1...1) { arguments in .type(arguments[0].typeName) },
    ]

    private static func toInt(_ value: CELValue) throws(EvaluationError) -> CELValue? {
        let converted: Int64?
        switch value {
        case .int(let value): converted = value
        case .uint(let value): converted = Int64(exactly: value)
        // The least int as a double is refused too: cel-spec leaves no room for its rounded neighbours.
        case .double(let value): converted = value > -0x1p63 ? Int64(exactly: value.rounded(.towardZero)) : nil
        case .string(let text): converted = Int64(text)
        default: return nil
        }
        guard let converted else { throw .notConvertible(value.text, to: "int") }
        return .int(converted)
    }

    private static func toUInt(_ value: CELValue) throws(EvaluationError) -> CELValue? {
        let converted: UInt64?
        switch value {
        case .int(let value): converted = UInt64(exactly: value)
        case .uint(let value): converted = value
        case .double(let value): converted = value >= 0 ? UInt64(exactly: value.rounded(.towardZero)) : nil
        case .string(let text): converted = UInt64(text)
        default: return nil
        }
        guard let converted else { throw .notConvertible(value.text, to: "uint") }
        return .uint(converted)
    }

    private static func toDouble(_ value: CELValue) throws(EvaluationError) -> CELValue? {
        if let number = Number(value) { return .double(number.asDouble) }
        guard case .string(let text) = value else { return nil }
        guard let converted = Double(text) else { throw .notConvertible(value.text, to: "double") }
        return .double(converted)
    }

    private static func toString(_ value: CELValue) throws(EvaluationError) -> CELValue? {
        switch value {
        case .string: return value
        case .bool(let truth): return .string(truth ? "true" : "false")
        case .int(let number): return .string(String(number))
        case .uint(let number): return .string(String(number))
        case .double(let number): return .string(CELValue.text(of: number))
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .notConvertible(value.text, to: "string") }
            return .string(text)
        default: return nil
        }
    }

    private static func toBool(_ value: CELValue) throws(EvaluationError) -> CELValue? {
        switch value {
        case .bool: return value
        case .string("1"), .string("t"), .string("T"), .string("true"), .string("TRUE"), .string("True"): return .bool(true)
        case .string("0"), .string("f"), .string("F"), .string("false"), .string("FALSE"), .string("False"): return .bool(false)
        case .string: throw .notConvertible(value.text, to: "bool")
        default: return nil
        }
    }
}
