/// The operators on values. Integers never wrap: what does not fit is an error. Types do not mix, except in comparisons.
enum Arithmetic {
    static func apply(_ sign: Syntax.Operator, _ a: CELValue, _ b: CELValue) throws(EvaluationError) -> CELValue {
        switch sign {
        case .equal: return .bool(a.equals(b))
        case .unequal: return .bool(!a.equals(b))
        case .less, .lessOrEqual, .more, .moreOrEqual:
            guard let order = order(a, b) else { throw .noOverload(sign.rawValue, [a.typeName, b.typeName]) }
            let holds =
                switch sign {
                case .less: order == .less
                case .lessOrEqual: order == .less || order == .same
                case .more: order == .more
                default: order == .more || order == .same
                }
            return .bool(holds)
        case .isIn: return .bool(try contains(b, a))
        default: break
        }
        switch (a, b) {
        case (.int(let a), .int(let b)): return .int(try integer(sign, a, b))
        case (.uint(let a), .uint(let b)): return .uint(try integer(sign, a, b))
        case (.double(let a), .double(let b)):
            if let result = double(sign, a, b) { return .double(result) }
        case (.string(let a), .string(let b)) where sign == .add: return .string(a + b)
        case (.bytes(let a), .bytes(let b)) where sign == .add: return .bytes(a + b)
        case (.list(let a), .list(let b)) where sign == .add: return .list(a + b)
        default: break
        }
        throw .noOverload(sign.rawValue, [a.typeName, b.typeName])
    }

    static func negate(_ value: CELValue) throws(EvaluationError) -> CELValue {
        switch value {
        case .int(let value):
            guard value != .min else { throw .overflow("-(\(value))") }
            return .int(-value)
        case .double(let value): return .double(-value)
        default: throw .noOverload("-", [value.typeName])
        }
    }

    /// nil where the two are not of kinds that have an order.
    static func order(_ a: CELValue, _ b: CELValue) -> Number.Order? {
        if let a = Number(a), let b = Number(b) { return a.order(to: b) }
        switch (a, b) {
        case (.bool(let a), .bool(let b)): return a == b ? .same : a ? .more : .less
        case (.string(let a), .string(let b)):
            return lexical(a.unicodeScalars, b.unicodeScalars)
        case (.bytes(let a), .bytes(let b)): return lexical(a, b)
        default: return nil
        }
    }

    private static func lexical<Elements: Sequence>(_ a: Elements, _ b: Elements) -> Number.Order
    where Elements.Element: Comparable {
        a.lexicographicallyPrecedes(b) ? .less : a.elementsEqual(b) ? .same : .more
    }

    private static func contains(_ container: CELValue, _ member: CELValue) throws(EvaluationError) -> Bool {
        switch container {
        case .list(let members): members.contains { $0.equals(member) }
        case .map(let map): CELValue.lookUp(member, in: map) != nil
        default: throw .noOverload("in", [member.typeName, container.typeName])
        }
    }

    private static func integer<Integer: FixedWidthInteger>(
        _ sign: Syntax.Operator, _ a: Integer, _ b: Integer
    ) throws(EvaluationError) -> Integer {
        if sign == .divide || sign == .remainder, b == 0 { throw .divisionByZero }
        let (result, overflow) =
            switch sign {
            case .add: a.addingReportingOverflow(b)
            case .subtract: a.subtractingReportingOverflow(b)
            case .multiply: a.multipliedReportingOverflow(by: b)
            case .divide: a.dividedReportingOverflow(by: b)
            default: a.remainderReportingOverflow(dividingBy: b)
            }
        if overflow { throw .overflow("\(a) \(sign.rawValue) \(b)") }
        return result
    }

    private static func double(_ sign: Syntax.Operator, _ a: Double, _ b: Double) -> Double? {
        switch sign {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        default: nil
        }
    }
}
