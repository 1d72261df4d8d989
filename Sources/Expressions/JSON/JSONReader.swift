/// Why a text is not JSON, and the byte it was noticed at.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    /// From 0.
    package let offset: Int
    package var description: String { "not JSON, at byte \(offset): \(message)" }
}

/// Reads JSON (RFC 8259) as values of CEL: a whole number is an int, or a uint where only that holds it; any other number
/// is a double. The last of two members of one name counts.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var nesting = 0

    private static let deepest = 64

    static func value(of text: String) throws(JSONError) -> CELValue {
        var reader = JSONReader(bytes: Array(text.utf8))
        let value = try reader.value()
        guard reader.next() == nil else { throw reader.error("something follows the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func error(_ message: String) -> JSONError { JSONError(message: message, offset: position) }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The next byte that is not blank; it stays.
    private mutating func next() -> UInt8? {
        while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        return current
    }

    private mutating func accept(_ letter: Character) -> Bool {
        guard let byte = next(), byte == letter.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> CELValue {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepest else { throw error("nested more than \(Self.deepest) deep") }
        switch next() {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: CELValue) throws(JSONError) -> CELValue {
        guard bytes[position...].starts(with: word.utf8) else { throw error("expected a value") }
        position += word.utf8.count
        return value
    }

    private mutating func object() throws(JSONError) -> CELValue {
        position += 1
        var map: [CELValue: CELValue] = [:]
        while !accept("}") {
            if !map.isEmpty, !accept(",") { throw error("expected ',' or '}'") }
            guard next() == UInt8(ascii: "\"") else { throw error("expected a member's name") }
            let name = try string()
            guard accept(":") else { throw error("expected ':'") }
            map[.string(name)] = try value()
        }
        return .map(map)
    }

    private mutating func array() throws(JSONError) -> CELValue {
        position += 1
        var members: [CELValue] = []
        while !accept("]") {
            if !members.isEmpty, !accept(",") { throw error("expected ',' or ']'") }
            members.append(try value())
        }
        return .list(members)
    }

    private mutating func number() throws(JSONError) -> CELValue {
        let digits = bytes[position...].prefix { byte in
            (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        let text = String(decoding: digits, as: UTF8.self)
        guard let first = digits.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            throw error("expected a value")
        }
        defer { position += digits.count }
        if let int = Int64(text) { return .int(int) }
        if let uint = UInt64(text) { return .uint(uint) }
        guard let double = Double(text), double.isFinite else { throw error("'\(text.prefix(32))' is not a number") }
        return .double(double)
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw error("a text is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
            case 0..<0x20: throw error("a control character in a text")
            default: text.append(byte)
            }
        }
        throw error("a text is not closed")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let letter = current else { throw error("a text is not closed") }
        position += 1
        switch letter {
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "u"): return try unicode()
        default: throw error("an unknown escape")
        }
    }

    private mutating func unicode() throws(JSONError) -> Unicode.Scalar {
        let high = try unit()
        guard (0xD800...0xDBFF).contains(high) else {
            guard let scalar = Unicode.Scalar(high) else { throw error("half a surrogate pair") }
            return scalar
        }
        guard accept("\\"), accept("u") else { throw error("half a surrogate pair") }
        let low = try unit()
        guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) else {
            throw error("half a surrogate pair")
        }
        return scalar
    }

    private mutating func unit() throws(JSONError) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Unicode.Scalar($0).isHexDigit }),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("'\\u' is not followed by four digits") }
        position += 4
        return unit
    }
}

extension CELValue {
    /// A value of CEL from JSON: a whole number is an int, any other number a double, an object a map of names.
    package init(json text: String) throws(JSONError) { self = try JSONReader.value(of: text) }

    /// The member of an object read from JSON.
    package subscript(name: String) -> CELValue? {
        guard case .map(let map) = self else { return nil }
        return map[.string(name)]
    }
}
