/// The mathematical extension (cel-go `ext.Math`), and `abs`, `min`, `max` for short.
extension Function {
    static let mathematics: [Function] =
        [
            Function("math.ceil", arity: 1...1) { rounded($0[0], .up) },
            Function("math.floor", arity: 1...1) { rounded($0[0], .down) },
            Function("math.round", arity: 1...1) { rounded($0[0], .toNearestOrAwayFromZero) },
            Function("math.trunc", arity: 1...1) { rounded($0[0], .towardZero) },
            Function("math.isNaN", arity: 1...1) { test($0[0], \.isNaN) },
            Function("math.isInf", arity: 1...1) { test($0[0], \.isInfinite) },
            Function("math.isFinite", arity: 1...1) { test($0[0], \.isFinite) },
            Function("math.sign", arity: 1...1) { arguments in
                switch arguments[0] {
                case .int(let value): .int(value.signum())
                case .uint(let value): .uint(value.signum())
                case .double(let value): .double(value > 0 ? 1 : value < 0 ? -1 : value)
                default: nil
                }
            },
        ]
        + ["abs", "math.abs"].map { name in
            Function(name, arity: 1...1) { arguments throws(EvaluationError) in try absolute(arguments[0]) }
        }
        + bitwise
        + ["max", "math.greatest"].map { name in Function(name, arity: 1...16) { extreme($0, beats: .more) } }
        + ["min", "math.least"].map { name in Function(name, arity: 1...16) { extreme($0, beats: .less) } }

    private static func rounded(_ value: CELValue, _ rule: FloatingPointRoundingRule) -> CELValue? {
        guard case .double(let number) = value else { return nil }
        return .double(number.rounded(rule))
    }

    private static func test(_ value: CELValue, _ test: (Double) -> Bool) -> CELValue? {
        guard case .double(let number) = value else { return nil }
        return .bool(test(number))
    }

    private static func absolute(_ value: CELValue) throws(EvaluationError) -> CELValue? {
        switch value {
        case .int(let number):
            guard number != .min else { throw .overflow("abs(\(number))") }
            return .int(abs(number))
        case .uint: return value
        case .double(let number): return .double(abs(number))
        default: return nil
        }
    }

    /// The first of the arguments, or of the one list, that none of the others beats.
    private static func extreme(_ arguments: [CELValue], beats: Number.Order) -> CELValue? {
        var candidates = arguments
        if case .list(let members) = arguments[0], arguments.count == 1 { candidates = members }
        guard var best = candidates.first, candidates.allSatisfy({ Number($0) != nil }) else { return nil }
        for candidate in candidates where Arithmetic.order(candidate, best) == beats { best = candidate }
        return best
    }

    private static let bitwise: [Function] = [
        Function("math.bitAnd", arity: 2...2) { bits($0, { $0 & $1 }, { $0 & $1 }) },
        Function("math.bitOr", arity: 2...2) { bits($0, { $0 | $1 }, { $0 | $1 }) },
        Function("math.bitXor", arity: 2...2) { bits($0, { $0 ^ $1 }, { $0 ^ $1 }) },
        Function("math.bitNot", arity: 1...1) { arguments in
            switch arguments[0] {
            case .int(let value): .int(~value)
            case .uint(let value): .uint(~value)
            default: nil
            }
        },
        Function("math.bitShiftLeft", arity: 2...2) { arguments throws(EvaluationError) in try shifted(arguments) { $0 << $1 } },
        Function("math.bitShiftRight", arity: 2...2) { arguments throws(EvaluationError) in try shifted(arguments) { $0 >> $1 } },
    ]

    private static func bits(
        _ arguments: [CELValue], _ ints: (Int64, Int64) -> Int64, _ uints: (UInt64, UInt64) -> UInt64
    ) -> CELValue? {
        switch (arguments[0], arguments[1]) {
        case (.int(let a), .int(let b)): .int(ints(a, b))
        case (.uint(let a), .uint(let b)): .uint(uints(a, b))
        default: nil
        }
    }

    /// Shifts the 64 bits as they are, without regard to a sign; what leaves them is gone.
    private static func shifted(
        _ arguments: [CELValue], _ shift: (UInt64, Int64) -> UInt64
    ) throws(EvaluationError) -> CELValue? {
        guard case .int(let places) = arguments[1] else { return nil }
        guard places >= 0 else { throw .refused("a shift by \(places) places, which is less than none") }
        switch arguments[0] {
        case .int(let value): return .int(Int64(bitPattern: shift(UInt64(bitPattern: value), places)))
        case .uint(let value): return .uint(shift(value, places))
        default: return nil
        }
    }
}
