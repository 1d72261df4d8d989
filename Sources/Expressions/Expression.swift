/// A condition or formula in the Common Expression Language: checked once, evaluated often.
///
/// Not yet of the language: macros over lists and maps (`all`, `exists`, `map`…), times and durations, `matches`,
/// messages, optional fields. Using one is an error that says so.
package struct Expression: Sendable {
    package let source: String
    /// The variables it reads; of a dotted name, the first word.
    package let names: Set<String>
    private let slots: [String]
    private let code: Code

    package init(_ source: String, functions: FunctionTable = .standard) throws(ExpressionError) {
        var binder = Binder(functions, Array(source.unicodeScalars))
        code = try binder.bind(try Parser.parse(source))
        self.source = source
        slots = binder.slots
        names = binder.names
    }

    /// - Parameter variables: the value of a name in `names`, or nil if it has none now. Asked only for what is needed.
    package func evaluate(_ variables: (String) -> CELValue?) throws(EvaluationError) -> CELValue {
        try code.evaluate(slots) { variables(slots[$0]) }
    }

    /// The truth of a condition.
    /// - Throws: what evaluation throws, and an error if the value is not a bool.
    package func holds(_ variables: (String) -> CELValue?) throws(EvaluationError) -> Bool {
        let value = try evaluate(variables)
        guard case .bool(let truth) = value else { throw .notConvertible(value.text, to: "true or false") }
        return truth
    }
}
