import Glibc

/// `string.format(list)` (cel-spec, doc/extensions/strings.md).
extension Function {
    static func format(_ template: CELValue, _ list: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        guard case (.string(let template), .list(let values)) = (template, list) else { return nil }
        var formatter = Formatter(scalars: Array(template.unicodeScalars), values: values[...])
        return .string(try formatter.run(&meter))
    }
}

private struct Formatter {
    let scalars: [Unicode.Scalar]
    var values: ArraySlice<CELValue>
    var result = String.UnicodeScalarView()
    private var position = 0

    /// More digits than any double has behind its point.
    private static let mostDigits = 1074

    init(scalars: [Unicode.Scalar], values: ArraySlice<CELValue>) {
        self.scalars = scalars
        self.values = values
    }

    mutating func run(_ meter: inout Meter) throws(EvaluationError) -> String {
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            guard scalar == "%" else {
                result.append(scalar)
                continue
            }
            let part = try clause(&meter)
            try meter.spend(bytes: part.utf8.count)
            result.append(contentsOf: part.unicodeScalars)
        }
        return String(result)
    }

    private mutating func clause(_ meter: inout Meter) throws(EvaluationError) -> String {
        var precision: Int?
        if position < scalars.count, scalars[position] == "." {
            position += 1
            var digits = String.UnicodeScalarView()
            while position < scalars.count, scalars[position].isDigit {
                digits.append(scalars[position])
                position += 1
            }
            guard let number = Int(String(digits)), number <= Self.mostDigits else {
                throw .refused("a precision of '.\(String(digits).prefix(16))' in a format")
            }
            precision = number
        }
        guard position < scalars.count else { throw .refused("a format ends in the middle of a clause") }
        let letter = scalars[position]
        position += 1
        if letter == "%", precision == nil { return "%" }
        guard let value = values.popFirst() else { throw .refused("the format asks for more values than the list has") }
        try meter.spend(reading: value)
        switch letter {
        case "s": return try Self.text(value)
        case "d": return try Self.decimal(value)
        case "f", "e": return try Self.floating(value, isScientific: letter == "e", precision: precision ?? 6)
        case "b", "o", "x", "X": return try Self.digits(value, letter)
        default: throw .refused("'%\(letter)' is not a clause of a format")
        }
    }

    private static func mismatch(_ letter: Unicode.Scalar, _ value: CELValue) -> EvaluationError {
        .refused("%\(letter) does not write a value of type \(value.typeName)")
    }

    private static func text(_ value: CELValue) throws(EvaluationError) -> String {
        switch value {
        case .null: return "null"
        case .bool(let truth): return truth ? "true" : "false"
        case .int(let number): return String(number)
        case .uint(let number): return String(number)
        case .double(let number): return name(of: number) ?? CELValue.text(of: number)
        case .string(let text): return text
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .type(let name): return name
        case .timestamp(let time): return time.description
        case .duration(let span): return span.description
        case .list(let members):
            var parts: [String] = []
            for member in members { parts.append(try text(member)) }
            return "[" + parts.joined(separator: ", ") + "]"
        case .map(let map):
            var parts: [(key: String, text: String)] = []
            for (key, value) in map {
                let name = try text(key)
                parts.append((name, "\(name): \(try text(value))"))
            }
            let sorted = parts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return "{" + sorted.map(\.text).joined(separator: ", ") + "}"
        case .optional: throw mismatch("s", value)
        }
    }

    /// What is not a number, by its name in CEL.
    private static func name(of number: Double) -> String? {
        number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : nil
    }

    private static func decimal(_ value: CELValue) throws(EvaluationError) -> String {
        guard Number(value) != nil else { throw mismatch("d", value) }
        return try text(value)
    }

    private static func floating(_ value: CELValue, isScientific: Bool, precision: Int) throws(EvaluationError) -> String {
        guard let number = Number(value)?.asDouble else { throw mismatch(isScientific ? "e" : "f", value) }
        if let name = name(of: number) { return name }
        // A double has at most 309 digits before its point.
        var buffer = [CChar](repeating: 0, count: 320 + precision)
        let count = withVaList([Int32(precision), number]) { arguments in
            vsnprintf(&buffer, buffer.count, isScientific ? "%.*e" : "%.*f", arguments)
        }
        return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func digits(_ value: CELValue, _ letter: Unicode.Scalar) throws(EvaluationError) -> String {
        let radix = letter == "b" ? 2 : letter == "o" ? 8 : 16
        let isHexadecimal = radix == 16
        switch value {
        case .int(let number): return String(number, radix: radix, uppercase: letter == "X")
        case .uint(let number): return String(number, radix: radix, uppercase: letter == "X")
        case .bool(let truth) where radix == 2: return truth ? "1" : "0"
        case .string(let text) where isHexadecimal: return hexadecimal(Array(text.utf8), uppercase: letter == "X")
        case .bytes(let bytes) where isHexadecimal: return hexadecimal(bytes, uppercase: letter == "X")
        default: throw mismatch(letter, value)
        }
    }

    private static func hexadecimal(_ bytes: [UInt8], uppercase: Bool) -> String {
        let letters = Array((uppercase ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        return String(decoding: bytes.flatMap { [letters[Int($0 >> 4)], letters[Int($0 & 15)]] }, as: UTF8.self)
    }
}
