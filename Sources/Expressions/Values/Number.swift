/// The three numeric types of CEL on one line. Integers of both kinds are compared exactly; an integer meets a double as
/// the nearest double, which is what the conformance suite asks for (`comparisons/gte_literal`, "lossy").
enum Number {
    case int(Int64)
    case uint(UInt64)
    case double(Double)

    enum Order { case less, same, more, unordered }

    init?(_ value: CELValue) {
        switch value {
        case .int(let value): self = .int(value)
        case .uint(let value): self = .uint(value)
        case .double(let value): self = .double(value)
        default: return nil
        }
    }

    /// The same number as an int, where there is one.
    var asInt: Int64? {
        switch self {
        case .int(let value): value
        case .uint(let value): Int64(exactly: value)
        case .double(let value): Int64(exactly: value)
        }
    }

    /// The same number as a uint, where there is one.
    var asUInt: UInt64? {
        switch self {
        case .int(let value): UInt64(exactly: value)
        case .uint(let value): value
        case .double(let value): UInt64(exactly: value)
        }
    }

    var asDouble: Double {
        switch self {
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .double(let value): value
        }
    }

    func order(to other: Number) -> Order {
        switch (self, other) {
        case (.double(let a), .double(let b)): Self.order(a, b)
        case (.int(let a), .int(let b)): Self.order(a, b)
        case (.uint(let a), .uint(let b)): Self.order(a, b)
        case (.int(let a), .uint(let b)): Self.order(a, b)
        case (.uint(let a), .int(let b)): Self.order(a, b)
        default: Self.order(asDouble, other.asDouble)
        }
    }

    private static func order(_ a: Double, _ b: Double) -> Order {
        a < b ? .less : a > b ? .more : a == b ? .same : .unordered
    }

    private static func order(_ a: some BinaryInteger, _ b: some BinaryInteger) -> Order { a < b ? .less : a > b ? .more : .same }
}
