/// Builds the tree of an expression (cel-spec, "Syntax"), by descent for the operands and by precedence for the operators.
struct Parser {
    private let text: [Unicode.Scalar]
    private let tokens: [Token]
    private var position = 0
    private var nesting = 0

    /// Longer than any condition a person would read.
    private static let longest = 16_384
    private static let deepest = 64
    private static let reserved: Set = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace",
        "return", "var", "void", "while",
    ]
    private init(_ source: String) throws(ExpressionError) {
        let text = Array(source.unicodeScalars)
        guard text.count <= Self.longest else {
            throw ExpressionError(message: "the expression is longer than \(Self.longest) characters", line: 1, column: 1)
        }
        self.text = text
        tokens = try Lexer.tokens(of: text)
    }

    static func parse(_ source: String) throws(ExpressionError) -> Syntax {
        var parser = try Parser(source)
        let syntax = try parser.expression()
        guard parser.token.kind == .end else {
            throw parser.error("an operator is missing before \(parser.token.words)")
        }
        return syntax
    }

    /// The token in hand. The last one is always `.end`, and it is never passed.
    private var token: Token { tokens[min(position, tokens.count - 1)] }

    func error(_ message: String, at offset: Int? = nil) -> ExpressionError {
        ExpressionError(message, at: offset ?? token.offset, in: text)
    }

    private mutating func accept(_ symbol: String) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: String, _ purpose: String) throws(ExpressionError) {
        guard accept(symbol) else { throw error("expected '\(symbol)' \(purpose), not \(token.words)") }
    }

    func node(_ kind: Syntax.Kind, at offset: Int, over parts: [Syntax] = []) throws(ExpressionError) -> Syntax {
        let depth = 1 + (parts.map(\.depth).max() ?? 0)
        guard depth <= Syntax.greatestDepth else { throw error("the expression is too deep", at: offset) }
        return Syntax(kind: kind, offset: offset, depth: depth)
    }

    private mutating func expression() throws(ExpressionError) -> Syntax {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepest else { throw error("brackets are nested more than \(Self.deepest) deep") }
        let condition = try binary(above: 0)
        let offset = token.offset
        guard accept("?") else { return condition }
        let yes = try binary(above: 0)
        try expect(":", "after the first choice of '?'")
        let no = try expression()
        return try node(.conditional(condition, yes, no), at: offset, over: [condition, yes, no])
    }

    private var infix: Syntax.Operator? {
        switch token.kind {
        case .symbol(let symbol): symbol == "in" ? nil : Syntax.Operator(rawValue: symbol)
        case .name("in"): .isIn
        default: nil
        }
    }

    private mutating func binary(above precedence: Int) throws(ExpressionError) -> Syntax {
        var left = try unary()
        while let infix, infix.precedence > precedence {
            let offset = token.offset
            position += 1
            let right = try binary(above: infix.precedence)
            left = try node(.binary(infix, left, right), at: offset, over: [left, right])
        }
        return left
    }

    private mutating func unary() throws(ExpressionError) -> Syntax {
        let offset = token.offset
        guard token.kind == .symbol("!") || token.kind == .symbol("-") else { return try member() }
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepest else { throw error("too many signs in a row") }
        if accept("!") {
            let operand = try unary()
            return try node(.not(operand), at: offset, over: [operand])
        }
        position += 1
        if case .integer(let magnitude) = token.kind {
            // The sign next to a number belongs to it: the least int has no positive twin.
            guard let value = Int64(exactly: 0 - Int128(magnitude)) else { throw error("this number does not fit in 64 bits") }
            position += 1
            return try suffixes(of: try node(.literal(.int(value)), at: offset))
        }
        let operand = try unary()
        return try node(.negate(operand), at: offset, over: [operand])
    }

    private mutating func member() throws(ExpressionError) -> Syntax { try suffixes(of: try primary()) }

    /// Fields, calls and indexes behind an operand.
    private mutating func suffixes(of operand: Syntax) throws(ExpressionError) -> Syntax {
        var operand = operand
        while true {
            let offset = token.offset
            if accept("[") {
                let isOptional = accept("?")
                let index = try expression()
                try expect("]", "after an index")
                operand = try node(.index(operand, index, isOptional: isOptional), at: offset, over: [operand, index])
            } else if accept(".") {
                operand = try selected(from: operand, isOptional: accept("?"))
            } else {
                return operand
            }
        }
    }

    private mutating func selected(from operand: Syntax, isOptional: Bool) throws(ExpressionError) -> Syntax {
        let offset = token.offset
        switch token.kind {
        case .quotedName(let field):
            position += 1
            return try node(.select(operand, field, isOptional: isOptional), at: offset, over: [operand])
        case .name(let name) where !["in", "true", "false", "null"].contains(name):
            position += 1
            guard !isOptional, accept("(") else {
                return try node(.select(operand, name, isOptional: isOptional), at: offset, over: [operand])
            }
            let arguments = try list(until: ")", "of \(name)()")
            if let expanded = try macro(name, of: operand, arguments, at: offset) { return expanded }
            return try node(.call(receiver: operand, name, arguments), at: offset, over: [operand] + arguments)
        default:
            throw error("expected a field's name after '.', not \(token.words)")
        }
    }

    private mutating func primary() throws(ExpressionError) -> Syntax {
        let offset = token.offset
        switch token.kind {
        case .literal(let value):
            position += 1
            return try node(.literal(value), at: offset)
        case .integer(let magnitude):
            guard let value = Int64(exactly: magnitude) else { throw error("this number does not fit in 64 bits") }
            position += 1
            return try node(.literal(.int(value)), at: offset)
        case .name(let name):
            position += 1
            return try named(name, at: offset, isRoot: false)
        case .symbol("."):
            // A leading dot names from the root; there are no containers to step out of, so it only passes by the variables of macros.
            position += 1
            guard case .name(let name) = token.kind else { throw error("expected a name after '.', not \(token.words)") }
            position += 1
            return try named(name, at: offset, isRoot: true)
        case .symbol("("):
            position += 1
            let inner = try expression()
            try expect(")", "to close the bracket")
            return inner
        case .symbol("["):
            position += 1
            return try list(at: offset)
        case .symbol("{"):
            position += 1
            return try map(at: offset)
        default:
            throw error("expected a value, not \(token.words)")
        }
    }

    private mutating func named(_ name: String, at offset: Int, isRoot: Bool) throws(ExpressionError) -> Syntax {
        switch name {
        case "true": return try node(.literal(.bool(true)), at: offset)
        case "false": return try node(.literal(.bool(false)), at: offset)
        case "null": return try node(.literal(.null), at: offset)
        case "in": throw error("'in' needs a value on its left", at: offset)
        default: break
        }
        if Self.reserved.contains(name) { throw error("'\(name)' is a reserved word and cannot be a name", at: offset) }
        if token.kind == .symbol("{") { throw error("there are no messages here, such as \(name){}; a map is written {'key': value}") }
        guard accept("(") else { return try node(.name(name, isRoot: isRoot), at: offset) }
        let arguments = try list(until: ")", "of \(name)()")
        guard name == "has" else {
            return try node(.call(receiver: nil, name, arguments), at: offset, over: arguments)
        }
        guard arguments.count == 1, case .select(let operand, let field, isOptional: false) = arguments[0].kind else {
            throw error("has() takes one field, as in has(message.field)", at: offset)
        }
        return try node(.has(operand, field), at: offset, over: [operand])
    }

    /// Expressions and commas up to a closing bracket, which is passed. A last comma is allowed.
    private mutating func list(until bracket: String, _ what: String) throws(ExpressionError) -> [Syntax] {
        var members: [Syntax] = []
        while !accept(bracket) {
            members.append(try expression())
            if accept(",") { continue }
            try expect(bracket, "at the end \(what)")
            break
        }
        return members
    }

    private mutating func list(at offset: Int) throws(ExpressionError) -> Syntax {
        var members: [Syntax.Element] = []
        while !accept("]") {
            let isOptional = accept("?")
            members.append(Syntax.Element(value: try expression(), isOptional: isOptional))
            if accept(",") { continue }
            try expect("]", "at the end of the list")
            break
        }
        return try node(.list(members), at: offset, over: members.map(\.value))
    }

    private mutating func map(at offset: Int) throws(ExpressionError) -> Syntax {
        var entries: [Syntax.Entry] = []
        while !accept("}") {
            let isOptional = accept("?")
            let key = try expression()
            try expect(":", "after a map's key")
            entries.append(Syntax.Entry(key: key, value: try expression(), isOptional: isOptional))
            if accept(",") { continue }
            try expect("}", "at the end of the map")
            break
        }
        return try node(.map(entries), at: offset, over: entries.flatMap { [$0.key, $0.value] })
    }
}
