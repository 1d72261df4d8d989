/// A condition or formula in the Common Expression Language: read once, evaluated often.
///
/// All of the language but protocol-buffer messages, with its macros and the extensions for strings, mathematics,
/// encodings, bindings, two-variable macros and optional values.
package struct Expression: Sendable {
    package let source: String
    /// The variables it reads; of a dotted name, the first word.
    package let names: Set<String>
    let syntax: Syntax
    let functions: FunctionTable
    private let program: Program

    /// What an evaluation may cost unless its caller says otherwise: some hundredths of a second (see `Meter`).
    package static let costLimit = 1_000_000

    /// - Parameter isLenient: leaves calls of functions that do not exist to the evaluation, which may not come to them.
    ///   The language's conformance suite asks that of expressions that are not checked.
    package init(_ source: String, functions: FunctionTable = .standard, isLenient: Bool = false) throws(ExpressionError) {
        let text = Array(source.unicodeScalars)
        syntax = try Parser.parse(source)
        (program, names) = try Compiler.compile(syntax, functions, text, isLenient: isLenient)
        self.source = source
        self.functions = functions
    }

    /// The same without what only reading and checking need: a third of the memory, for those who hold thousands.
    package var compiled: CompiledExpression { CompiledExpression(source: source, program: program) }

    /// The variables by slot: what `evaluate(slots:)` takes, in its order. A dotted name has a slot for each way to read
    /// it: `a.b` may be the variable `a.b`, or the field `b` of `a`.
    package var slots: [String] { program.tables.slots }

    /// Where a variable is read first; of a dotted name, where its last word stands. nil if it is not read.
    package func place(of name: String) -> SourcePlace? {
        let readers = program.nodes.indices.filter { index in
            let node = program.nodes[index]
            switch node.operation {
            case .slot: return program.tables.slots[Int(node.a)] == name
            case .path: return program.tables.paths[Int(node.a)].last.map { program.tables.slots[$0.slot] } == name
            default: return false
            }
        }
        let offset = readers.map { program.tables.offsets[$0] }.min()
        return offset.map { SourcePlace(offset: Int($0), in: Array(source.unicodeScalars)) }
    }

    /// - Parameter variables: the value of a name in `names`, or nil if it has none now. Asked only for what is needed.
    package func evaluate(
        limit: Int = costLimit, _ variables: (String) -> CELValue?
    ) throws(EvaluationError) -> CELValue {
        do throws(EvaluationFailure) {
            return try evaluatePlacing(limit: limit, variables)
        } catch {
            throw error.cause
        }
    }

    /// The same with the place of what fails.
    package func evaluatePlacing(
        limit: Int = costLimit, _ variables: (String) -> CELValue?
    ) throws(EvaluationFailure) -> CELValue {
        let result = withoutActuallyEscaping(variables) { variables in
            run(NamedVariables(names: program.tables.slots, value: variables), limit)
        }
        return try result.get()
    }

    /// The quickest way: values in the order of `slots`, nil for one that has none now. A slot that is missing has none.
    package func evaluate(slots values: [CELValue?], limit: Int = costLimit) throws(EvaluationError) -> CELValue {
        try compiled.evaluate(slots: values, limit: limit)
    }

    /// The truth of a condition.
    /// - Throws: what evaluation throws, and an error if the value is not a bool.
    package func holds(_ variables: (String) -> CELValue?) throws(EvaluationError) -> Bool {
        let value = try evaluate(variables)
        guard case .bool(let truth) = value else { throw .notConvertible(value.text, to: "true or false") }
        return truth
    }

    private func run(_ source: some VariableSource, _ limit: Int) -> Result<CELValue, EvaluationFailure> {
        var machine = Machine(program, source, limit: limit)
        do throws(EvaluationError) {
            return .success(try machine.value(program.root))
        } catch {
            let offset = Int(program.tables.offsets[Int(machine.current)])
            let place = SourcePlace(offset: offset, in: Array(self.source.unicodeScalars))
            return .failure(EvaluationFailure(cause: error, place: place))
        }
    }
}

/// An expression that is only evaluated any more.
package struct CompiledExpression: Sendable {
    package let source: String
    fileprivate let program: Program

    package var slots: [String] { program.tables.slots }

    /// As `Expression.evaluate(slots:)`.
    package func evaluate(slots values: [CELValue?], limit: Int = Expression.costLimit) throws(EvaluationError) -> CELValue {
        var machine = Machine(program, SlottedVariables(values: values), limit: limit)
        return try machine.value(program.root)
    }
}

private struct NamedVariables: VariableSource {
    let names: [String]
    let value: (String) -> CELValue?
    func value(in slot: Int) -> CELValue? { value(names[slot]) }
}

private struct SlottedVariables: VariableSource {
    let values: [CELValue?]
    func value(in slot: Int) -> CELValue? { slot < values.count ? values[slot] : nil }
}
