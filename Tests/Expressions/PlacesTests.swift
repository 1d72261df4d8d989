import Testing

@testable import Expressions

@Suite("A mistake in an expression")
struct PlacesTests {
    @Test("is shown with its line, its column and a caret below it")
    func caret() {
        let source = "level > 2.0 &&\n\tpressure >> 3.0"
        let error = #expect(throws: ExpressionError.self) { try Expression(source) }
        #expect(
            error?.shown(in: source) == """
                2:12: expected a value, not '>'
                  \tpressure >> 3.0
                  \t          ^
                """)
    }

    @Test("of types is shown where it stands, and all of them are")
    func checked() throws {
        let source = "levl > 2.0\n  || presure < 'low'"
        let error = #expect(throws: ExpressionErrors.self) {
            try Expression(source).check(["level": .double, "pressure": .double])
        }
        #expect(
            error?.shown(in: source) == """
                1:1: 'levl' is not declared; did you mean 'level'?
                  levl > 2.0
                  ^
                2:6: 'presure' is not declared; did you mean 'pressure'?
                    || presure < 'low'
                       ^
                """)
    }

    @Test(
        "that shows only when it runs is placed at the construct that failed",
        arguments: [
            ("1 + 10 / (x - x)", 1, 8), ("[1, 2,\n 3][x + 7]", 2, 4), ("{'a': 1}.b + x", 1, 10), ("x > 0 &&\n 'a'.charAt(9) == ''", 2, 6),
            ("[1, 0].map(n, x / n)", 1, 17), ("x == 1 && missing", 1, 11), ("[0, 1].all(n, 1 / n > 0 || n > 5)", 1, 17),
            ("1 / 0 > 2 || 2 % 0 > 1", 1, 3), ("timestamp('soon')", 1, 1), ("!x", 1, 1), ("x ? 1 : 2", 1, 3),
        ])
    func evaluated(source: String, line: Int, column: Int) throws {
        let expression = try Expression(source)
        let failure = #expect(throws: EvaluationFailure.self) {
            try expression.evaluatePlacing { $0 == "x" ? .int(1) : nil }
        }
        #expect(failure?.place == SourcePlace(line: line, column: column), "\(failure.map(\.description) ?? "")")
        #expect(failure?.shown(in: source).hasSuffix("^") == true)
    }

    @Test(
        "that is a function's name is told with the name that was meant",
        arguments: [
            ("x.startWith('a')", "did you mean 'startsWith'?"), ("sise(x)", "did you mean 'size'?"),
            ("math.flor(x)", "did you mean 'math.floor'?"), ("startsWith(x, 'a')", "x.startsWith()"), ("x.int()", "int(x)"),
        ])
    func unknownFunctions(source: String, part: String) {
        let error = #expect(throws: ExpressionError.self) { try Expression(source) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test("in a function that is never called does not matter to a lenient reader")
    func lenient() throws {
        #expect(try Expression("nothing(17) || true", isLenient: true).evaluate { _ in nil } == .bool(true))
        #expect(throws: EvaluationError.self) { try Expression("nothing(17) || false", isLenient: true).evaluate { _ in nil } }
        #expect(throws: ExpressionError.self) { try Expression("nothing(17) || true") }
    }
}
