/// Optional values (cel-go, optional syntax and types): `optional.of(x)`, `m.?field.orValue(0)`.
extension Function {
    private static let open = CELType.parameter(0)

    static let optionals: [Function] = [
        Function.one("optional.of", [Signature([open], .optional(open))]) { value, _ in .optional(value) },
        Function.one("optional.ofNonZeroValue", [Signature([open], .optional(open))]) { value, _ in
            .optional(value.isZero ? nil : value)
        },
        Function.many("optional.none", 0...0, [Signature([], .optional(open))]) { _, _ in .optional(nil) },
    ]

    static let optionalMethods: [Function] = [
        Function.one("hasValue", [Signature([.optional(open)], .bool)]) { value, _ in
            guard case .optional(let inner) = value else { return nil }
            return .bool(inner != nil)
        },
        Function.one("value", [Signature([.optional(open)], open)]) { value, _ throws(EvaluationError) in
            guard case .optional(let inner) = value else { return nil }
            guard let inner else { throw .refused("the optional value is absent") }
            return inner
        },
        Function.two("or", [Signature([.optional(open), .optional(open)], .optional(open))]) { value, other, _ in
            guard case .optional(let inner) = value, case .optional = other else { return nil }
            return inner == nil ? other : value
        },
        Function.two("orValue", [Signature([.optional(open), open], open)]) { value, other, _ in
            guard case .optional(let inner) = value else { return nil }
            return inner ?? other
        },
    ]
}
