/// Why an expression that is well written has no value this time.
package enum EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownName(String)
    case noSuchField(String)
    case noSuchKey(String)
    case outOfBounds(index: String, count: Int)
    /// The operator or function, and the types it was given.
    case noOverload(String, [String])
    case divisionByZero
    /// The operation, and what its result would not fit in.
    case overflow(String)
    case notConvertible(String, to: String)
    case repeatedKey(String)
    case badKey(String)
    /// The evaluation reached its limit; nothing absorbs this one.
    case tooCostly
    /// Anything else a function refuses, in words.
    case refused(String)

    package var message: String {
        switch self {
        case .unknownName(let name): "'\(name)' has no value"
        case .noSuchField(let name): "there is no field '\(name)'"
        case .noSuchKey(let key): "there is no key \(key)"
        case .outOfBounds(let index, let count): "index \(index) is outside a list of \(count)"
        case .noOverload(let name, let types) where types.count == 2 && !name.contains(where: \.isLetter):
            "\(types[0]) \(name) \(types[1]) is not defined" + Self.conversion(types)
        case .noOverload(let name, let types): "\(name) is not defined for \(types.joined(separator: ", "))"
        case .divisionByZero: "division by zero"
        case .overflow(let what): "\(what) overflows"
        case .notConvertible(let value, let type): "\(value) cannot become \(type)"
        case .repeatedKey(let key): "the key \(key) appears twice in a map"
        case .badKey(let type): "a map cannot have a key of type \(type)"
        case .tooCostly: "the evaluation costs more than its limit"
        case .refused(let why): why
        }
    }

    package var description: String { message }

    /// What would mend an operator between two types, where they are simple ones.
    private static func conversion(_ types: [String]) -> String {
        let simple: Set = ["int", "uint", "double", "string"]
        guard types[0] != types[1], simple.isSuperset(of: types) else { return "" }
        return "; convert one side with \(types[0])() or \(types[1])()"
    }
}

/// An evaluation that failed, and the place in the expression where it did.
package struct EvaluationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let cause: EvaluationError
    package let place: SourcePlace

    package var description: String { "\(place.line):\(place.column): \(cause.message)" }

    /// The message, the line it is about, and a caret below the place.
    package func shown(in source: String) -> String { "\(description)\n\(place.shown(in: source))" }
}
