/// Where a program finds its variables.
protocol VariableSource {
    /// nil if the variable has no value now.
    func value(in slot: Int) -> CELValue?
}

/// One run of a program.
struct Machine<Source: VariableSource> {
    let program: Program
    let source: Source
    var meter: Meter
    /// The variables of macros. Empty, and so without memory of its own, where there are none.
    var locals: [CELValue]
    /// The node at work, which is the one to blame when something fails.
    var current: Int32 = 0

    init(_ program: Program, _ source: Source, limit: Int) {
        self.program = program
        self.source = source
        meter = Meter(limit)
        locals = program.tables.places == 0 ? [] : Array(repeating: .null, count: program.tables.places)
    }

    mutating func value(_ index: Int32) throws(EvaluationError) -> CELValue {
        try meter.spend(1)
        let node = program.nodes[Int(index)]
        switch node.operation {
        case .literal: return program.literals[Int(node.a)]
        case .slot:
            if let value = source.value(in: Int(node.a)) { return value }
            current = index
            throw .unknownName(program.tables.slots[Int(node.a)])
        case .local: return locals[Int(node.a)]
        case .and: return try decide(node, by: false, index)
        case .or: return try decide(node, by: true, index)
        case .less, .lessOrEqual, .more, .moreOrEqual, .equal, .unequal, .isIn, .add, .subtract, .multiply, .divide, .remainder:
            return try binary(node, index)
        case .not:
            let value = try value(node.a)
            if case .bool(let truth) = value { return .bool(!truth) }
            current = index
            throw .noOverload("!", [value.typeName])
        case .negate:
            let value = try value(node.a)
            current = index
            return try Arithmetic.negate(value)
        case .conditional:
            let value = try value(node.a)
            if case .bool(let truth) = value { return try self.value(truth ? node.b : node.c) }
            current = index
            throw .noOverload("?:", [value.typeName])
        default: return try other(node, index)
        }
    }

    /// Comparisons and sums. Doubles and ints are judged here; the rest takes the longer way.
    private mutating func binary(_ node: Program.Node, _ index: Int32) throws(EvaluationError) -> CELValue {
        let left = try value(node.a)
        let right = try value(node.b)
        switch (left, right) {
        case (.double(let a), .double(let b)):
            switch node.operation {
            case .less: return .bool(a < b)
            case .lessOrEqual: return .bool(a <= b)
            case .more: return .bool(a > b)
            case .moreOrEqual: return .bool(a >= b)
            case .equal: return .bool(a == b)
            case .unequal: return .bool(a != b)
            case .add: return .double(a + b)
            case .subtract: return .double(a - b)
            case .multiply: return .double(a * b)
            case .divide: return .double(a / b)
            default: break
            }
        case (.int(let a), .int(let b)):
            switch node.operation {
            case .less: return .bool(a < b)
            case .lessOrEqual: return .bool(a <= b)
            case .more: return .bool(a > b)
            case .moreOrEqual: return .bool(a >= b)
            case .equal: return .bool(a == b)
            case .unequal: return .bool(a != b)
            default: break
            }
        case (.bool(let a), .bool(let b)):
            if node.operation == .equal { return .bool(a == b) }
            if node.operation == .unequal { return .bool(a != b) }
        default: break
        }
        current = index
        return try Arithmetic.apply(Self.sign(node.operation), left, right, &meter)
    }

    private static func sign(_ operation: Program.Node.Operation) -> Syntax.Operator {
        switch operation {
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
        default: .remainder
        }
    }

    /// `&&` and `||`: either side alone may decide, and then whatever is wrong with the other does not matter.
    private mutating func decide(_ node: Program.Node, by deciding: Bool, _ index: Int32) throws(EvaluationError) -> CELValue {
        var failure: EvaluationError?
        var culprit: Int32 = 0
        do throws(EvaluationError) {
            if try truth(node.a, of: index, deciding) == deciding { return .bool(deciding) }
        } catch {
            if case .tooCostly = error { throw error }
            failure = error
            culprit = current
        }
        guard let failure else { return .bool(try truth(node.b, of: index, deciding)) }
        do throws(EvaluationError) {
            if try truth(node.b, of: index, deciding) == deciding { return .bool(deciding) }
        } catch {
            if case .tooCostly = error { throw error }
        }
        current = culprit
        throw failure
    }

    private mutating func truth(_ side: Int32, of index: Int32, _ deciding: Bool) throws(EvaluationError) -> Bool {
        let value = try value(side)
        if case .bool(let truth) = value { return truth }
        current = index
        throw .noOverload(deciding ? "or" : "and", [value.typeName])
    }
}
