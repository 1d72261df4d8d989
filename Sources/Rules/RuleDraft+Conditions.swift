package import Documents
package import Expressions
import Telemetry

extension RuleDraft {
    /// An expression as its file has it, not yet bound to anyone's inputs.
    package struct Draft: Sendable {
        package let key: String
        package let expression: Expression
        let node: Node

        package func formula(of inputs: Inputs) -> Formula { Formula(key: key, expression: expression, inputs: inputs) }
        package func condition(of inputs: Inputs) -> Condition { Condition(formula(of: inputs)) }
    }

    /// The expression under a key, with every mistake of its grammar and its names placed inside it.
    package func expression(_ key: String, in form: Form, inputs: InputNames?, required: Bool = false) -> Draft? {
        guard let source = form.string(key, required: required), let node = form.node[key] else { return nil }
        let expression: Expression
        do throws(ExpressionError) {
            expression = try Expression(source)
        } catch {
            mistakes.add(text.mistake(error.under(key), of: source, in: node))
            return nil
        }
        guard let inputs else { return Draft(key: key, expression: expression, node: node) }
        for name in expression.names.sorted() where !inputs.names.contains(name) {
            let message = "'\(name)' is not an input" + suggestion(for: name, among: inputs.names)
            let place = expression.place(of: name) ?? SourcePlace(line: 1, column: 1)
            mistakes.add(text.mistake(ExpressionError(message: message, at: place), of: source, in: node))
        }
        return Draft(key: key, expression: expression, node: node)
    }

    /// The condition of a rule that asks for nothing but the time.
    package var always: Draft? {
        guard let expression = try? Expression("true") else { preconditionFailure("'true' is an expression") }
        return Draft(key: "when", expression: expression, node: form.node)
    }

    /// Notes the inputs no expression reads, unless a mistyped name may have meant one. Call it once all could be read.
    package func checkUse(of inputs: InputNames?, by drafts: [Draft]) {
        let used = drafts.reduce(into: Set<String>()) { $0.formUnion($1.expression.names) }
        guard let inputs, used.isSubset(of: inputs.names) else { return }
        for entry in inputs.entries where !used.contains(entry.name) {
            mistakes.add("the input '\(entry.name)' is not used", at: entry.place)
        }
    }

    /// Notes conditions whose types or units do not fit these inputs, or that are neither true nor false.
    package func check(conditions drafts: [Draft], inputs: Inputs) {
        for draft in drafts {
            _ = check(draft, inputs: inputs) { types throws(ExpressionErrors) in try draft.expression.checkCondition(types) }
        }
    }

    /// Notes what does not fit in an expression of any type.
    /// - Returns: the expression with its types; nil if there are mistakes.
    package func check(formula draft: Draft, inputs: Inputs) -> CheckedExpression? {
        check(draft, inputs: inputs) { types throws(ExpressionErrors) in try draft.expression.check(types) }
    }

    private func check(
        _ draft: Draft, inputs: Inputs, by check: ([String: CELType]) throws(ExpressionErrors) -> CheckedExpression
    ) -> CheckedExpression? {
        let types = inputs.types
        guard draft.expression.names.isSubset(of: types.keys) else { return nil }
        let checked: CheckedExpression
        do throws(ExpressionErrors) {
            checked = try check(types)
        } catch {
            for mistake in error.all { note(mistake, in: draft) }
            return nil
        }
        let clashes = UnitCheck.mistakes(in: checked, units: inputs.units)
        for clash in clashes { note(clash, in: draft) }
        return clashes.isEmpty ? checked : nil
    }

    /// Notes a mistake at its place inside an expression.
    package func note(_ error: ExpressionError, in draft: Draft) {
        mistakes.add(text.mistake(error.under(draft.key), of: draft.expression.source, in: draft.node))
    }
}

extension ExpressionError {
    /// The same, saying which of the rule's expressions it is.
    fileprivate func under(_ key: String) -> ExpressionError { ExpressionError(message: "'\(key)': \(message)", at: place) }
}

extension Inputs {
    var types: [String: CELType] {
        Dictionary(
            groups.map { group in
                let type = all[group.range].first.map { CELType($0.type) } ?? .dyn
                return (group.name, group.isList ? .list(type) : type)
            }, uniquingKeysWith: { first, _ in first })
    }

    var units: [String: String] {
        Dictionary(groups.map { ($0.name, all[$0.range].first?.unit ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    /// What the checks of an expression, and its formula, depend on: inputs with the same signature need neither again.
    package var signature: [String] {
        groups.map { "\($0.name) \($0.range.count) \(all[$0.range].first.map { "\($0.type.rawValue) \($0.unit)" } ?? "")" }
    }
}
