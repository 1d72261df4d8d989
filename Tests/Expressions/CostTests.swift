import Testing

@testable import Expressions

@Suite("The cost of an evaluation")
struct CostTests {
    /// Each would take more time or memory than there is.
    @Test(
        "has a limit that stops what would not end",
        arguments: [
            // Six loops of thirty turns each.
            "r.all(a, r.all(b, r.all(c, r.all(d, r.all(e, r.all(f, a + b + c + d + e + f >= 0))))))",
            // Twenty doublings: a million copies of the list, though they share their memory.
            doubled(20),
            "cel.bind(s, 'abcdefgh'.replace('', 'abcdefghijklmnop'), s.replace('', s).replace('', s).replace('', s).size()) > 0",
            "[r.map(a, r.map(b, r.map(c, r.map(d, r.map(e, e)))))].size() > 0",
            "r.map(a, r.map(b, r.map(c, 'x%s'.format([[r, r, r]])))).size() > 0",
            "r.exists(a, r.exists(b, r.exists(c, r.exists(d, r.exists(e, 1 / 0 > 0)))))",
            "text.matches('(a*)*(a*)*(a*)*(a*){50}b') || text.matches('((((a{30}){30})))b') || text.matches('(x+x+)+y')",
            "r.all(a, text.contains(text + 'b') || r.all(b, (text + text + text + text).contains('b') || true))",
        ])
    func limit(source: String) throws {
        let variables: [String: CELValue] = [
            "r": .list((0..<30).map { .int($0) }), "text": .string(String(repeating: "a", count: 30_000)),
        ]
        let expression = try Expression(source)
        #expect(throws: EvaluationError.tooCostly) { try expression.evaluate(limit: 100_000) { variables[$0] } }
    }

    @Test("is not absorbed by && and ||, nor by the macros that absorb errors")
    func notAbsorbed() throws {
        let long = "[1, 2, 3, 4, 5, 6, 7, 8, 9].all(x, x > 0)"
        for source in ["\(long) || true", "true && \(long)", "[1].exists(x, \(long)) || true", "\(long) ? true : true"] {
            #expect(throws: EvaluationError.tooCostly, "\(source)") { try Expression(source).evaluate(limit: 20) { _ in nil } }
        }
    }

    @Test("of a condition is about its length, and a limit below that stops it")
    func small() throws {
        let expression = try Expression("level > 2.0 && pressure < 8.0")
        let values: [CELValue?] = [.double(3), .double(4)]
        #expect(try expression.evaluate(slots: values, limit: 7) == .bool(true))
        #expect(throws: EvaluationError.tooCostly) { try expression.evaluate(slots: values, limit: 6) }
    }

    @Test("leaves room for what a person would write")
    func room() throws {
        let readings = CELValue.list((0..<10_000).map { .double(Double($0)) })
        let source = "readings.filter(x, x > 10.0).map(x, x * 2.0).exists(x, x > 19000.0)"
        #expect(try Expression(source).evaluate { _ in readings } == .bool(true))
    }

    /// A list of thirty, put twice into a list, and that again, so many times over.
    private static func doubled(_ count: Int) -> String {
        var text = "x\(count) == x\(count)"
        for index in (1...count).reversed() { text = "cel.bind(x\(index), [x\(index - 1), x\(index - 1)], \(text))" }
        return "cel.bind(x0, r, \(text))"
    }
}
