/// The form of a value that keeps its type, one key an object: `{"int": "42"}`, `{"list": [{"bool": true}]}`.
///
/// Keys: `int` and `uint` (decimal texts), `double` (a number, or "NaN", "Infinity", "-Infinity"), `string`, `bytes` (hex),
/// `bool`, `null` (true), `list`, `map` (pairs), `type` (its name), `timestamp` and `duration` (`[seconds, nanoseconds]`).
extension CELValue {
    /// The value an object of that form stands for; nil for anything else.
    package init?(typed object: CELValue) {
        guard case .map(let map) = object, map.count == 1, let (key, content) = map.first, case .string(let type) = key else {
            return nil
        }
        switch (type, content) {
        case ("int", .string(let text)):
            guard let number = Int64(text) else { return nil }
            self = .int(number)
        case ("uint", .string(let text)):
            guard let number = UInt64(text) else { return nil }
            self = .uint(number)
        case ("double", .string(let text)):
            guard let number = Double(text) else { return nil }
            self = .double(number)
        case ("double", .int), ("double", .uint), ("double", .double):
            guard let number = Number(content) else { return nil }
            self = .double(number.asDouble)
        case ("string", .string), ("bool", .bool): self = content
        case ("null", _): self = .null
        case ("bytes", .string(let text)):
            guard let bytes = Self.bytes(hex: text) else { return nil }
            self = .bytes(bytes)
        case ("type", .string(let name)): self = .type(name)
        case ("list", .list(let members)):
            let values = members.compactMap(CELValue.init(typed:))
            guard values.count == members.count else { return nil }
            self = .list(values)
        case ("map", .list(let pairs)):
            guard let map = Self.map(pairs) else { return nil }
            self = .map(map)
        case ("timestamp", .list(let parts)):
            guard let (seconds, nanoseconds) = Self.time(parts),
                let time = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
            else { return nil }
            self = .timestamp(time)
        case ("duration", .list(let parts)):
            guard let (seconds, nanoseconds) = Self.time(parts),
                let span = Span(seconds: seconds, nanoseconds: nanoseconds)
            else { return nil }
            self = .duration(span)
        default: return nil
        }
    }

    private static func time(_ parts: [CELValue]) -> (Int64, Int64)? {
        guard parts.count == 2, case .int(let seconds) = parts[0], case .int(let nanoseconds) = parts[1] else { return nil }
        return (seconds, nanoseconds)
    }

    private static func map(_ pairs: [CELValue]) -> [CELValue: CELValue]? {
        var map: [CELValue: CELValue] = [:]
        for pair in pairs {
            guard case .list(let sides) = pair, sides.count == 2, let key = CELValue(typed: sides[0]), key.isKey,
                let value = CELValue(typed: sides[1])
            else { return nil }
            map[key] = value
        }
        return map
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        guard digits.count % 2 == 0, digits.allSatisfy({ Unicode.Scalar($0).isHexDigit }) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).compactMap { place in
            UInt8(String(decoding: digits[place..<(place + 2)], as: UTF8.self), radix: 16)
        }
    }

    /// The value in that form, as JSON. An optional value, which the form has no key for, is its content or null.
    package var typedJSON: String {
        switch self {
        case .null: return "{\"null\": true}"
        case .bool(let truth): return "{\"bool\": \(truth)}"
        case .int(let number): return "{\"int\": \"\(number)\"}"
        case .uint(let number): return "{\"uint\": \"\(number)\"}"
        case .double(let number):
            if number.isNaN { return "{\"double\": \"NaN\"}" }
            if number.isInfinite { return "{\"double\": \"\(number < 0 ? "-" : "")Infinity\"}" }
            return "{\"double\": \(number)}"
        case .string(let text): return "{\"string\": \(Self.json(text))}"
        case .bytes(let bytes):
            return "{\"bytes\": \"\(bytes.map { Timestamp.padded(String($0, radix: 16), to: 2) }.joined())\"}"
        case .list(let members): return "{\"list\": [\(members.map(\.typedJSON).joined(separator: ", "))]}"
        case .map(let map):
            let pairs = Self.keys(of: map).map { "[\($0.typedJSON), \((map[$0] ?? .null).typedJSON)]" }
            return "{\"map\": [\(pairs.joined(separator: ", "))]}"
        case .type(let name): return "{\"type\": \(Self.json(name))}"
        case .timestamp(let time): return "{\"timestamp\": [\(time.seconds), \(time.nanoseconds)]}"
        case .duration(let span):
            let (seconds, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            return "{\"duration\": [\(seconds), \(rest)]}"
        case .optional(let value): return (value ?? .null).typedJSON
        }
    }

    /// A text between quotes, as JSON has it.
    package static func json(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{00}"..<"\u{20}": quoted += "\\u" + Timestamp.padded(String(scalar.value, radix: 16), to: 4)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
