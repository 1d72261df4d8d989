/// An expression ready to run: names are slots, functions are found, fields of dotted names are tried in order.
indirect enum Code: Sendable {
    case literal(CELValue)
    case slot(Int)
    /// A dotted name of several readings, the longest first: `a.b.c` is the variable `a.b.c`, or `c` of `a.b`, or…
    case path([(slot: Int, fields: [String])])
    case select(Code, String)
    case has(Code, String)
    case index(Code, Code)
    case call(Function, [Code])
    case negate(Code)
    case not(Code)
    case and(Code, Code)
    case or(Code, Code)
    case binary(Syntax.Operator, Code, Code)
    case conditional(Code, Code, Code)
    case list([Code])
    case map([(key: Code, value: Code)])
}

extension Code {
    typealias Resolve = (Int) -> CELValue?

    func evaluate(_ names: [String], _ resolve: Resolve) throws(EvaluationError) -> CELValue {
        switch self {
        case .literal(let value): return value
        case .slot(let slot):
            guard let value = resolve(slot) else { throw .unknownName(names[slot]) }
            return value
        case .path(let readings): return try Self.follow(readings, names, resolve)
        case .select(let operand, let field): return try Self.field(field, of: operand.evaluate(names, resolve))
        case .has(let operand, let field):
            guard case .map(let map) = try operand.evaluate(names, resolve) else { throw .noSuchField(field) }
            return .bool(map[.string(field)] != nil)
        case .index(let operand, let index):
            return try Self.member(of: operand.evaluate(names, resolve), at: index.evaluate(names, resolve))
        case .call(let function, let arguments):
            var values: [CELValue] = []
            values.reserveCapacity(arguments.count)
            for argument in arguments { values.append(try argument.evaluate(names, resolve)) }
            return try function.call(values)
        case .negate(let operand): return try Arithmetic.negate(operand.evaluate(names, resolve))
        case .not(let operand):
            let value = try operand.evaluate(names, resolve)
            guard case .bool(let truth) = value else { throw .noOverload("!", [value.typeName]) }
            return .bool(!truth)
        case .and(let left, let right): return try Self.decide(left, right, by: false, names, resolve)
        case .or(let left, let right): return try Self.decide(left, right, by: true, names, resolve)
        case .binary(let sign, let left, let right):
            return try Arithmetic.apply(sign, left.evaluate(names, resolve), right.evaluate(names, resolve))
        case .conditional(let condition, let yes, let no):
            let value = try condition.evaluate(names, resolve)
            guard case .bool(let truth) = value else { throw .noOverload("?:", [value.typeName]) }
            return try (truth ? yes : no).evaluate(names, resolve)
        case .list(let members):
            var values: [CELValue] = []
            values.reserveCapacity(members.count)
            for member in members { values.append(try member.evaluate(names, resolve)) }
            return .list(values)
        case .map(let pairs): return try Self.map(pairs, names, resolve)
        }
    }

    /// `&&` and `||`: either side alone may decide, and then whatever is wrong with the other does not matter.
    private static func decide(
        _ left: Code, _ right: Code, by deciding: Bool, _ names: [String], _ resolve: Resolve
    ) throws(EvaluationError) -> CELValue {
        let first = Self.truth(left, deciding, names, resolve)
        if case .success(deciding) = first { return .bool(deciding) }
        let second = Self.truth(right, deciding, names, resolve)
        if case .success(deciding) = second { return .bool(deciding) }
        _ = try first.get()
        return .bool(try second.get())
    }

    private static func truth(
        _ side: Code, _ deciding: Bool, _ names: [String], _ resolve: Resolve
    ) -> Result<Bool, EvaluationError> {
        do throws(EvaluationError) {
            let value = try side.evaluate(names, resolve)
            if case .bool(let truth) = value { return .success(truth) }
            return .failure(.noOverload(deciding ? "or" : "and", [value.typeName]))
        } catch {
            return .failure(error)
        }
    }

    private static func follow(
        _ readings: [(slot: Int, fields: [String])], _ names: [String], _ resolve: Resolve
    ) throws(EvaluationError) -> CELValue {
        for (slot, fields) in readings {
            guard var value = resolve(slot) else { continue }
            for name in fields { value = try field(name, of: value) }
            return value
        }
        throw .unknownName(readings.last.map { names[$0.slot] } ?? "")
    }

    private static func field(_ name: String, of value: CELValue) throws(EvaluationError) -> CELValue {
        guard case .map(let map) = value, let value = map[.string(name)] else { throw .noSuchField(name) }
        return value
    }

    private static func member(of value: CELValue, at index: CELValue) throws(EvaluationError) -> CELValue {
        switch value {
        case .list(let members):
            guard let number = Number(index) else { throw .noOverload("an index", ["list", index.typeName]) }
            guard let position = number.asInt.flatMap({ Int(exactly: $0) }), members.indices.contains(position) else {
                throw .outOfBounds(index: index.text, count: members.count)
            }
            return members[position]
        case .map(let map):
            guard let value = CELValue.lookUp(index, in: map) else { throw .noSuchKey(index.text) }
            return value
        default: throw .noOverload("an index", [value.typeName, index.typeName])
        }
    }

    private static func map(
        _ pairs: [(key: Code, value: Code)], _ names: [String], _ resolve: Resolve
    ) throws(EvaluationError) -> CELValue {
        var map: [CELValue: CELValue] = [:]
        for (key, value) in pairs {
            let key = try key.evaluate(names, resolve)
            guard key.isKey else { throw .badKey(key.typeName) }
            guard CELValue.lookUp(key, in: map) == nil else { throw .repeatedKey(key.text) }
            map[key] = try value.evaluate(names, resolve)
        }
        return .map(map)
    }
}
