/// The mathematical extension (cel-go `ext.Math`), and `abs`, `min`, `max` for short.
extension Function {
    private static let numbers: [CELType] = [.int, .uint, .double]
    private static let ofDouble = [Signature([.double], .double)]
    private static let testOfDouble = [Signature([.double], .bool)]
    private static let sameNumber = numbers.map { Signature([$0], $0) }

    static let mathematics: [Function] =
        [
            Function.one("math.ceil", ofDouble) { value, _ in rounded(value, .up) },
            Function.one("math.floor", ofDouble) { value, _ in rounded(value, .down) },
            Function.one("math.round", ofDouble) { value, _ in rounded(value, .toNearestOrAwayFromZero) },
            Function.one("math.trunc", ofDouble) { value, _ in rounded(value, .towardZero) },
            Function.one("math.sqrt", signatures(numbers, .double)) { value, _ in
                Number(value).map { .double($0.asDouble.squareRoot()) }
            },
            Function.one("math.isNaN", testOfDouble) { value, _ in test(value, \.isNaN) },
            Function.one("math.isInf", testOfDouble) { value, _ in test(value, \.isInfinite) },
            Function.one("math.isFinite", testOfDouble) { value, _ in test(value, \.isFinite) },
            Function.one("math.sign", sameNumber) { value, _ in
                switch value {
                case .int(let value): .int(value.signum())
                case .uint(let value): .uint(value.signum())
                case .double(let value): .double(value > 0 ? 1 : value < 0 ? -1 : value)
                default: nil
                }
            },
        ]
        + ["abs", "math.abs"].map { Function.one($0, sameNumber, absolute) }
        + bitwise
        + ["max", "math.greatest"].map { name in
            Function.many(name, 1...64, extremes) { arguments, meter throws(EvaluationError) in
                try extreme(arguments, beats: .more, &meter)
            }
        }
        + ["min", "math.least"].map { name in
            Function.many(name, 1...64, extremes) { arguments, meter throws(EvaluationError) in
                try extreme(arguments, beats: .less, &meter)
            }
        }

    private static func rounded(_ value: CELValue, _ rule: FloatingPointRoundingRule) -> CELValue? {
        guard case .double(let number) = value else { return nil }
        return .double(number.rounded(rule))
    }

    private static func test(_ value: CELValue, _ test: (Double) -> Bool) -> CELValue? {
        guard case .double(let number) = value else { return nil }
        return .bool(test(number))
    }

    private static func absolute(_ value: CELValue, _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        switch value {
        case .int(let number):
            guard number != .min else { throw .overflow("abs(\(number))") }
            return .int(abs(number))
        case .uint: return value
        case .double(let number): return .double(abs(number))
        default: return nil
        }
    }

    /// One number or a list of them, two numbers of any types, or more: numbers of one type give that type.
    private static let extremes: [Signature] =
        sameNumber + numbers.map { Signature([.list($0)], $0) } + [Signature([.list(.dyn)], .dyn)]
        + numbers.flatMap { a in numbers.map { Signature([a, $0], a == $0 ? a : .dyn) } }
        + (3...64).flatMap { count in
            numbers.map { Signature(Array(repeating: $0, count: count), $0) } + [Signature(Array(repeating: .dyn, count: count), .dyn)]
        }

    /// The first of the arguments, or of the one list, that none of the others beats.
    private static func extreme(
        _ arguments: [CELValue], beats: Number.Order, _ meter: inout Meter
    ) throws(EvaluationError) -> CELValue? {
        var candidates = arguments
        if case .list(let members) = arguments[0], arguments.count == 1 { candidates = members }
        try meter.spend(candidates.count)
        guard var best = candidates.first, candidates.allSatisfy({ Number($0) != nil }) else { return nil }
        for candidate in candidates where Arithmetic.order(candidate, best) == beats { best = candidate }
        return best
    }

    private static let bitPairs = [CELType.int, .uint].map { Signature([$0, $0], $0) }
    private static let shifts = [CELType.int, .uint].map { Signature([$0, .int], $0) }

    private static let bitwise: [Function] = [
        Function.two("math.bitAnd", bitPairs) { a, b, _ in bits(a, b, { $0 & $1 }, { $0 & $1 }) },
        Function.two("math.bitOr", bitPairs) { a, b, _ in bits(a, b, { $0 | $1 }, { $0 | $1 }) },
        Function.two("math.bitXor", bitPairs) { a, b, _ in bits(a, b, { $0 ^ $1 }, { $0 ^ $1 }) },
        Function.one("math.bitNot", [Signature([.int], .int), Signature([.uint], .uint)]) { value, _ in
            switch value {
            case .int(let value): .int(~value)
            case .uint(let value): .uint(~value)
            default: nil
            }
        },
        Function.two("math.bitShiftLeft", shifts) { value, places, _ throws(EvaluationError) in
            try shifted(value, by: places) { $0 << $1 }
        },
        Function.two("math.bitShiftRight", shifts) { value, places, _ throws(EvaluationError) in
            try shifted(value, by: places) { $0 >> $1 }
        },
    ]

    private static func bits(
        _ a: CELValue, _ b: CELValue, _ ints: (Int64, Int64) -> Int64, _ uints: (UInt64, UInt64) -> UInt64
    ) -> CELValue? {
        switch (a, b) {
        case (.int(let a), .int(let b)): .int(ints(a, b))
        case (.uint(let a), .uint(let b)): .uint(uints(a, b))
        default: nil
        }
    }

    /// Shifts the 64 bits as they are, without regard to a sign; what leaves them is gone.
    private static func shifted(
        _ value: CELValue, by places: CELValue, _ shift: (UInt64, Int64) -> UInt64
    ) throws(EvaluationError) -> CELValue? {
        guard case .int(let places) = places else { return nil }
        guard places >= 0 else { throw .refused("a shift by \(places) places, which is less than none") }
        switch value {
        case .int(let value): return .int(Int64(bitPattern: shift(UInt64(bitPattern: value), places)))
        case .uint(let value): return .uint(shift(value, places))
        default: return nil
        }
    }
}
