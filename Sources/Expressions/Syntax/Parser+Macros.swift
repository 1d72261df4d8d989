extension Parser {
    /// The macros over lists and maps: how many arguments they take with one variable, and with two.
    private static let comprehensions: [String: (one: ClosedRange<Int>?, two: ClosedRange<Int>?, kind: Syntax.Comprehension.Kind)] = [
        "all": (2...2, 3...3, .all), "exists": (2...2, 3...3, .exists), "exists_one": (2...2, 3...3, .existsOne),
        "existsOne": (2...2, 3...3, .existsOne), "filter": (2...2, nil, .filter), "map": (2...3, nil, .map),
        "transformList": (nil, 3...4, .map), "transformMap": (nil, 3...4, .transformMap),
        "transformMapEntry": (nil, 3...4, .transformMapEntry),
    ]

    /// What a call in the receiver's style is where it is a macro; nil for a function.
    func macro(
        _ name: String, of operand: Syntax, _ arguments: [Syntax], at offset: Int
    ) throws(ExpressionError) -> Syntax? {
        if name == "bind", case .name("cel", _) = operand.kind {
            guard arguments.count == 3 else { throw error("cel.bind() takes a name, its value and an expression", at: offset) }
            let variable = try variable(arguments[0], of: "cel.bind")
            return try node(.bind(variable, arguments[1], arguments[2]), at: offset, over: [arguments[1], arguments[2]])
        }
        if name == "optMap" || name == "optFlatMap" {
            guard arguments.count == 2 else { throw error("\(name)() takes a name and an expression", at: offset) }
            let variable = try variable(arguments[0], of: name)
            return try node(
                .optionalMap(operand, variable, arguments[1], isFlat: name == "optFlatMap"), at: offset,
                over: [operand, arguments[1]])
        }
        guard let form = Self.comprehensions[name] else { return nil }
        let variables = form.two?.contains(arguments.count) == true ? 2 : 1
        guard variables == 2 || form.one?.contains(arguments.count) == true else {
            throw error("\(name)() takes a variable's name and an expression, as in \(Self.example(of: name))", at: offset)
        }
        let first = try variable(arguments[0], of: name)
        let second = variables == 2 ? try variable(arguments[1], of: name) : nil
        if first == second { throw error("the two variables of \(name)() have one name", at: arguments[1].offset) }
        let rest = arguments[variables...]
        let comprehension: Syntax.Comprehension
        switch form.kind {
        case .all, .exists, .existsOne, .filter:
            comprehension = Syntax.Comprehension(
                kind: form.kind, range: operand, first: first, second: second, condition: rest.first, result: nil)
        case .map, .transformMap, .transformMapEntry:
            comprehension = Syntax.Comprehension(
                kind: form.kind, range: operand, first: first, second: second,
                condition: rest.count == 2 ? rest.first : nil, result: rest.last)
        }
        return try node(.comprehension(comprehension), at: offset, over: comprehension.parts)
    }

    private func variable(_ syntax: Syntax, of macro: String) throws(ExpressionError) -> String {
        guard case .name(let name, isRoot: false) = syntax.kind else {
            throw error("\(macro)() begins with a variable's name, without dots", at: syntax.offset)
        }
        return name
    }

    private static func example(of name: String) -> String {
        switch name {
        case "map": "list.map(x, x * 2)"
        case "transformList", "transformMap": "list.\(name)(i, x, x * i)"
        case "transformMapEntry": "map.transformMapEntry(k, v, {v: k})"
        default: "list.\(name)(x, x > 0)"
        }
    }
}
