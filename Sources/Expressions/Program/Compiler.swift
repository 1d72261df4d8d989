/// Turns syntax into a program: names into slots, calls into functions.
struct Compiler {
    private let functions: FunctionTable
    private let text: [Unicode.Scalar]
    /// Whether what does not exist is an error when it runs, as for an expression that was never checked, and not now.
    private let isLenient: Bool
    private(set) var tables = Program.Tables()
    private(set) var names: Set<String> = []
    /// The variables of the macros around the node in hand, and the places they have.
    private var scope: [(name: String, place: Int)] = []

    init(_ functions: FunctionTable, _ text: [Unicode.Scalar], isLenient: Bool) {
        self.functions = functions
        self.text = text
        self.isLenient = isLenient
    }

    static func compile(
        _ syntax: Syntax, _ functions: FunctionTable, _ text: [Unicode.Scalar], isLenient: Bool
    ) throws(ExpressionError) -> (program: Program, names: Set<String>) {
        var compiler = Compiler(functions, text, isLenient: isLenient)
        let root = try compiler.add(syntax)
        return (Program(compiler.tables, root: root), compiler.names)
    }

    private mutating func node(
        _ operation: Program.Node.Operation, _ a: Int32 = 0, _ b: Int32 = 0, _ c: Int32 = 0, at offset: Int
    ) -> Int32 {
        tables.nodes.append(Program.Node(operation: operation, a: a, b: b, c: c))
        tables.offsets.append(Int32(offset))
        return Int32(tables.nodes.count - 1)
    }

    /// Puts something at the end of a table, and gives its index.
    private static func put<Item>(_ item: Item, in table: inout [Item]) -> Int32 {
        table.append(item)
        return Int32(table.count - 1)
    }

    private mutating func add(_ syntax: Syntax) throws(ExpressionError) -> Int32 {
        let offset = syntax.offset
        switch syntax.kind {
        case .literal(let value): return node(.literal, Self.put(value, in: &tables.literals), at: offset)
        case .name, .select(_, _, isOptional: false):
            if let path = syntax.path { return add(path: path, isRooted: syntax.isRooted, at: offset) }
            fallthrough
        case .select, .has, .index: return try add(access: syntax)
        case .call(let receiver, let name, let arguments): return try call(name, of: receiver, arguments, at: offset)
        case .negate(let operand): return node(.negate, try add(operand), at: offset)
        case .not(let operand): return node(.not, try add(operand), at: offset)
        case .binary(let sign, let left, let right):
            let operation = Self.operation(sign)
            return node(operation, try add(left), try add(right), at: offset)
        case .conditional(let condition, let yes, let no):
            return node(.conditional, try add(condition), try add(yes), try add(no), at: offset)
        case .list(let members):
            return try add(.list, of: members.map { ($0.value, $0.isOptional) }, at: offset)
        case .map(let entries):
            return try add(.map, of: entries.flatMap { [($0.key, false), ($0.value, $0.isOptional)] }, at: offset)
        case .comprehension(let comprehension): return try add(comprehension, at: offset)
        case .bind(let name, let value, let body):
            let value = try add(value)
            let place = enter(name)
            defer { leave() }
            return node(.bind, place, value, try add(body), at: offset)
        case .optionalMap(let operand, let name, let body, let isFlat):
            let operand = try add(operand)
            let place = enter(name)
            defer { leave() }
            return node(isFlat ? .optionalFlatMap : .optionalMap, place, operand, try add(body), at: offset)
        }
    }

    private mutating func add(access syntax: Syntax) throws(ExpressionError) -> Int32 {
        switch syntax.kind {
        case .select(let operand, let field, let isOptional):
            let operand = try add(operand)
            return node(.select, operand, add(field: field), isOptional ? 1 : 0, at: syntax.offset)
        case .has(let operand, let field):
            let operand = try add(operand)
            return node(.has, operand, add(field: field), at: syntax.offset)
        case .index(let operand, let index, let isOptional):
            return node(.index, try add(operand), try add(index), isOptional ? 1 : 0, at: syntax.offset)
        default: preconditionFailure("only what reaches into a value comes here")
        }
    }

    private mutating func add(field: String) -> Int32 { Self.put(.string(field), in: &tables.fields) }

    private static func operation(_ sign: Syntax.Operator) -> Program.Node.Operation {
        switch sign {
        case .or: .or
        case .and: .and
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .more: .more
        case .moreOrEqual: .moreOrEqual
        case .equal: .equal
        case .unequal: .unequal
        case .isIn: .isIn
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        }
    }

    private mutating func add(
        _ operation: Program.Node.Operation, of parts: [(Syntax, isOptional: Bool)], at offset: Int
    ) throws(ExpressionError) -> Int32 {
        var added: [Program.Part] = []
        for (part, isOptional) in parts { added.append(Program.Part(node: try add(part), isOptional: isOptional)) }
        let start = tables.parts.count
        tables.parts += added
        return node(operation, 0, Int32(start), Int32(added.count), at: offset)
    }

    private mutating func add(_ comprehension: Syntax.Comprehension, at offset: Int) throws(ExpressionError) -> Int32 {
        let range = try add(comprehension.range)
        let first = enter(comprehension.first)
        let second = comprehension.second.map { enter($0) }
        defer {
            leave()
            if second != nil { leave() }
        }
        var condition: Int32?
        if let syntax = comprehension.condition { condition = try add(syntax) }
        var result: Int32?
        if let syntax = comprehension.result { result = try add(syntax) }
        let code = Program.Comprehension(
            kind: comprehension.kind, range: range, first: Int(first), second: second.map(Int.init) ?? -1,
            condition: condition, result: result)
        return node(.comprehension, Self.put(code, in: &tables.comprehensions), at: offset)
    }

    private mutating func enter(_ name: String) -> Int32 {
        scope.append((name, scope.count))
        tables.places = max(tables.places, scope.count)
        return Int32(scope.count - 1)
    }

    private mutating func leave() { scope.removeLast() }

    // MARK: names

    private mutating func slot(of name: String) -> Int {
        if let slot = tables.slots.firstIndex(of: name) { return slot }
        tables.slots.append(name)
        return tables.slots.count - 1
    }

    private mutating func add(path: [String], isRooted: Bool, at offset: Int) -> Int32 {
        if !isRooted, let local = scope.last(where: { $0.name == path[0] }) {
            var operand = node(.local, Int32(local.place), at: offset)
            for field in path.dropFirst() { operand = node(.select, operand, add(field: field), at: offset) }
            return operand
        }
        let joined = path.joined(separator: ".")
        if CELType.named(joined) != nil { return node(.literal, Self.put(.type(joined), in: &tables.literals), at: offset) }
        names.insert(path[0])
        if path.count == 1 { return node(.slot, Int32(slot(of: joined)), at: offset) }
        let readings = (1...path.count).reversed().map { length in
            Program.Reading(
                slot: slot(of: path.prefix(length).joined(separator: ".")),
                fields: path.dropFirst(length).map(CELValue.string))
        }
        return node(.path, Self.put(readings, in: &tables.paths), at: offset)
    }

    // MARK: functions

    private mutating func call(
        _ name: String, of receiver: Syntax?, _ arguments: [Syntax], at offset: Int
    ) throws(ExpressionError) -> Int32 {
        let found = functions.find(name, of: receiver, isLocal: { name in scope.contains { $0.name == name } })
        guard let function = found.function else {
            return try fail(FunctionTable.unknown(name, of: receiver, in: functions), at: offset)
        }
        let arguments = found.takesReceiver ? [receiver].compactMap { $0 } + arguments : arguments
        guard function.arity.contains(arguments.count) else {
            return try fail("\(function.name)() does not take so many arguments, or so few", at: offset)
        }
        if function.name == "matches", arguments.count == 2, case .literal(.string(let source)) = arguments[1].kind {
            return try matches(arguments[0], source, at: offset, arguments[1].offset)
        }
        let index = Self.put(function, in: &tables.functions)
        let call = try add(.call, of: arguments.map { ($0, false) }, at: offset)
        tables.nodes[Int(call)].a = index
        return call
    }

    private mutating func matches(
        _ operand: Syntax, _ source: String, at offset: Int, _ place: Int
    ) throws(ExpressionError) -> Int32 {
        let pattern: Pattern
        do throws(PatternError) {
            pattern = try Pattern(source)
        } catch {
            return try fail("not a regular expression: \(error.message)", at: place)
        }
        let operand = try add(operand)
        return node(.matches, operand, Self.put(pattern, in: &tables.patterns), at: offset)
    }

    private mutating func fail(_ message: String, at offset: Int) throws(ExpressionError) -> Int32 {
        guard isLenient else { throw ExpressionError(message, at: offset, in: text) }
        return node(.fail, Self.put(.refused(message), in: &tables.failures), at: offset)
    }
}
