/// One evaluation of an expression with variables from JSON: what `headgate eval` does.
package struct Evaluation: Sendable {
    /// What went wrong, told with the line, the column and a caret where it was in the expression.
    package struct Failure: Error, Hashable, Sendable { package let message: String }

    private let expression: Expression
    private let variables: [String: CELValue]

    package init(_ source: String, json: String) throws(Failure) {
        do {
            let object = try CELValue(json: json)
            guard case .map(let map) = object else { throw Failure(message: "the variables are not a JSON object") }
            var variables: [String: CELValue] = [:]
            for (name, value) in map { if case .string(let name) = name { variables[name] = value } }
            expression = try Expression(source)
            _ = try expression.check(variables.mapValues(CELType.init(of:)))
            self.variables = variables
        } catch let error as Failure {
            throw error
        } catch let error as ExpressionError {
            throw Failure(message: error.shown(in: source))
        } catch let error as ExpressionErrors {
            throw Failure(message: error.shown(in: source))
        } catch {
            throw Failure(message: "the variables are \(error)")
        }
    }

    package func value() throws(Failure) -> CELValue {
        do throws(EvaluationFailure) {
            return try expression.evaluatePlacing { variables[$0] }
        } catch {
            throw Failure(message: error.shown(in: expression.source))
        }
    }
}
