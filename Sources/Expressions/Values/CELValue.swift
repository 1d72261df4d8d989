/// A value of the Common Expression Language.
///
/// `==` here asks for the same kind and the same content, text by its scalars as CEL does and not by what looks alike.
/// What CEL calls equal, where `1 == 1.0`, is `equals(_:)`. Numbers, truths and times stand in the value itself, so
/// passing one on costs no memory; texts, lists and maps are shared.
package enum CELValue: Hashable, Sendable {
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
    case timestamp(Timestamp)
    case duration(Span)
    /// A value that may be absent: what `m.?field` gives.
    indirect case optional(CELValue?)

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
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .optional: "optional_type"
        }
    }

    /// Whether the value may be the key of a map.
    var isKey: Bool {
        switch self {
        case .bool, .int, .uint, .string: true
        default: false
        }
    }

    /// Whether the value is what its type begins with: 0, "", an empty list, the epoch… (`optional.ofNonZeroValue`).
    var isZero: Bool {
        switch self {
        case .null: true
        case .bool(let truth): !truth
        case .int(let number): number == 0
        case .uint(let number): number == 0
        case .double(let number): number == 0
        case .string(let text): text.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        case .list(let members): members.isEmpty
        case .map(let map): map.isEmpty
        case .type: false
        case .timestamp(let time): time == Timestamp.epoch
        case .duration(let span): span.nanoseconds == 0
        case .optional(let value): value == nil
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
        case (.optional(let a?), .optional(let b?)): return a.equals(b)
        default:
            if let a = Number(self), let b = Number(other) { return a.order(to: b) == .same }
            return self == other
        }
    }

    /// The value under a key, found across the numeric types: `{1u: 'a'}[1]` is `'a'`.
    static func lookUp(_ key: CELValue, in map: [CELValue: CELValue]) -> CELValue? {
        guard key.isKey || Number(key) != nil else { return nil }
        if let value = map[key] { return value }
        guard let number = Number(key) else { return nil }
        if let int = number.asInt, let value = map[.int(int)] { return value }
        if let uint = number.asUInt, let value = map[.uint(uint)] { return value }
        return nil
    }

    /// The keys of a map in an order that is the same on every run, which a dictionary's own is not: false, true,
    /// numbers by what they count, texts by their scalars.
    static func keys(of map: [CELValue: CELValue]) -> [CELValue] {
        map.keys.sorted { a, b in
            if let a = Number(a), let b = Number(b) { return a.order(to: b) == .less }
            if case (.string(let a), .string(let b)) = (a, b) {
                return a.utf8.lexicographicallyPrecedes(b.utf8)
            }
            if case (.bool(let a), .bool(let b)) = (a, b) { return !a && b }
            return a.keyRank < b.keyRank
        }
    }

    private var keyRank: Int {
        switch self {
        case .bool: 0
        case .string: 2
        default: 1
        }
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
        case (.timestamp(let a), .timestamp(let b)): a == b
        case (.duration(let a), .duration(let b)): a == b
        case (.optional(let a), .optional(let b)): a == b
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
        case .string(var value): value.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .bytes(let value): hasher.combine(value)
        case .list(let value): hasher.combine(value)
        case .map(let value): hasher.combine(value)
        case .type(let value): hasher.combine(value)
        case .timestamp(let value): hasher.combine(value)
        case .duration(let value): hasher.combine(value)
        case .optional(let value): hasher.combine(value)
        }
    }
}
