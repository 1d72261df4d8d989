/// The operators on values. Integers never wrap: what does not fit is an error. Types do not mix, except in comparisons.
enum Arithmetic {
    static func apply(
        _ sign: Syntax.Operator, _ a: CELValue, _ b: CELValue, _ meter: inout Meter
    ) throws(EvaluationError) -> CELValue {
        switch sign {
        case .equal: return .bool(try equal(a, b, &meter))
        case .unequal: return .bool(!(try equal(a, b, &meter)))
        case .less, .lessOrEqual, .more, .moreOrEqual: return .bool(try compare(sign, a, b, &meter))
        case .isIn: return .bool(try contains(b, a, &meter))
        default: break
        }
        switch (a, b) {
        case (.int(let a), .int(let b)): return .int(try integer(sign, a, b))
        case (.uint(let a), .uint(let b)): return .uint(try integer(sign, a, b))
        case (.double(let a), .double(let b)):
            if let result = double(sign, a, b) { return .double(result) }
        case (.string(let a), .string(let b)) where sign == .add:
            try meter.spend(bytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.bytes(let a), .bytes(let b)) where sign == .add:
            try meter.spend(bytes: a.count + b.count)
            return .bytes(a + b)
        case (.list(let a), .list(let b)) where sign == .add:
            try meter.spend(a.count + b.count)
            return .list(a + b)
        default:
            if let result = try time(sign, a, b) { return result }
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

    static func equal(_ a: CELValue, _ b: CELValue, _ meter: inout Meter) throws(EvaluationError) -> Bool {
        switch (a, b) {
        case (.string(let a), .string(let b)):
            guard a.utf8.count == b.utf8.count else { return false }
            try meter.spend(bytes: a.utf8.count)
            return a.utf8.elementsEqual(b.utf8)
        case (.list, .list), (.map, .map), (.optional, .optional), (.bytes, .bytes):
            // What both hold is compared in pairs, so the cost of the one bounds it.
            try meter.spend(reading: a)
        default: break
        }
        return a.equals(b)
    }

    private static func compare(
        _ sign: Syntax.Operator, _ a: CELValue, _ b: CELValue, _ meter: inout Meter
    ) throws(EvaluationError) -> Bool {
        try meter.spend(reading: a)
        guard let order = order(a, b) else { throw .noOverload(sign.rawValue, [a.typeName, b.typeName]) }
        return switch sign {
        case .less: order == .less
        case .lessOrEqual: order == .less || order == .same
        case .more: order == .more
        default: order == .more || order == .same
        }
    }

    /// nil where the two are not of kinds that have an order.
    static func order(_ a: CELValue, _ b: CELValue) -> Number.Order? {
        switch (a, b) {
        case (.bool(let a), .bool(let b)): return a == b ? .same : a ? .more : .less
        // UTF-8 orders bytes as Unicode orders scalars.
        case (.string(let a), .string(let b)): return lexical(a.utf8, b.utf8)
        case (.bytes(let a), .bytes(let b)): return lexical(a, b)
        case (.timestamp(let a), .timestamp(let b)): return a < b ? .less : a == b ? .same : .more
        case (.duration(let a), .duration(let b)): return a < b ? .less : a == b ? .same : .more
        default:
            guard let a = Number(a), let b = Number(b) else { return nil }
            return a.order(to: b)
        }
    }

    private static func lexical(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Number.Order {
        a.lexicographicallyPrecedes(b) ? .less : a.elementsEqual(b) ? .same : .more
    }

    private static func contains(
        _ container: CELValue, _ member: CELValue, _ meter: inout Meter
    ) throws(EvaluationError) -> Bool {
        switch container {
        case .list(let members):
            for other in members {
                try meter.spend(1)
                if try equal(member, other, &meter) { return true }
            }
            return false
        case .map(let map):
            try meter.spend(reading: member)
            return CELValue.lookUp(member, in: map) != nil
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

    static func double(_ sign: Syntax.Operator, _ a: Double, _ b: Double) -> Double? {
        switch sign {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        default: nil
        }
    }

    /// Sums and differences of moments and durations; nil for other values.
    private static func time(_ sign: Syntax.Operator, _ a: CELValue, _ b: CELValue) throws(EvaluationError) -> CELValue? {
        let result: CELValue?
        switch (sign, a, b) {
        case (.add, .timestamp(let time), .duration(let span)), (.add, .duration(let span), .timestamp(let time)):
            result = time.advanced(by: span).map(CELValue.timestamp)
        case (.subtract, .timestamp(let time), .duration(let span)):
            result = span.negated.flatMap(time.advanced).map(CELValue.timestamp)
        case (.subtract, .timestamp(let time), .timestamp(let other)):
            result = time.distance(from: other).map(CELValue.duration)
        case (.add, .duration(let span), .duration(let other)): result = span.adding(other).map(CELValue.duration)
        case (.subtract, .duration(let span), .duration(let other)): result = span.subtracting(other).map(CELValue.duration)
        default: return nil
        }
        guard let result else { throw .overflow("\(a.text) \(sign.rawValue) \(b.text)") }
        return result
    }
}
