/// One function of the language, with all its overloads: it looks at the kinds of its arguments itself.
package struct Function: Sendable {
    package let name: String
    /// How many arguments, a receiver counted as the first.
    package let arity: ClosedRange<Int>
    let body: @Sendable ([CELValue]) throws(EvaluationError) -> CELValue?

    /// - Parameter body: the result, or nil if there is no overload for arguments of these types.
    package init(
        _ name: String, arity: ClosedRange<Int>, body: @escaping @Sendable ([CELValue]) throws(EvaluationError) -> CELValue?
    ) {
        self.name = name
        self.arity = arity
        self.body = body
    }

    func call(_ arguments: [CELValue]) throws(EvaluationError) -> CELValue {
        guard let result = try body(arguments) else { throw .noOverload("\(name)()", arguments.map(\.typeName)) }
        return result
    }
}

/// The functions an expression may call, by how they are called: `size(x)`, `x.size()`, `math.abs(x)`.
package struct FunctionTable: Sendable {
    private(set) var global: [String: Function] = [:]
    private(set) var methods: [String: Function] = [:]

    package init() {}

    /// The functions of the language and of its mathematical extension.
    package static let standard: FunctionTable = {
        var table = FunctionTable()
        for function in Function.conversions { table.add(function) }
        for function in Function.mathematics { table.add(function) }
        for function in Function.strings { table.add(method: function) }
        table.add(.size)
        table.add(method: .size)
        return table
    }()

    package mutating func add(_ function: Function) { global[function.name] = function }
    package mutating func add(method function: Function) { methods[function.name] = function }
}
