import Testing

@testable import Expressions

@Suite("An expression")
struct ExpressionTests {
    private func value(_ source: String, _ variables: [String: CELValue] = [:]) throws -> CELValue {
        try Expression(source).evaluate { variables[$0] }
    }

    @Test("names its free variables, each once, and the first word of a dotted one")
    func names() throws {
        #expect(try Expression("a && (b < 2.0 || a) && c.d.e == size(f[g])").names == ["a", "b", "c", "f", "g"])
        #expect(try Expression("int(x) == 1 && type(x) == int").names == ["x"])
        #expect(try Expression("math.abs(level) > 1.0").names == ["level"])
    }

    @Test("asks only for the variables it needs")
    func laziness() throws {
        var asked: [String] = []
        let value = try Expression("a || b").evaluate { name in
            asked.append(name)
            return .bool(true)
        }
        #expect(value == .bool(true))
        #expect(asked == ["a"])
    }

    @Test("that one side of && or || decides does not care what is wrong with the other")
    func absorption() throws {
        #expect(try value("missing && false") == .bool(false))
        #expect(try value("1 / 0 > 2 || true") == .bool(true))
        #expect(throws: EvaluationError.unknownName("missing")) { try value("missing && true") }
        #expect(throws: EvaluationError.divisionByZero) { try value("1 / 0 > 2 || false") }
    }

    @Test("compiled alone gives what the whole gives, and knows where its variables stand")
    func compiled() throws {
        let expression = try Expression("a > b &&\n  c.d == e || a < 0.0")
        let values: [String: CELValue] = ["a": .double(3), "b": .double(2), "c.d": .int(1), "e": .int(1)]
        let slots = expression.slots.map { values[$0] }
        #expect(expression.compiled.slots == expression.slots)
        #expect(try expression.compiled.evaluate(slots: slots) == .bool(true))
        #expect(throws: EvaluationError.tooCostly) { try expression.compiled.evaluate(slots: slots, limit: 3) }
        #expect(expression.place(of: "a") == SourcePlace(line: 1, column: 1))
        #expect(expression.place(of: "e") == SourcePlace(line: 2, column: 10))
        #expect(expression.place(of: "x") == nil)
    }

    @Test("does not mix types in sums, and says how to mend it")
    func noMixing() {
        let error = #expect(throws: EvaluationError.self) { try value("level * 2", ["level": .double(1.5)]) }
        #expect(error?.message == "double * int is not defined; convert one side with double() or int()")
    }

    @Test("compares numbers across their types, and texts by their scalars")
    func comparison() throws {
        #expect(try value("3 == 3.0 && 3u == 3 && -1 < 0u && 18446744073709551615u > 1e19") == .bool(true))
        #expect(try value("selector == 2 && !(selector in [0, 1])", ["selector": .uint(2)]) == .bool(true))
        #expect(try value("x == x", ["x": .double(.nan)]) == .bool(false))
        #expect(try value("'e\\u0301' == '\\u00e9'") == .bool(false))
        #expect(try value("{'e\\u0301': 1, '\\u00e9': 2}.size()") == .int(2))
    }

    @Test(
        "that is wrong is refused with the line and column of the mistake",
        arguments: [
            ("level = 2.0", 1, 7, "to compare, write '=='"), ("level >", 1, 8, "expected a value, not the end"),
            ("level\n  > > 2", 2, 5, "expected a value, not '>'"), ("(a || b", 1, 8, "to close the bracket"),
            ("a & b", 1, 3, "write '&&'"), ("'open", 1, 1, "not closed"), ("level > 3m", 1, 9, "units are not written"),
            ("a.exists(1, x > 1)", 1, 10, "begins with a variable's name"), ("sqrt(4.0)", 1, 1, "no function 'sqrt'"),
            ("a b", 1, 3, "an operator is missing before 'b'"), ("size()", 1, 1, "so few"), ("if", 1, 1, "reserved word"),
            ("99999999999999999999", 1, 1, "64 bits"), ("9223372036854775808", 1, 1, "64 bits"), ("", 1, 1, "expected a value"),
            ("1e400", 1, 1, "beyond what a double holds"), ("'\\q'", 1, 2, "not an escape"), ("水位 > 1", 1, 1, "has no meaning"),
        ])
    func mistakes(source: String, line: Int, column: Int, part: String) {
        let error = #expect(throws: ExpressionError.self) { try Expression(source) }
        #expect(error?.line == line && error?.column == column, "\(source): \(error.map(\.description) ?? "")")
        #expect(error?.message.contains(part) == true, "\(source): \(error?.message ?? "")")
    }

    @Test("nested or chained without measure is refused, not a crash")
    func depth() {
        let bombs = [
            String(repeating: "(", count: 5000), String(repeating: "[", count: 5000), String(repeating: "-", count: 5000) + "1",
            String(repeating: "!", count: 5000) + "true", "1" + String(repeating: "+1", count: 5000),
            "a" + String(repeating: ".a", count: 5000), "a" + String(repeating: "[0]", count: 5000),
            String(repeating: "a?b:", count: 3000) + "c", String(repeating: "x", count: 20_000),
            String(repeating: "{1:", count: 900),
        ]
        for bomb in bombs { #expect(throws: ExpressionError.self) { try Expression(bomb) } }
    }

    @Test("as deep as may be is read, checked and evaluated")
    func greatestDepth() throws {
        let sources = [
            "1" + String(repeating: " + 1", count: 255), String(repeating: "[", count: 63) + "1" + String(repeating: "]", count: 63),
            String(repeating: "[1].map(x, ", count: 60) + "x" + String(repeating: ")", count: 60),
            String(repeating: "true ? (", count: 31) + "1" + String(repeating: ") : 0", count: 31),
            String(repeating: "{'a': ", count: 60) + "1" + String(repeating: "}", count: 60) + String(repeating: ".a", count: 60),
        ]
        for source in sources {
            let expression = try Expression(source)
            _ = try expression.check([:])
            _ = try expression.evaluate { _ in nil }.text
        }
    }
}
