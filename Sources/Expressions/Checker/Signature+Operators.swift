extension Signature {
    private static let numbers: [CELType] = [.int, .uint, .double]
    private static let a = CELType.parameter(0)

    /// Any two numbers may be compared, whatever their types, for the evaluation compares them by what they count. The
    /// language's own checker refuses `1 == 1.0`; here `selector == 2` is right for a selector that is a uint.
    private static let mixed = numbers.flatMap { a in numbers.filter { $0 != a }.map { Signature([a, $0], .bool) } }
    private static let equality = [Signature([a, a], .bool)] + mixed
    private static let order =
        (numbers + [.bool, .string, .bytes, .timestamp, .duration]).map { Signature([$0, $0], .bool) } + mixed

    /// What an operator takes and gives.
    static func of(_ sign: Syntax.Operator) -> [Signature] {
        switch sign {
        case .or, .and: [Signature([.bool, .bool], .bool)]
        case .equal, .unequal: equality
        case .less, .lessOrEqual, .more, .moreOrEqual: order
        case .isIn: [Signature([a, .list(a)], .bool), Signature([a, .map(a, .parameter(1))], .bool)]
            + numbers.flatMap { a in
                numbers.filter { $0 != a }.flatMap { [Signature([a, .list($0)], .bool), Signature([a, .map($0, .dyn)], .bool)] }
            }
        case .add:
            same(numbers + [.string, .bytes, .duration]) + [
                Signature([.list(a), .list(a)], .list(a)), Signature([.timestamp, .duration], .timestamp),
                Signature([.duration, .timestamp], .timestamp),
            ]
        case .subtract:
            same(numbers + [.duration]) + [
                Signature([.timestamp, .timestamp], .duration), Signature([.timestamp, .duration], .timestamp),
            ]
        case .multiply, .divide: same(numbers)
        case .remainder: same([.int, .uint])
        }
    }

    private static func same(_ types: [CELType]) -> [Signature] { types.map { Signature([$0, $0], $0) } }

    static let negation = [Signature([.int], .int), Signature([.double], .double)]
    static let not = [Signature([.bool], .bool)]
    static let conditional = [Signature([.bool, a, a], a)]
}
