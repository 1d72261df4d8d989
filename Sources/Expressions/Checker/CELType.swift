/// A type as the checker has it.
package indirect enum CELType: Hashable, Sendable {
    /// Known only when it runs; fits everywhere.
    case dyn
    case null, bool, int, uint, double, string, bytes, timestamp, duration
    case list(CELType)
    case map(CELType, CELType)
    /// The type of a type: `type(1)` is of type `type(int)`.
    case type(CELType)
    case optional(CELType)
    /// A type still open: A in `size(list(A))`.
    case parameter(Int)

    var isNumber: Bool { self == .int || self == .uint || self == .double }

    /// Whether it, or a type in it, is known only when it runs.
    var hasDyn: Bool {
        switch self {
        case .dyn: true
        case .list(let inner), .optional(let inner), .type(let inner): inner.hasDyn
        case .map(let key, let value): key.hasDyn || value.hasDyn
        default: false
        }
    }

    /// Whether `null` may stand for it.
    var takesNull: Bool {
        switch self {
        case .null, .timestamp, .duration, .optional: true
        default: false
        }
    }

    /// The type a value has.
    package init(of value: CELValue) {
        switch value {
        case .null: self = .null
        case .bool: self = .bool
        case .int: self = .int
        case .uint: self = .uint
        case .double: self = .double
        case .string: self = .string
        case .bytes: self = .bytes
        case .timestamp: self = .timestamp
        case .duration: self = .duration
        case .list: self = .list(.dyn)
        case .map: self = .map(.dyn, .dyn)
        case .optional: self = .optional(.dyn)
        case .type(let name): self = .type(Self.named(name) ?? .dyn)
        }
    }

    /// The types that are names in an expression.
    static func named(_ name: String) -> CELType? {
        switch name {
        case "null_type": .null
        case "bool": .bool
        case "int": .int
        case "uint": .uint
        case "double": .double
        case "string": .string
        case "bytes": .bytes
        case "list": .list(.dyn)
        case "map": .map(.dyn, .dyn)
        case "type": .type(.dyn)
        case "google.protobuf.Timestamp": .timestamp
        case "google.protobuf.Duration": .duration
        case "optional_type": .optional(.dyn)
        default: nil
        }
    }
}

extension CELType: CustomStringConvertible {
    package var description: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .list(let member): "list(\(member))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .type(let type): "type(\(type))"
        case .optional(let value): "optional_type(\(value))"
        case .parameter: "dyn"
        }
    }
}

/// One of the ways a function may be called: the types it takes, a receiver first, and the one it gives.
package struct Signature: Hashable, Sendable {
    package let parameters: [CELType]
    package let result: CELType

    package init(_ parameters: [CELType], _ result: CELType) {
        self.parameters = parameters
        self.result = result
    }
}
