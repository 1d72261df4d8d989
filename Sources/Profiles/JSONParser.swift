/// Reads JSON strictly by RFC 8259's grammar, one byte ahead, within bounded depth.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func text() throws(JSONError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw error("something after the end of the value") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ message: String) -> JSONError { JSONError(message, at: position) }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> JSON {
        switch next {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || Self.digits.contains(byte): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends where a value should be")
        default: throw error("no value begins like this")
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        guard depth < JSON.maximumDepth else { throw error("nested more than \(JSON.maximumDepth) deep") }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try body(&self)
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let letters = Array("\(word)".utf8)
        guard bytes[position...].starts(with: letters) else { throw error("a word that is not true, false or null") }
        position += letters.count
        return value
    }

    private mutating func array() throws(JSONError) -> JSON {
        var members: [JSON] = []
        skipSpace()
        if take("]") { return .array(members) }
        while true {
            skipSpace()
            members.append(try value())
            skipSpace()
            if take("]") { return .array(members) }
            guard take(",") else { throw error("a list goes on without ',' or ']'") }
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        var members: [String: JSON] = [:]
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a name in quotes should be here") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw error("a name without ':'") }
            skipSpace()
            members[name] = try value()
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("an object goes on without ',' or '}'") }
        }
    }
}

// Scalars.
extension JSONParser {
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// Longer numbers exist only to hurt.
    private static let longestNumber = 512

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while let byte = next, Self.digits.contains(byte) { position += 1 }
        guard position > start else { throw error("a digit should be here") }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        var isWhole = true
        _ = take("-")
        if !take("0") { try skipDigits() }
        if take(".") {
            isWhole = false
            try skipDigits()
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try skipDigits()
        }
        guard position - start <= Self.longestNumber else { throw JSONError("a number of too many digits", at: start) }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let whole = Int64(digits) { return .int(whole) }
        guard let real = Double(digits), !real.isNaN else { throw JSONError("no number", at: start) }
        return .double(real)
    }

    /// From one quote to the other. Most strings have no escapes and are taken as they are.
    private mutating func string() throws(JSONError) -> String {
        position += 1
        var start = position
        var pieces = ""
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                pieces += try piece(start..<position)
                position += 1
                return pieces
            case UInt8(ascii: "\\"):
                pieces += try piece(start..<position)
                position += 1
                pieces.unicodeScalars.append(try escape())
                start = position
            case 0..<0x20: throw error("a control character in a string")
            default: position += 1
            }
        }
        throw error("a string without its closing quote")
    }

    private func piece(_ range: Range<Int>) throws(JSONError) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw JSONError("a string that is not UTF-8", at: range.lowerBound)
        }
        return text
    }

    /// What stands after a backslash.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = next else { throw error("the text ends within an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("an escape that JSON does not know")
        }
    }

    /// `\uXXXX`, or two of them that are one character beyond the first plane. Half of a pair is no character.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), take("\\"), take("u") else { throw error("half of a surrogate pair") }
        let second = try hexadecimal()
        guard let scalar = Unicode.Scalar(lead: first, trail: second) else { throw error("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Unicode.Scalar($0).hexadecimalDigit }) else {
                throw error("four hexadecimal digits should be here")
            }
            code = code << 4 | digit
            position += 1
        }
        return code
    }
}

extension Unicode.Scalar {
    /// The character beyond the first plane that a surrogate pair stands for; nil if it is no pair.
    init?(lead: UInt16, trail: UInt16) {
        guard UTF16.isLeadSurrogate(lead), UTF16.isTrailSurrogate(trail) else { return nil }
        self.init(0x10000 + (UInt32(lead - 0xD800) << 10 | UInt32(trail - 0xDC00)))
    }

    var hexadecimalDigit: UInt16? {
        switch self {
        case "0"..."9": UInt16(value - 0x30)
        case "a"..."f": UInt16(value - 0x61 + 10)
        case "A"..."F": UInt16(value - 0x41 + 10)
        default: nil
        }
    }
}
