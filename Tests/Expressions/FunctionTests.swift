import Testing

@testable import Expressions

@Suite("The functions and macros")
struct FunctionTests {
    private func value(_ source: String) throws -> CELValue { try Expression(source).evaluate { _ in nil } }

    /// cel-spec, doc/langdef.md and doc/extensions/strings.md: their examples.
    @Test(
        "give what the language's definition says",
        arguments: [
            "\"hello world\".contains(\"world\") && !\"foobar\".contains(\"baz\")", "\"foobar\".endsWith(\"bar\")",
            "matches(\"foobar\", \"foo.*\")", "\"fiance\\u0301\".size() == 7", "size(string(b'\\xF0\\x9F\\xA4\\xAA')) == 1",
            "bytes(\"🤪\") == b'\\xF0\\x9F\\xA4\\xAA'", "bool(\"true\") && !bool(\"FALSE\")", "int(3.14) == 3 && int(\"123\") == 123",
            "uint(3.14) == 3u", "string(duration('1m1ms')) == \"60.001s\"", "string(3.14) == \"3.14\"",
            "timestamp(\"2023-12-25T00:00:00Z\").getDate() == 25", "timestamp(\"2023-12-25T12:00:00Z\").getDayOfWeek() == 1",
            "timestamp(\"2023-12-25T12:00:00Z\").getDayOfYear() == 358", "timestamp(\"2023-12-25T12:00:00Z\").getMonth() == 11",
            "timestamp(\"2023-12-25T12:00:00.500Z\").getMilliseconds() == 500", "duration(\"1.234s\").getMilliseconds() == 234",
            "duration(\"1h30m\").getMinutes() == 90", "duration(\"1m30s\").getSeconds() == 90",
            "'%d'.format([3.14]) == '3.14'", "'%.1e'.format([-3.14]) == '-3.1e+00'", "'%.3f'.format([123.4999]) == '123.500'",
            "'%s'.format([b'foo']) == 'foo'", "'%f'.format([1u]) == '1.000000'", "[1, 2, 3].map(n, n * n) == [1, 4, 9]",
            "{'one': 1, 'two': 2}.map(k, k) == ['one', 'two']", "[1, 2, 3].filter(i, i % 2 > 0) == [1, 3]",
            "[1].exists(x, x == 1)", "type(type(1)) == type(string)", "\"\\303\\277\" == 'Ã¿' && b\"\\303\\277\" == b\"ÿ\"",
        ])
    func definition(source: String) throws {
        #expect(try value(source) == .bool(true))
    }

    @Test(
        "of texts count scalars and keep to their ends",
        arguments: [
            ("'häuser'.charAt(1)", "'ä'"), ("'ab'.charAt(2)", "''"), ("'hello mellow'.indexOf('ello', 2)", "7"),
            ("'hello mellow'.lastIndexOf('ello', 6)", "1"), ("'hello'.lastIndexOf('')", "5"), ("'a,b,c'.split(',', 2)", "['a', 'b,c']"),
            ("'éa'.split('')", "['é', 'a']"), ("'aaa'.replace('a', 'b', 2)", "'bba'"), ("'ab'.replace('', '-')", "'-a-b-'"),
            ("['a', 'b'].join('|')", "'a|b'"), ("'ÄbC'.lowerAscii()", "'Äbc'"), ("' \\u2003x\\n'.trim()", "'x'"),
            ("'añb'.reverse()", "'bña'"), ("strings.quote('a\"\\n')", "'\"a\\\\\"\\\\n\"'"), ("'abcde'.substring(1, 3)", "'bc'"),
            ("'%x|%X|%b|%o'.format([-255, 'é', 5, 8u])", "'-ff|C3A9|101|10'"), ("'%s'.format([{2: 'b', 1: 'a'}])", "'{1: a, 2: b}'"),
            ("base64.encode(b'hello')", "'aGVsbG8='"), ("base64.decode('aGVsbG8')", "b'hello'"),
        ])
    func texts(source: String, text: String) throws {
        #expect(try value(source).text == text)
    }

    @Test(
        "refuse what they cannot do",
        arguments: [
            "'a'.charAt(2)", "'a'.charAt(-1)", "'abc'.substring(2, 1)", "'a'.indexOf('a', 9)", "[1].join()", "'%a'.format([1])",
            "'%d'.format([])", "'%'.format([1])", "'%.99999f'.format([1.0])", "'%s'.format([optional.none()])", "base64.decode('a')",
            "base64.decode('a!bc')", "math.bitShiftLeft(1, -1)", "math.greatest([])", "math.abs(-9223372036854775808)",
            "int('x')", "double('1e400')", "int(9223372036854775808.0)", "uint(-1)", "string(b'\\xff')", "optional.none().value()",
            "[1, 2].exists_one(x, x / 0 > 1)", "{1: 2}.transformMapEntry(k, v, {1: 2, 1u: 3})", "[1, 2].transformMapEntry(i, v, {'a': v})",
        ])
    func refusals(source: String) throws {
        #expect(throws: EvaluationError.self) { try value(source) }
    }

    @Test(
        "of optional values pass on what is absent",
        arguments: [
            ("{'a': {'b': 1}}.?a.?b.orValue(0)", "1"), ("{}.?a.b.c.orValue(7)", "7"), ("[1][?3].hasValue()", "false"),
            ("[?{}.?x, ?optional.of(2)]", "[2]"), ("{?'x': optional.none(), 'y': 1}", "{'y': 1}"),
            ("optional.of([1])[0].value()", "1"), ("has({'x': {'y': 'z'}}.?x.y)", "true"),
            ("optional.none().optMap(x, x + 1)", "optional.none()"), ("{'a': 1}.?a.optFlatMap(x, optional.of(x + 1)).value()", "2"),
        ])
    func optionals(source: String, text: String) throws {
        #expect(try value(source).text == text)
    }

    @Test("of two variables see positions and keys, in the same order every time")
    func twoVariables() throws {
        #expect(try value("['a', 'b'].transformList(i, x, x + string(i))").text == "['a0', 'b1']")
        #expect(try value("{'b': 2, 'a': 1}.transformList(k, v, v > 1, k)").text == "['b']")
        #expect(try value("{3: 1, true: 1, 'a': 1, 2u: 1, -1: 1}.map(k, k)").text == "[true, -1, 2u, 3, 'a']")
        #expect(try value("['x', 'y'].transformMapEntry(i, v, {v: i})").text == "{'x': 0, 'y': 1}")
    }

    @Test("do not let the variables of macros out, nor hide what a leading point names")
    func scopes() throws {
        let outer: (String) -> CELValue? = { $0 == "x" ? .int(10) : nil }
        #expect(try Expression("[1].map(x, x + .x)[0] + x").evaluate(outer) == .int(21))
        #expect(try Expression("[1].map(x, [2].map(x, x)[0] + x)").evaluate(outer).text == "[3]")
        #expect(try Expression("[1].map(x, x) == [1] && x == 10").names == ["x"])
        #expect(try Expression("cel.bind(y, x, [y].exists(x, x == y))").evaluate(outer) == .bool(true))
        #expect(try Expression("[{'y': 1}].map(x, x.y)").names == [])
    }
}
