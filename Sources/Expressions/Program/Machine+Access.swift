extension Machine {
    /// What is rarer than comparisons.
    mutating func other(_ node: Program.Node, _ index: Int32) throws(EvaluationError) -> CELValue {
        switch node.operation {
        case .path: return try path(program.tables.paths[Int(node.a)], index)
        case .select:
            let operand = try value(node.a)
            current = index
            return try select(program.tables.fields[Int(node.b)], of: operand, isOptional: node.c == 1)
        case .has:
            let operand = try value(node.a)
            current = index
            return .bool(try has(program.tables.fields[Int(node.b)], in: operand))
        case .index:
            let operand = try value(node.a)
            let member = try value(node.b)
            current = index
            return try self.member(member, of: operand, isOptional: node.c == 1)
        case .call: return try call(node, index)
        case .matches:
            let operand = try value(node.a)
            current = index
            guard case .string(let text) = operand else { throw .noOverload("matches()", [operand.typeName, "string"]) }
            return .bool(try program.tables.patterns[Int(node.b)].matches(text, &meter))
        case .list: return try list(node, index)
        case .map: return try map(node, index)
        case .comprehension: return try comprehension(program.tables.comprehensions[Int(node.a)], index)
        case .bind:
            locals[Int(node.a)] = try value(node.b)
            return try value(node.c)
        case .optionalMap, .optionalFlatMap: return try optionalMap(node, index)
        default:
            current = index
            throw program.tables.failures[Int(node.a)]
        }
    }

    private mutating func path(_ readings: [Program.Reading], _ index: Int32) throws(EvaluationError) -> CELValue {
        current = index
        for reading in readings {
            guard var value = source.value(in: reading.slot) else { continue }
            for field in reading.fields { value = try select(field, of: value, isOptional: false) }
            return value
        }
        throw .unknownName(readings.last.map { program.tables.slots[$0.slot] } ?? "")
    }

    private func select(_ field: CELValue, of value: CELValue, isOptional: Bool) throws(EvaluationError) -> CELValue {
        guard case .string(let name) = field else { throw .noSuchField(field.text) }
        switch value {
        case .map(let map):
            if isOptional { return .optional(map[field]) }
            guard let found = map[field] else { throw .noSuchField(name) }
            return found
        case .optional(nil): return value
        case .optional(.map(let map)?): return .optional(map[field])
        default: throw .noSuchField(name)
        }
    }

    private func has(_ field: CELValue, in value: CELValue) throws(EvaluationError) -> Bool {
        switch value {
        case .map(let map): return map[field] != nil
        case .optional(nil): return false
        case .optional(.map(let map)?): return map[field] != nil
        default: throw .noSuchField(field.text)
        }
    }

    private func member(_ member: CELValue, of value: CELValue, isOptional: Bool) throws(EvaluationError) -> CELValue {
        switch value {
        case .optional(nil): return value
        case .optional(let inner?): return try self.member(member, of: inner, isOptional: true)
        case .list(let members):
            guard let number = Number(member) else { throw .noOverload("an index", ["list", member.typeName]) }
            let found = number.asInt.flatMap { Int(exactly: $0) }.flatMap { members.indices.contains($0) ? members[$0] : nil }
            if isOptional { return .optional(found) }
            guard let found else { throw .outOfBounds(index: member.text, count: members.count) }
            return found
        case .map(let map):
            let found = CELValue.lookUp(member, in: map)
            if isOptional { return .optional(found) }
            guard let found else { throw .noSuchKey(member.text) }
            return found
        default: throw .noOverload("an index", [value.typeName, member.typeName])
        }
    }

    private mutating func call(_ node: Program.Node, _ index: Int32) throws(EvaluationError) -> CELValue {
        let function = program.tables.functions[Int(node.a)]
        let start = Int(node.b)
        let result: CELValue?
        switch function.body {
        case .one(let body):
            let value = try argument(start)
            current = index
            result = try body(value, &meter)
            guard result != nil else { throw .noOverload("\(function.name)()", [value.typeName]) }
        case .two(let body):
            let first = try argument(start)
            let second = try argument(start + 1)
            current = index
            result = try body(first, second, &meter)
            guard result != nil else { throw .noOverload("\(function.name)()", [first.typeName, second.typeName]) }
        case .many(let body):
            var values: [CELValue] = []
            values.reserveCapacity(Int(node.c))
            for place in start..<(start + Int(node.c)) { values.append(try argument(place)) }
            current = index
            result = try body(values, &meter)
            guard result != nil else { throw .noOverload("\(function.name)()", values.map(\.typeName)) }
        }
        guard let result else { throw .refused("\(function.name)() gave nothing") }
        return result
    }

    /// The value of an argument. Texts are paid for by their length, for most functions read them whole.
    private mutating func argument(_ place: Int) throws(EvaluationError) -> CELValue {
        let value = try value(program.tables.parts[place].node)
        switch value {
        case .string(let text): try meter.spend(bytes: text.utf8.count)
        case .bytes(let bytes): try meter.spend(bytes: bytes.count)
        default: break
        }
        return value
    }

    private mutating func list(_ node: Program.Node, _ index: Int32) throws(EvaluationError) -> CELValue {
        var members: [CELValue] = []
        members.reserveCapacity(Int(node.c))
        for place in Int(node.b)..<Int(node.b + node.c) {
            let part = program.tables.parts[place]
            let value = try value(part.node)
            guard part.isOptional else {
                members.append(value)
                continue
            }
            current = index
            if let present = try Self.present(value) { members.append(present) }
        }
        return .list(members)
    }

    private mutating func map(_ node: Program.Node, _ index: Int32) throws(EvaluationError) -> CELValue {
        var map: [CELValue: CELValue] = [:]
        for place in stride(from: Int(node.b), to: Int(node.b + node.c), by: 2) {
            let key = try value(program.tables.parts[place].node)
            let part = program.tables.parts[place + 1]
            var value = try value(part.node)
            current = index
            if part.isOptional {
                guard let present = try Self.present(value) else { continue }
                value = present
            }
            try insert(value, under: key, in: &map)
        }
        return .map(map)
    }

    func insert(_ value: CELValue, under key: CELValue, in map: inout [CELValue: CELValue]) throws(EvaluationError) {
        guard key.isKey else { throw .badKey(key.typeName) }
        guard CELValue.lookUp(key, in: map) == nil else { throw .repeatedKey(key.text) }
        map[key] = value
    }

    private static func present(_ value: CELValue) throws(EvaluationError) -> CELValue? {
        guard case .optional(let inner) = value else { throw .noOverload("'?' before a member", [value.typeName]) }
        return inner
    }

    private mutating func optionalMap(_ node: Program.Node, _ index: Int32) throws(EvaluationError) -> CELValue {
        let isFlat = node.operation == .optionalFlatMap
        let operand = try value(node.b)
        guard case .optional(let inner) = operand else {
            current = index
            throw .noOverload(isFlat ? "optFlatMap()" : "optMap()", [operand.typeName])
        }
        guard let inner else { return operand }
        locals[Int(node.a)] = inner
        let result = try value(node.c)
        guard isFlat else { return .optional(result) }
        guard case .optional = result else {
            current = index
            throw .noOverload("optFlatMap()", [result.typeName])
        }
        return result
    }
}
