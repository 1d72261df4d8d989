extension Checker {
    mutating func call(_ name: String, of receiver: Syntax?, _ arguments: [Syntax], at offset: Int) -> CheckedNode {
        let locals = scope.map(\.name)
        let found = functions.find(name, of: receiver, isLocal: { locals.contains($0) })
        let operands = (found.takesReceiver || found.function == nil ? [receiver].compactMap { $0 } : []) + arguments
        guard let function = found.function else {
            // What is called wrongly may still be given what is wrong; only its receiver may be a mere namespace.
            let parts = arguments.map { node(of: $0) }
            let type = mistake(FunctionTable.unknown(name, of: receiver, in: functions), at: offset)
            return made(.call(name), type, at: offset, parts)
        }
        let parts = operands.map { node(of: $0) }
        guard !function.signatures.isEmpty else { return made(.call(function.name), .dyn, at: offset, parts) }
        if let type = result(of: function.signatures, parts) { return made(.call(function.name), type, at: offset, parts) }
        let types = parts.map { inference.settled($0.type).description }
        let message = EvaluationError.noOverload("\(function.name)()", types.isEmpty ? ["no arguments"] : types).message
        return made(.call(function.name), mistake(message, at: offset), at: offset, parts)
    }

    mutating func list(_ members: [Syntax.Element], at offset: Int) -> CheckedNode {
        let parts = members.map { node(of: $0.value) }
        var types: [CELType] = []
        for (part, member) in zip(parts, members) {
            types.append(member.isOptional ? content(of: part, at: member.value.offset) : part.type)
        }
        return made(.list, .list(inference.common(types)), at: offset, parts)
    }

    mutating func map(_ entries: [Syntax.Entry], at offset: Int) -> CheckedNode {
        var keys: [CELType] = []
        var values: [CELType] = []
        var parts: [CheckedNode] = []
        for entry in entries {
            let key = node(of: entry.key)
            let value = node(of: entry.value)
            if case .double = inference.settled(key.type) { keys.append(badKey(key, at: entry.key.offset)) }
            keys.append(key.type)
            values.append(entry.isOptional ? content(of: value, at: entry.value.offset) : value.type)
            parts += [key, value]
        }
        return made(.map, .map(inference.common(keys), inference.common(values)), at: offset, parts)
    }

    private mutating func badKey(_ key: CheckedNode, at offset: Int) -> CELType {
        mistake(EvaluationError.badKey(inference.settled(key.type).description).message, at: offset)
    }

    /// What an optional value holds.
    private mutating func content(of part: CheckedNode, at offset: Int) -> CELType {
        switch inference.resolved(part.type) {
        case .optional(let inner): inner
        case .dyn, .parameter: .dyn
        case let type: mistake("'?' needs an optional value, not one of type \(inference.settled(type))", at: offset)
        }
    }

    // MARK: macros

    mutating func comprehension(_ macro: Syntax.Comprehension, at offset: Int) -> CheckedNode {
        let range = node(of: macro.range)
        let (first, second): (CELType, CELType)
        switch inference.resolved(range.type) {
        case .list(let member): (first, second) = macro.second == nil ? (member, .dyn) : (.int, member)
        case .map(let key, let value): (first, second) = (key, value)
        case .dyn, .parameter: (first, second) = (.dyn, .dyn)
        case let type:
            (first, second) = (mistake("\(macro.kind.rawValue)() needs a list or a map, not \(inference.settled(type))", at: offset), .dyn)
        }
        var variables = [(name: macro.first, type: first)]
        if let name = macro.second { variables.append((name, second)) }
        let (condition, result) = with(variables) { checker in
            (macro.condition.map { checker.condition($0, of: macro.kind.rawValue) }, macro.result.map { checker.node(of: $0) })
        }
        let type: CELType
        switch macro.kind {
        case .all, .exists, .existsOne: type = .bool
        case .filter: type = .list(first)
        case .map: type = .list(result?.type ?? .dyn)
        case .transformMap: type = .map(first, result?.type ?? .dyn)
        case .transformMapEntry: type = result?.type ?? .dyn
        }
        return made(
            .macro(macro.kind.rawValue, variables: variables.map(\.name)), type, at: offset,
            [range] + [condition, result].compactMap { $0 })
    }

    private mutating func condition(_ syntax: Syntax, of macro: String) -> CheckedNode {
        let part = node(of: syntax)
        if !inference.fits(part.type, .bool) {
            _ = mistake("\(macro)() asks what is true or false, not \(inference.settled(part.type))", at: syntax.offset)
        }
        return part
    }

    mutating func optionalMap(_ operand: Syntax, _ name: String, _ body: Syntax, _ isFlat: Bool, at offset: Int) -> CheckedNode {
        let macro = isFlat ? "optFlatMap" : "optMap"
        let operand = node(of: operand)
        let inner: CELType
        switch inference.resolved(operand.type) {
        case .optional(let value): inner = value
        case .dyn, .parameter: inner = .dyn
        case let type: inner = mistake("\(macro)() needs an optional value, not \(inference.settled(type))", at: offset)
        }
        let result = with([(name, inner)]) { $0.node(of: body) }
        var type = CELType.optional(result.type)
        if isFlat {
            type = result.type
            if !inference.fits(result.type, .optional(.dyn)) {
                type = mistake("optFlatMap() must give an optional value, not \(inference.settled(result.type))", at: body.offset)
            }
        }
        return made(.macro(macro, variables: [name]), type, at: offset, [operand, result])
    }
}
