/// Turns syntax into code: names into slots, calls into functions.
struct Binder {
    private let functions: FunctionTable
    private let text: [Unicode.Scalar]
    private(set) var slots: [String] = []
    private(set) var names: Set<String> = []

    private static let types: Set = ["null_type", "bool", "int", "uint", "double", "string", "bytes", "list", "map", "type"]

    init(_ functions: FunctionTable, _ text: [Unicode.Scalar]) {
        self.functions = functions
        self.text = text
    }

    mutating func bind(_ syntax: Syntax) throws(ExpressionError) -> Code {
        switch syntax.kind {
        case .literal(let value): return .literal(value)
        case .name(let name) where Self.types.contains(name): return .literal(.type(name))
        case .name(let name):
            names.insert(name)
            return .slot(slot(of: name))
        case .select(let operand, let field):
            if let path = syntax.path { return bind(path: path) }
            return .select(try bind(operand), field)
        case .has(let operand, let field): return .has(try bind(operand), field)
        case .index(let operand, let index): return .index(try bind(operand), try bind(index))
        case .call(let receiver, let name, let arguments): return try call(name, of: receiver, arguments, at: syntax.offset)
        case .negate(let operand): return .negate(try bind(operand))
        case .not(let operand): return .not(try bind(operand))
        case .binary(.and, let left, let right): return .and(try bind(left), try bind(right))
        case .binary(.or, let left, let right): return .or(try bind(left), try bind(right))
        case .binary(let sign, let left, let right): return .binary(sign, try bind(left), try bind(right))
        case .conditional(let condition, let yes, let no):
            return .conditional(try bind(condition), try bind(yes), try bind(no))
        case .list(let members): return .list(try bind(members))
        case .map(let pairs):
            var bound: [(key: Code, value: Code)] = []
            for (key, value) in pairs { bound.append((try bind(key), try bind(value))) }
            return .map(bound)
        }
    }

    private mutating func bind(_ parts: [Syntax]) throws(ExpressionError) -> [Code] {
        var bound: [Code] = []
        for part in parts { bound.append(try bind(part)) }
        return bound
    }

    private mutating func slot(of name: String) -> Int {
        if let slot = slots.firstIndex(of: name) { return slot }
        slots.append(name)
        return slots.count - 1
    }

    private mutating func bind(path: [String]) -> Code {
        names.insert(path[0])
        return .path(
            (1...path.count).reversed().map { length in
                (slot(of: path.prefix(length).joined(separator: ".")), Array(path.dropFirst(length)))
            })
    }

    private mutating func call(
        _ name: String, of receiver: Syntax?, _ arguments: [Syntax], at offset: Int
    ) throws(ExpressionError) -> Code {
        let function: Function
        var arguments = arguments
        if let path = receiver?.path, let found = functions.global[(path + [name]).joined(separator: ".")] {
            function = found
        } else if let receiver {
            guard let found = functions.methods[name] else { throw unknown(name, at: offset) }
            function = found
            arguments.insert(receiver, at: 0)
        } else {
            guard let found = functions.global[name] else { throw unknown(name, at: offset) }
            function = found
        }
        guard function.arity.contains(arguments.count) else {
            throw ExpressionError("\(name)() does not take so many arguments, or so few", at: offset, in: text)
        }
        return .call(function, try bind(arguments))
    }

    private func unknown(_ name: String, at offset: Int) -> ExpressionError {
        let known = (functions.global.keys.filter { !$0.contains(".") } + functions.methods.keys.map { "." + $0 }).sorted()
        return ExpressionError(
            "not supported yet: \(name)(); known: \(known.joined(separator: ", "))", at: offset, in: text)
    }
}
