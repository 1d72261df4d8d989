extension Machine {
    mutating func comprehension(_ code: Program.Comprehension, _ index: Int32) throws(EvaluationError) -> CELValue {
        let range = try value(code.range)
        switch range {
        case .list(let members):
            return try run(code, index, over: members.indices) { machine, position in
                machine.locals[code.first] = code.second < 0 ? members[position] : .int(Int64(position))
                if code.second >= 0 { machine.locals[code.second] = members[position] }
                return members[position]
            }
        case .map(let map):
            try meter.spend(map.count)
            return try run(code, index, over: CELValue.keys(of: map)) { machine, key in
                machine.locals[code.first] = key
                if code.second >= 0 { machine.locals[code.second] = map[key] ?? .null }
                return key
            }
        default:
            current = index
            throw .noOverload("\(code.kind.rawValue)()", [range.typeName])
        }
    }

    /// - Parameter step: sets the variables to one of the elements, and gives what `filter` would keep.
    private mutating func run<Elements: Sequence>(
        _ code: Program.Comprehension, _ index: Int32, over elements: Elements,
        _ step: (inout Machine, Elements.Element) -> CELValue
    ) throws(EvaluationError) -> CELValue {
        switch code.kind {
        case .all: return try quantify(code, index, over: elements, decidedBy: false, step)
        case .exists: return try quantify(code, index, over: elements, decidedBy: true, step)
        case .existsOne:
            var count = 0
            for element in elements {
                _ = step(&self, element)
                if try isTaken(code, index) { count += 1 }
            }
            return .bool(count == 1)
        case .filter, .map:
            var results: [CELValue] = []
            for element in elements {
                let kept = step(&self, element)
                try meter.spend(1)
                guard try isTaken(code, index) else { continue }
                guard let result = code.result else {
                    results.append(kept)
                    continue
                }
                results.append(try value(result))
            }
            return .list(results)
        case .transformMap, .transformMapEntry:
            var map: [CELValue: CELValue] = [:]
            for element in elements {
                _ = step(&self, element)
                try meter.spend(1)
                let key = locals[code.first]
                guard try isTaken(code, index), let result = code.result else { continue }
                try transform(result, key, code, index, into: &map)
            }
            return .map(map)
        }
    }

    private mutating func transform(
        _ result: Int32, _ key: CELValue, _ code: Program.Comprehension, _ index: Int32,
        into map: inout [CELValue: CELValue]
    ) throws(EvaluationError) {
        let value = try value(result)
        current = index
        guard code.kind == .transformMapEntry else {
            map[key] = value
            return
        }
        guard case .map(let entries) = value else { throw .noOverload("transformMapEntry()", [value.typeName]) }
        try meter.spend(entries.count)
        for key in CELValue.keys(of: entries) { try insert(entries[key] ?? .null, under: key, in: &map) }
    }

    private mutating func isTaken(_ code: Program.Comprehension, _ index: Int32) throws(EvaluationError) -> Bool {
        guard let condition = code.condition else { return true }
        let value = try value(condition)
        if case .bool(let truth) = value { return truth }
        current = index
        throw .noOverload("\(code.kind.rawValue)()", [value.typeName])
    }

    /// `all` and `exists` are `&&` and `||` over the elements: one that decides makes the errors of the others not matter.
    private mutating func quantify<Elements: Sequence>(
        _ code: Program.Comprehension, _ index: Int32, over elements: Elements, decidedBy deciding: Bool,
        _ step: (inout Machine, Elements.Element) -> CELValue
    ) throws(EvaluationError) -> CELValue {
        var failure: EvaluationError?
        var culprit: Int32 = 0
        for element in elements {
            _ = step(&self, element)
            do throws(EvaluationError) {
                if try isTaken(code, index) == deciding { return .bool(deciding) }
            } catch {
                if case .tooCostly = error { throw error }
                if failure == nil { (failure, culprit) = (error, current) }
            }
        }
        guard let failure else { return .bool(!deciding) }
        current = culprit
        throw failure
    }
}
