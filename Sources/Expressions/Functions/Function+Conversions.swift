extension Function {
    static let conversions: [Function] = [
        Function.one("int", signatures([.int, .uint, .double, .string, .timestamp], .int), toInt),
        Function.one("uint", signatures([.uint, .int, .double, .string], .uint), toUInt),
        Function.one("double", signatures([.double, .int, .uint, .string], .double), toDouble),
        Function.one(
            "string", signatures([.string, .bool, .int, .uint, .double, .bytes, .timestamp, .duration], .string), toString),
        Function.one("bool", signatures([.bool, .string], .bool), toBool),
        Function.one("bytes", signatures([.bytes, .string], .bytes)) { value, _ in
            switch value {
            case .bytes: value
            case .string(let text): .bytes(Array(text.utf8))
            default: nil
            }
        },
        Function.one("timestamp", signatures([.timestamp, .string, .int], .timestamp), toTimestamp),
        Function.one("duration", signatures([.duration, .string], .duration), toDuration),
        Function.one("dyn", [Signature([.parameter(0)], .dyn)]) { value, _ in value },
        Function.one("type", [Signature([.parameter(0)], .type(.parameter(0)))]) { value, _ in .type(value.typeName) },
    ]

    /// One for each type of a single argument.
    static func signatures(_ types: [CELType], _ result: CELType) -> [Signature] { types.map { Signature([$0], result) } }

    private static func toInt(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        let converted: Int64?
        switch value {
        case .int(let value): converted = value
        case .uint(let value): converted = Int64(exactly: value)
        // The least int as a double is refused too: cel-spec leaves no room for its rounded neighbours.
        case .double(let value): converted = value > -0x1p63 ? Int64(exactly: value.rounded(.towardZero)) : nil
        case .string(let text): converted = Int64(text)
        case .timestamp(let time): converted = time.seconds
        default: return nil
        }
        guard let converted else { throw .notConvertible(value.text, to: "int") }
        return .int(converted)
    }

    private static func toUInt(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
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

    private static func toDouble(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        if let number = Number(value) { return .double(number.asDouble) }
        guard case .string(let text) = value else { return nil }
        let isBeyond = { (number: Double) in number.isInfinite && text.utf8.contains { (0x30...0x39).contains($0) } }
        guard let converted = Double(text), !isBeyond(converted) else { throw .notConvertible(value.text, to: "double") }
        return .double(converted)
    }

    private static func toString(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        switch value {
        case .string: return value
        case .bool(let truth): return .string(truth ? "true" : "false")
        case .int(let number): return .string(String(number))
        case .uint(let number): return .string(String(number))
        case .double(let number): return .string(CELValue.text(of: number))
        case .timestamp(let time): return .string(time.description)
        case .duration(let span): return .string(span.description)
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .notConvertible(value.text, to: "string") }
            return .string(text)
        default: return nil
        }
    }

    private static func toBool(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        switch value {
        case .bool: return value
        case .string("1"), .string("t"), .string("T"), .string("true"), .string("TRUE"), .string("True"): return .bool(true)
        case .string("0"), .string("f"), .string("F"), .string("false"), .string("FALSE"), .string("False"): return .bool(false)
        case .string: throw .notConvertible(value.text, to: "bool")
        default: return nil
        }
    }

    private static func toTimestamp(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        let time: Timestamp?
        switch value {
        case .timestamp: return value
        case .string(let text): time = Timestamp(parsing: text)
        case .int(let seconds): time = Timestamp(seconds: seconds)
        default: return nil
        }
        guard let time else { throw .notConvertible(value.text, to: "a timestamp of the years 1 to 9999") }
        return .timestamp(time)
    }

    private static func toDuration(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        switch value {
        case .duration: return value
        case .string(let text):
            guard let span = Span(parsing: text) else { throw .notConvertible(value.text, to: "a duration, as in '1h30m'") }
            return .duration(span)
        default: return nil
        }
    }
}
