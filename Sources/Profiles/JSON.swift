/// A JSON text, RFC 8259, as values. Whole numbers within 64 bits stay exact; of a repeated name, the last counts.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Never NaN; infinite if the text holds a number too large for any.
    case double(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Bounds on what a message from outside may ask of us.
    package static let maximumBytes = 1 << 20
    package static let maximumDepth = 64

    /// Parses one whole text, UTF-8, with or without a byte order mark.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        guard bytes.count <= maximumBytes else {
            throw JSONError("longer than \(maximumBytes) bytes", at: maximumBytes)
        }
        var parser = JSONParser(bytes)
        return try parser.text()
    }

    /// In words, for messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .int, .double: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// Why bytes are no JSON, and at which of them that showed.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    /// Bytes from the start.
    package let offset: Int

    init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    package var description: String { "not JSON: \(message) at byte \(offset)" }
}
