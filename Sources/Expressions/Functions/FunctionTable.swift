/// One function of the language, with all its overloads: it looks at the kinds of its arguments itself.
package struct Function: Sendable {
    package typealias Unary = @Sendable (CELValue, inout Meter) throws(EvaluationError) -> CELValue?
    package typealias Binary = @Sendable (CELValue, CELValue, inout Meter) throws(EvaluationError) -> CELValue?
    package typealias Variadic = @Sendable ([CELValue], inout Meter) throws(EvaluationError) -> CELValue?

    /// The common numbers of arguments have forms of their own, so that a call costs no memory.
    enum Body: Sendable {
        case one(Unary)
        case two(Binary)
        case many(Variadic)
    }

    package let name: String
    /// How many arguments, a receiver counted as the first.
    package let arity: ClosedRange<Int>
    /// What the checker lets pass; empty for a function that takes anything and gives `dyn`.
    package let signatures: [Signature]
    let body: Body

    /// - Parameter body: the result, or nil if there is no overload for arguments of these types.
    package init(
        _ name: String, arity: ClosedRange<Int>, _ signatures: [Signature] = [],
        body: @escaping @Sendable ([CELValue]) throws(EvaluationError) -> CELValue?
    ) {
        self.init(name, arity, signatures, .many { arguments, _ throws(EvaluationError) in try body(arguments) })
    }

    private init(_ name: String, _ arity: ClosedRange<Int>, _ signatures: [Signature], _ body: Body) {
        self.name = name
        self.arity = arity
        self.signatures = signatures
        self.body = body
    }

    package static func one(_ name: String, _ signatures: [Signature], _ body: @escaping Unary) -> Function {
        Function(name, 1...1, signatures, .one(body))
    }

    package static func two(_ name: String, _ signatures: [Signature], _ body: @escaping Binary) -> Function {
        Function(name, 2...2, signatures, .two(body))
    }

    package static func many(
        _ name: String, _ arity: ClosedRange<Int>, _ signatures: [Signature], _ body: @escaping Variadic
    ) -> Function {
        Function(name, arity, signatures, .many(body))
    }
}

/// The functions an expression may call, by how they are called: `size(x)`, `x.size()`, `math.abs(x)`.
package struct FunctionTable: Sendable {
    private(set) var global: [String: Function] = [:]
    private(set) var methods: [String: Function] = [:]

    package init() {}

    /// The functions of the language and of its extensions for strings, mathematics, encodings and optional values.
    package static let standard = standard(zones: .system)

    /// The same with a time zone database of one's own.
    package static func standard(zones: TimeZones) -> FunctionTable {
        var table = FunctionTable()
        for function in Function.conversions + Function.mathematics + Function.encodings + Function.optionals {
            table.add(function)
        }
        for function in Function.textMethods + Function.strings + Function.optionalMethods + Function.times(zones) {
            table.add(method: function)
        }
        table.add(.quote)
        table.add(.matches)
        table.add(method: .matches)
        table.add(.size)
        table.add(method: .size)
        return table
    }

    package mutating func add(_ function: Function) { global[function.name] = function }
    package mutating func add(method function: Function) { methods[function.name] = function }
}
