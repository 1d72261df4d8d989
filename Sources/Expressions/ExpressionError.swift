/// What is wrong with the text of an expression, and where in it.
package struct ExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    /// Both count from 1, columns in Unicode scalars.
    package let line: Int
    package let column: Int

    package init(message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    init(_ message: String, at offset: Int, in text: [Unicode.Scalar]) {
        let before = text.prefix(offset)
        let start = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        self.init(message: message, line: 1 + before.count { $0 == "\n" }, column: 1 + before.count - start)
    }

    package var description: String { "\(line):\(column): \(message)" }
}

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
    /// Anything else a function refuses, in words.
    case refused(String)

    package var message: String {
        switch self {
        case .unknownName(let name): "'\(name)' has no value"
        case .noSuchField(let name): "there is no field '\(name)'"
        case .noSuchKey(let key): "there is no key \(key)"
        case .outOfBounds(let index, let count): "index \(index) is outside a list of \(count)"
        case .noOverload(let name, let types) where types.count == 2 && !name.contains(where: \.isLetter):
            "\(types[0]) \(name) \(types[1]) is not defined; convert one side with \(types[0])() or \(types[1])()"
        case .noOverload(let name, let types): "\(name) is not defined for \(types.joined(separator: ", "))"
        case .divisionByZero: "division by zero"
        case .overflow(let what): "\(what) overflows"
        case .notConvertible(let value, let type): "\(value) cannot become \(type)"
        case .repeatedKey(let key): "the key \(key) appears twice in a map"
        case .badKey(let type): "a map cannot have a key of type \(type)"
        case .refused(let why): why
        }
    }

    package var description: String { message }
}
