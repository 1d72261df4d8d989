import Testing

@testable import Expressions

@Suite("The type checker")
struct CheckerTests {
    private static let variables: [String: CELType] = [
        "level": .double, "count": .int, "selector": .uint, "running": .bool, "mode": .string, "raw": .bytes, "any": .dyn,
        "at": .timestamp, "since": .duration, "levels": .list(.double), "pumps": .map(.string, .int), "site.name": .string,
        "sites": .map(.string, .map(.string, .double)), "maybe": .optional(.int),
    ]

    private func type(_ source: String) throws -> String {
        try Expression(source).check(Self.variables).type.description
    }

    /// cel-spec, tests/simple/testdata/type_deduction.textproto.
    @Test(
        "deduces the types the language's suite names",
        arguments: [
            ("true", "bool"), ("42", "int"), ("42u", "uint"), ("0.1", "double"), ("'test'", "string"), ("b'test'", "bytes"),
            ("null", "null_type"), ("[1]", "list(int)"), ("{'abc': 123}", "map(string, int)"), ("[]", "list(dyn)"),
            ("{}", "map(dyn, dyn)"), ("[1, 'a']", "list(dyn)"), ("[[]]", "list(list(dyn))"),
            ("[[], [1]]", "list(list(int))"), ("[{}, {1: 2}, {}]", "list(map(int, int))"),
            ("[optional.of(1), optional.of(dyn(1))]", "list(optional_type(dyn))"), ("type(1)", "type(int)"),
        ])
    func published(source: String, type: String) throws {
        #expect(try self.type(source) == type)
    }

    @Test(
        "follows types through operators, macros and functions",
        arguments: [
            ("level > 2 && selector == 1 || count < 2.5", "bool"), ("running ? level : 0.0", "double"), ("any + 1", "int"),
            ("any + any", "dyn"), ("at - at", "google.protobuf.Duration"), ("at + since", "google.protobuf.Timestamp"),
            ("levels.map(x, x > 1.0)", "list(bool)"), ("levels.filter(x, x > 1.0)", "list(double)"),
            ("pumps.exists(name, name == 'a')", "bool"), ("pumps.transformMap(k, v, v > 1)", "map(string, bool)"),
            ("levels.transformList(i, x, i)", "list(int)"), ("pumps.a + pumps['b']", "int"), ("sites.a.b", "double"),
            ("site.name + mode", "string"), ("maybe.optMap(x, x + 1).orValue(0)", "int"), ("pumps.?a.orValue(3)", "int"),
            ("[1, 2][0]", "int"), ("cel.bind(x, levels[0], x * x)", "double"), ("mode.split(',')", "list(string)"),
            ("math.greatest(1, 2)", "int"), ("math.greatest(1, 2.0)", "dyn"), ("int(level)", "int"), ("at.getHours('UTC')", "int"),
            ("levels == []", "bool"), ("at == null", "bool"), ("[1].map(x, [x])", "list(list(int))"), ("any.field[0]", "dyn"),
            ("level in levels && 1 in levels", "bool"), ("type(level) == double", "bool"),
        ])
    func follows(source: String, type: String) throws {
        #expect(try self.type(source) == type)
    }

    @Test(
        "refuses what cannot have a value, and says where",
        arguments: [
            ("level < 'dry'", 7, "double < string is not defined"), ("level * 2", 7, "convert one side with double() or int()"),
            ("levle > 1.0", 1, "'levle' is not declared; did you mean 'level'?"), ("running && count", 9, "not int"),
            ("count ? 1 : 2", 7, "the condition of '?' is of type int"), ("running ? 1 : 'a'", 9, "of types int and string"),
            ("mode.size() > 1 && mode == 1", 25, "string == int"), ("count.field", 7, "a value of type int has no field"),
            ("levels['a']", 7, "an index"), ("pumps[1]", 6, "keys of type string"), ("count.all(x, x > 1)", 7, "needs a list or a map"),
            ("levels.all(x, x)", 15, "true or false, not double"), ("levels.map(x, x + mode)", 17, "double + string"),
            ("!level", 1, "!"), ("-mode", 1, "-"), ("size(count)", 1, "size() is not defined for int"),
            ("mode.matches(1)", 6, "matches() is not defined for string, int"), ("{1.5: 2}", 2, "key of type double"),
            ("x.y.z", 1, "'x' is not declared"), ("maybe + 1", 7, "optional_type(int) + int"),
            ("[1].exists(x, x == 'a')", 17, "int == string"),
            ("levels.filter(level, level > 1).map(x, missing)", 40, "'missing' is not declared"),
        ])
    func refuses(source: String, column: Int, part: String) throws {
        let expression = try Expression(source)
        let errors = #expect(throws: ExpressionErrors.self) { try expression.check(Self.variables) }
        #expect(errors?.all.count == 1, "\(errors.map(\.description) ?? "")")
        #expect(errors?.all.first?.column == column, "\(errors.map(\.description) ?? "")")
        #expect(errors?.description.contains(part) == true, "\(errors.map(\.description) ?? "")")
    }

    @Test("tells all mistakes of one expression at once")
    func several() throws {
        let errors = #expect(throws: ExpressionErrors.self) {
            try Expression("lvel > 1.0 && count + 1.5 > 2 || mode").check(Self.variables)
        }
        #expect(errors?.all.map(\.column) == [1, 21, 31])
    }

    @Test("asks that a condition be true or false")
    func conditions() throws {
        #expect(throws: ExpressionErrors.self) { try Expression("level + 1.0").checkCondition(Self.variables) }
        #expect(try Expression("any").checkCondition(Self.variables).type == .dyn)
    }

    @Test("shows every comparison with its sides and their places")
    func comparisons() throws {
        let checked = try Expression("level > 2.0 && [1].exists(x, x == count)\n|| levels[0] <= site.limit")
            .check(["level": .double, "count": .int, "levels": .list(.double), "site.limit": .double])
        let found = checked.comparisons
        #expect(found.map(\.sign) == [">", "==", "<="])
        #expect(found[0].left.kind == .variable("level") && found[0].left.place == SourcePlace(line: 1, column: 1))
        #expect(found[1].left.kind == .local("x") && found[1].right.kind == .variable("count"))
        #expect(found[2].left.kind == .index && found[2].left.parts[0].kind == .variable("levels"))
        #expect(found[2].right.kind == .variable("site.limit") && found[2].right.type == .double)
        #expect(found[2].place == SourcePlace(line: 2, column: 14))
    }

    @Test("lets pass nothing that then fails for its types", arguments: 0..<4 as Range<UInt64>)
    func soundness(seed: UInt64) throws {
        var random = Seeded(seed)
        let values: [String: CELValue] = [
            "level": .double(1.5), "count": .int(2), "selector": .uint(1), "running": .bool(true), "mode": .string("auto"),
            "levels": .list([.double(1), .double(2)]), "pumps": .map([.string("a"): .int(1)]),
        ]
        let types = Self.variables.filter { values[$0.key] != nil }
        var passed = 0
        for _ in 0..<1500 {
            let source = Soup.expression(&random, depth: 3)
            guard let expression = try? Expression(source), (try? expression.check(types)) != nil else { continue }
            passed += 1
            do throws(EvaluationError) {
                _ = try expression.evaluate { values[$0] }
            } catch {
                if case .noOverload = error { Issue.record("\(source): \(error)") }
            }
        }
        #expect(passed > 50, "\(passed)")
    }
}
