/// A value of the Common Expression Language.
///
/// `==` here asks for the same kind and the same content, text by its scalars as CEL does and not by what looks alike.
/// What CEL calls equal, where `1 == 1.0`, is `equals(_:)`.
package indirect enum CELValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list([CELValue])
    /// Keys are bool, int, uint or string.
    case map([CELValue: CELValue])
    /// The type of a value, by its CEL name: what `type(1)` gives.
    case type(String)

    /// The name of the value's type in CEL, for messages and `type()`.
    package var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .type: "type"
        }
    }

    /// Whether the value may be the key of a map.
    var isKey: Bool {
        switch self {
        case .bool, .int, .uint, .string: true
        case .null, .double, .bytes, .list, .map, .type: false
        }
    }
}

extension CELValue {
    /// Equality as CEL has it: numbers by what they count, whatever their type; lists and maps member by member; values
    /// of different kinds are unequal, and NaN equals nothing.
    package func equals(_ other: CELValue) -> Bool {
        switch (self, other) {
        case (.list(let a), .list(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.equals($1) }
        case (.map(let a), .map(let b)):
            return a.count == b.count
                && a.allSatisfy { key, value in Self.lookUp(key, in: b).map { value.equals($0) } ?? false }
        default:
            if let a = Number(self), let b = Number(other) { return a.order(to: b) == .same }
            return self == other
        }
    }

    /// The value under a key, found across the numeric types: `{1u: 'a'}[1]` is `'a'`.
    static func lookUp(_ key: CELValue, in map: [CELValue: CELValue]) -> CELValue? {
        if let value = map[key] { return value }
        guard let number = Number(key) else { return nil }
        if let int = number.asInt, let value = map[.int(int)] { return value }
        if let uint = number.asUInt, let value = map[.uint(uint)] { return value }
        return nil
    }
}

extension CELValue {
    package static func == (a: CELValue, b: CELValue) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.uint(let a), .uint(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.bytes(let a), .bytes(let b)): a == b
        case (.list(let a), .list(let b)): a == b
        case (.map(let a), .map(let b)): a == b
        case (.type(let a), .type(let b)): a == b
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .uint(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        case .string(let value): for byte in value.utf8 { hasher.combine(byte) }
        case .bytes(let value): hasher.combine(value)
        case .list(let value): hasher.combine(value)
        case .map(let value): hasher.combine(value)
        case .type(let value): hasher.combine(value)
        }
    }
}
