/// A case of the language's conformance suite, one JSON object a line: `{"id", "expr", "vars", "want" | "error": true}`.
package struct CaseLine: Sendable {
    package let id: String
    package let expression: String
    package let variables: [String: CELValue]
    /// nil where it must fail.
    package let want: CELValue?

    /// What came of a case.
    package struct Verdict: Sendable {
        package let id: String
        package let got: Result<CELValue, CaseFailure>
        package let isOK: Bool

        /// `{"id", "got": typed | "error": text, "ok": bool}`.
        package var json: String {
            let outcome =
                switch got {
                case .success(let value): "\"got\": \(value.typedJSON)"
                case .failure(let failure): "\"error\": \(CELValue.json(failure.message))"
                }
            return "{\"id\": \(CELValue.json(id)), \(outcome), \"ok\": \(isOK)}"
        }
    }

    package struct CaseFailure: Error, Hashable, Sendable { package let message: String }

    /// - Throws: what is wrong with the line.
    package init(_ line: String) throws(CaseFailure) {
        let object: CELValue
        do throws(JSONError) {
            object = try CELValue(json: line)
        } catch {
            throw CaseFailure(message: "\(error)")
        }
        guard case .string(let expression) = object["expr"] else { throw CaseFailure(message: "a case has no 'expr'") }
        self.expression = expression
        if case .string(let id) = object["id"] { self.id = id } else { id = expression }
        var variables: [String: CELValue] = [:]
        if case .map(let map) = object["vars"] {
            for (name, typed) in map {
                guard case .string(let name) = name, let value = CELValue(typed: typed) else {
                    throw CaseFailure(message: "\(id): a variable is not a typed value")
                }
                variables[name] = value
            }
        }
        self.variables = variables
        want = object["want"].flatMap(CELValue.init(typed:))
        guard want != nil || object["error"] == .bool(true) else {
            throw CaseFailure(message: "\(id): 'want' is not a typed value, nor 'error' true")
        }
    }

    /// Runs the case. What must fail may do so when it is read or when it is evaluated.
    package func run() -> Verdict {
        let got: Result<CELValue, CaseFailure>
        do {
            let read = try Expression(expression, isLenient: true)
            got = .success(try read.evaluatePlacing { variables[$0] })
        } catch {
            got = .failure(CaseFailure(message: "\(error)"))
        }
        return switch (got, want) {
        case (.success(let value), let want?): Verdict(id: id, got: got, isOK: Self.isSame(value, want))
        case (.failure, nil): Verdict(id: id, got: got, isOK: true)
        default: Verdict(id: id, got: got, isOK: false)
        }
    }

    /// The answer to a line of a file of cases, as JSON, and whether the case holds. A line that cannot be read does not.
    package static func answer(to line: String, number: Int) -> (json: String, isOK: Bool) {
        do throws(CaseFailure) {
            let verdict = try CaseLine(line).run()
            return (verdict.json, verdict.isOK)
        } catch {
            let failed = Verdict(id: "line \(number)", got: .failure(error), isOK: false)
            return (failed.json, false)
        }
    }

    /// The same value of the same type, where NaN is itself.
    private static func isSame(_ a: CELValue, _ b: CELValue) -> Bool {
        switch (a, b) {
        case (.double(let a), .double(let b)): a == b || (a.isNaN && b.isNaN)
        case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy(isSame)
        case (.map(let a), .map(let b)):
            a.count == b.count && a.allSatisfy { key, value in b[key].map { isSame(value, $0) } ?? false }
        default: a == b
        }
    }
}
