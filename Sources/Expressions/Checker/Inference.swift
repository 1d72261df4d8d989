/// What is known of the open types of an expression while it is checked.
struct Inference {
    private var known: [Int: CELType] = [:]
    private var count = 0

    /// A type nothing is known of yet.
    mutating func open() -> CELType {
        count += 1
        return .parameter(count - 1)
    }

    /// A type with what is known put in; what stays open is `dyn`.
    func settled(_ type: CELType) -> CELType {
        switch resolved(type) {
        case .parameter: .dyn
        case .list(let member): .list(settled(member))
        case .map(let key, let value): .map(settled(key), settled(value))
        case .type(let type): .type(settled(type))
        case .optional(let value): .optional(settled(value))
        case let other: other
        }
    }

    /// The type itself, if it is an open one that is known by now.
    func resolved(_ type: CELType) -> CELType {
        var type = type
        while case .parameter(let index) = type, let found = known[index] { type = found }
        return type
    }

    /// Whether a value of one type may stand where another is asked for. What was learnt stays, unless it may not.
    mutating func fits(_ type: CELType, _ wanted: CELType) -> Bool {
        let before = known
        if unify(type, wanted) { return true }
        known = before
        return false
    }

    /// The same for several at once.
    mutating func fits(_ types: [CELType], _ wanted: [CELType]) -> Bool {
        guard types.count == wanted.count else { return false }
        let before = known
        if zip(types, wanted).allSatisfy({ unify($0, $1) }) { return true }
        known = before
        return false
    }

    private mutating func unify(_ type: CELType, _ wanted: CELType) -> Bool {
        let (type, wanted) = (resolved(type), resolved(wanted))
        switch (type, wanted) {
        case (.parameter(let a), .parameter(let b)):
            if a != b { known[a] = wanted }
            return true
        case (_, .parameter(let index)): return learn(index, type)
        case (.parameter(let index), _): return learn(index, wanted)
        case (.dyn, _), (_, .dyn): return true
        case (.null, _) where wanted.takesNull, (_, .null) where type.takesNull: return true
        case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)): return unify(a, b)
        case (.map(let a, let x), .map(let b, let y)): return unify(a, b) && unify(x, y)
        // Types are compared as values: any may stand beside any.
        case (.type, .type): return true
        default: return type == wanted
        }
    }

    private mutating func learn(_ index: Int, _ type: CELType) -> Bool {
        guard !mentions(type, index) else { return false }
        known[index] = type
        return true
    }

    /// Whether a type has an open one inside it; a type that contained itself would never end.
    private func mentions(_ type: CELType, _ index: Int) -> Bool {
        switch resolved(type) {
        case .parameter(let other): index == other
        case .list(let inner), .optional(let inner), .type(let inner): mentions(inner, index)
        case .map(let key, let value): mentions(key, index) || mentions(value, index)
        default: false
        }
    }

    /// A signature with open types of its own.
    mutating func fresh(_ signature: Signature) -> Signature {
        var names: [Int: CELType] = [:]
        let parameters = signature.parameters.map { renamed($0, &names) }
        return Signature(parameters, renamed(signature.result, &names))
    }

    private mutating func renamed(_ type: CELType, _ names: inout [Int: CELType]) -> CELType {
        switch type {
        case .parameter(let index):
            if let name = names[index] { return name }
            let name = open()
            names[index] = name
            return name
        case .list(let member): return .list(renamed(member, &names))
        case .map(let key, let value): return .map(renamed(key, &names), renamed(value, &names))
        case .type(let type): return .type(renamed(type, &names))
        case .optional(let value): return .optional(renamed(value, &names))
        default: return type
        }
    }

    /// The type of a list of these: the one they all have, or `dyn`.
    mutating func common(_ types: [CELType]) -> CELType {
        guard var first = types.first else { return open() }
        for type in types.dropFirst() {
            let (a, b) = (settled(type), settled(first))
            if a == b { continue }
            guard a != .dyn, b != .dyn, fits(type, first) else { return .dyn }
            // Of list(int) and list(dyn), the one that says less says it for both.
            if a.hasDyn { first = type }
        }
        return first
    }
}
