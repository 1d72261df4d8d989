/// Gives each construct of an expression its type (cel-spec, "Gradual Type Checking"). A construct that is wrong is noted
/// and is `dyn` from then on, so that one mistake is told once.
struct Checker {
    private let variables: [String: CELType]
    let functions: FunctionTable
    private let lines: SourceLines
    var inference = Inference()
    private(set) var mistakes: [ExpressionError] = []
    /// The variables of the macros around the construct in hand.
    private(set) var scope: [(name: String, type: CELType)] = []

    init(_ variables: [String: CELType], _ functions: FunctionTable, _ lines: SourceLines) {
        self.variables = variables
        self.functions = functions
        self.lines = lines
    }

    func made(_ kind: CheckedNode.Kind, _ type: CELType, at offset: Int, _ parts: [CheckedNode] = []) -> CheckedNode {
        CheckedNode(kind: kind, type: type, place: lines.place(of: offset), parts: parts)
    }

    /// Notes a mistake. What stands there may be anything.
    mutating func mistake(_ message: String, at offset: Int) -> CELType {
        mistakes.append(ExpressionError(message: message, at: lines.place(of: offset)))
        return .dyn
    }

    mutating func with<Result>(_ variables: [(name: String, type: CELType)], _ body: (inout Checker) -> Result) -> Result {
        scope += variables
        defer { scope.removeLast(variables.count) }
        return body(&self)
    }

    mutating func node(of syntax: Syntax) -> CheckedNode {
        let offset = syntax.offset
        switch syntax.kind {
        case .literal(let value): return made(.literal(value), CELType(of: value), at: offset)
        case .name, .select, .has, .index: return access(syntax)
        case .call(let receiver, let name, let arguments): return call(name, of: receiver, arguments, at: offset)
        case .negate(let operand): return operation("-", Signature.negation, [operand], at: offset)
        case .not(let operand): return operation("!", Signature.not, [operand], at: offset)
        case .binary(let sign, let left, let right): return operation(sign.rawValue, Signature.of(sign), [left, right], at: offset)
        case .conditional(let condition, let yes, let no):
            return operation("?:", Signature.conditional, [condition, yes, no], at: offset)
        case .list(let members): return list(members, at: offset)
        case .map(let entries): return map(entries, at: offset)
        case .comprehension(let comprehension): return self.comprehension(comprehension, at: offset)
        case .bind(let name, let value, let body):
            let value = node(of: value)
            let body = with([(name, value.type)]) { $0.node(of: body) }
            return made(.macro("bind", variables: [name]), body.type, at: offset, [value, body])
        case .optionalMap(let operand, let name, let body, let isFlat):
            return optionalMap(operand, name, body, isFlat, at: offset)
        }
    }

    private mutating func operation(
        _ sign: String, _ signatures: [Signature], _ operands: [Syntax], at offset: Int
    ) -> CheckedNode {
        let parts = operands.map { node(of: $0) }
        let type = result(of: signatures, parts) ?? mistake(noOverload(sign, parts), at: offset)
        return made(.operation(sign), type, at: offset, parts)
    }

    /// The type of the first signature that takes these. If several do because a type is not known, it is theirs if they
    /// agree and `dyn` if not; nil if none does.
    func overload(of signatures: [Signature], _ parts: [CheckedNode], _ inference: inout Inference) -> CELType? {
        var result: CELType?
        let types = parts.map(\.type)
        let before = inference
        for signature in signatures {
            // Null may stand beside a moment, but no function takes it for one.
            let isNullTaken = zip(types, signature.parameters).allSatisfy { type, wanted in
                before.resolved(type) != .null || wanted == .dyn || wanted == .parameter(0)
            }
            guard isNullTaken else { continue }
            var trial = before
            let fresh = trial.fresh(signature)
            guard trial.fits(types, fresh.parameters) else { continue }
            guard let found = result else {
                result = fresh.result
                inference = trial
                continue
            }
            if inference.settled(found) != trial.settled(fresh.result) {
                inference = before
                return .dyn
            }
        }
        return result
    }

    mutating func result(of signatures: [Signature], _ parts: [CheckedNode]) -> CELType? {
        overload(of: signatures, parts, &inference)
    }

    private func noOverload(_ sign: String, _ parts: [CheckedNode]) -> String {
        let types = parts.map { inference.settled($0.type) }
        switch sign {
        case "?:" where types[0] != .bool && types[0] != .dyn: return "the condition of '?' is of type \(types[0]), not bool"
        case "?:": return "the two choices are of types \(types[1]) and \(types[2])"
        case "&&", "||":
            let wrong = types.filter { $0 != .bool && $0 != .dyn }.map(\.description).joined(separator: " and ")
            return "\(sign) joins what is true or false, not \(wrong)"
        default: return EvaluationError.noOverload(sign, types.map(\.description)).message
        }
    }

    // MARK: names and members

    private mutating func access(_ syntax: Syntax) -> CheckedNode {
        if let path = syntax.path, let found = named(path, isRooted: syntax.isRooted, syntax) { return found }
        switch syntax.kind {
        case .select(let operand, let field, let isOptional):
            let operand = node(of: operand)
            let type = fieldType(field, of: operand, isOptional, at: syntax.offset)
            return made(.field(field), type, at: syntax.offset, [operand])
        case .has(let operand, let field):
            let operand = node(of: operand)
            _ = fieldType(field, of: operand, false, at: syntax.offset)
            return made(.presence(field), .bool, at: syntax.offset, [operand])
        case .index(let operand, let index, let isOptional):
            let parts = [node(of: operand), node(of: index)]
            return made(.index, memberType(of: parts, isOptional, at: syntax.offset), at: syntax.offset, parts)
        default: return made(.list, .dyn, at: syntax.offset)
        }
    }

    /// What a name, or a dotted one as a whole, stands for; nil where its end is a field of what comes before.
    private mutating func named(_ path: [String], isRooted: Bool, _ syntax: Syntax) -> CheckedNode? {
        if !isRooted, let local = scope.last(where: { $0.name == path[0] }) {
            return path.count == 1 ? made(.local(path[0]), local.type, at: syntax.offset) : nil
        }
        let joined = path.joined(separator: ".")
        if let type = variables[joined] { return made(.variable(joined), type, at: syntax.offset) }
        if let type = CELType.named(joined) { return made(.literal(.type(joined)), .type(type), at: syntax.offset) }
        guard path.count == 1 else { return nil }
        let near = FunctionTable.nearest(to: joined, among: Array(variables.keys))
        let hint = near.map { "; did you mean '\($0)'?" } ?? ""
        return made(.variable(joined), mistake("'\(joined)' is not declared\(hint)", at: syntax.offset), at: syntax.offset)
    }

    private mutating func fieldType(_ field: String, of operand: CheckedNode, _ isOptional: Bool, at offset: Int) -> CELType {
        switch inference.resolved(operand.type) {
        case .dyn, .parameter: return isOptional ? .optional(.dyn) : .dyn
        case .map(let key, let value):
            guard inference.fits(.string, key) else {
                return mistake("a map with keys of type \(inference.settled(key)) has no fields", at: offset)
            }
            return isOptional ? .optional(value) : value
        case .optional(let inner):
            let part = CheckedNode(kind: operand.kind, type: inner, place: operand.place, parts: operand.parts)
            return .optional(fieldType(field, of: part, false, at: offset))
        case let type: return mistake("a value of type \(inference.settled(type)) has no field '\(field)'", at: offset)
        }
    }

    private mutating func memberType(of parts: [CheckedNode], _ isOptional: Bool, at offset: Int) -> CELType {
        var operand = inference.resolved(parts[0].type)
        var isOptional = isOptional
        if case .optional(let inner) = operand { (operand, isOptional) = (inference.resolved(inner), true) }
        let index = parts[1].type
        let type: CELType
        switch operand {
        case .dyn, .parameter: type = .dyn
        case .list(let member) where inference.settled(index).isNumber || inference.settled(index) == .dyn: type = member
        case .map(let key, let value):
            let (given, wanted) = (inference.settled(index), inference.settled(key))
            guard given.isNumber && wanted.isNumber || inference.fits(index, key) else {
                return mistake("a map with keys of type \(wanted) has none of type \(given)", at: offset)
            }
            type = value
        default:
            let types = parts.map { inference.settled($0.type).description }
            return mistake(EvaluationError.noOverload("an index", types).message, at: offset)
        }
        return isOptional ? .optional(type) : type
    }
}
