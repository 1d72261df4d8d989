import Testing

@testable import Expressions

@Suite("A regular expression")
struct PatternTests {
    private func matches(_ pattern: String, _ text: String) throws -> Bool {
        var meter = Meter(10_000_000)
        return try Pattern(pattern).matches(text, &meter)
    }

    /// Each line was run through RE2 (google-re2 1.1, `re2.search`): the pattern, texts it is found in, texts it is not.
    @Test(
        "finds what RE2 finds",
        arguments: [
            ("", ["", "a"], []), ("foo.*", ["foobar", "a foo"], ["fo"]), ("^a*$", ["", "aaa"], ["aab"]),
            ("a{2,3}$", ["aa", "baaa"], ["a"]), ("^a{2}$", ["aa"], ["a", "aaa"]), ("^a{2,}$", ["aa", "aaaaa"], ["a"]),
            ("^(ab|c)+$", ["abcab"], ["ac", ""]), ("^(?:a|)$", ["a", ""], ["aa"]), ("^a{,3}$", ["a{,3}"], ["aa"]),
            ("[a-c]x", ["bx"], ["dx"]), ("[^a-c]x", ["dx"], ["bx", "x"]), ("[]a]", ["]"], ["b"]), ("[a-]", ["-"], ["b"]),
            ("[[:alpha:]]{2}", ["ab"], ["a1"]), ("[[:^digit:]]", ["a"], ["7"]), ("\\d+\\.\\d", ["v1.5"], ["v1a5"]),
            ("^\\w+\\s\\W$", ["ab -"], ["ab b"]), ("\\bcat\\b", ["a cat.", "cat"], ["cats"]), ("\\Bcat", ["scat"], ["cat"]),
            ("\\Aa\\z", ["a"], ["a\n", "ba"]), ("a$", ["a"], ["a\n"]), ("(?m)^a$", ["b\na\nb"], ["b\nab"]),
            ("a.b", ["axb"], ["a\nb"]), ("(?s)a.b", ["a\nb"], ["ab"]), ("(?i)straße", ["STRAße"], ["strasse"]),
            ("(?i)k", ["K", "\u{212A}"], ["c"]), ("(?i:a)b", ["Ab"], ["AB"]), ("(?i)a(?-i)b", ["Ab"], ["AB"]),
            ("(?i)[^a]", ["b"], ["A"]), ("(?i)\\W", ["-"], ["\u{17F}"]), ("\\pL\\p{Lu}\\PN", ["aB-"], ["ab-", "aB1"]),
            ("\\p{^Lu}", ["a"], ["A"]), ("\\x41\\x{e9}", ["Aé"], ["A"]), ("\\07|\\101", ["\u{07}", "A"], ["7"]),
            ("\\Qa.b\\E+", ["a.bb"], ["axb"]), ("(?P<n>a)(?<m>b)", ["ab"], ["a"]), ("a*?b+?c??", ["b"], ["a"]),
            ("^.$", ["é", "😀"], ["e\u{301}"]), ("(a*)*b", ["aab"], ["aa"]), ("(|a)+c", ["aac"], ["aa"]),
        ])
    func published(pattern: String, found: [String], notFound: [String]) throws {
        for text in found { #expect(try matches(pattern, text), "\(pattern) in \(text)") }
        for text in notFound { #expect(try !matches(pattern, text), "\(pattern) in \(text)") }
    }

    @Test(
        "that RE2 refuses is refused",
        arguments: [
            "(", ")", "[a", "*", "a**", "a{2}{3}", "+a", "(?i", "(?x)", "[b-a]", "\\", "\\1", "\\Z", "\\e", "a{1001}", "a{3,2}",
            "[[:bad:]]", "\\p{Nonsense}", "(?P<n", "x{1000}{1000}", "(?=a)", "(?<=a)", "\\x{110000}", "\\8", "{2}",
        ])
    func refused(pattern: String) {
        #expect(throws: PatternError.self) { try Pattern(pattern) }
    }

    @Test("that would be too long when written out is refused, and one too deep as well")
    func bombs() {
        for bomb in ["((((a{99}){99}){99}){99})", "(((((((((()){900}){900}){900}){900}){900}){900}){900}){900})"] {
            #expect(throws: PatternError.self) { try Pattern(bomb) }
        }
        #expect(throws: PatternError.self) { try Pattern(String(repeating: "(", count: 5000) + String(repeating: ")", count: 5000)) }
    }

    @Test("takes time in step with its text, where backtracking would never end")
    func linear() throws {
        let text = String(repeating: "a", count: 2000)
        var costs: [Int] = []
        for length in [1000, 2000] {
            var meter = Meter(10_000_000)
            #expect(try !Pattern("^(a+)+(a|a?)*$").matches(text.prefix(length) + "b", &meter))
            costs.append(10_000_000 - meter.left)
        }
        #expect(costs[1] < 3 * costs[0])
    }

    @Test("of any letters is a pattern or an error, and finds or does not", arguments: 0..<8 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = Seeded(seed)
        let parts = [
            "a", "b", ".", "*", "+", "?", "{2}", "{0,3}", "{", "(", "(?:", "(?i)", ")", "|", "^", "$", "[", "]", "[^a]", "\\d", "\\Q",
            "\\E",
            "\\b", "\\p{L", "}", "\\x", "-", ":", "é", "\\", "(?P<", ">",
        ]
        var patterns = 0
        for _ in 0..<3000 {
            let source = (0..<Int.random(in: 1...8, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            guard let pattern = try? Pattern(source) else { continue }
            patterns += 1
            var meter = Meter(1_000_000)
            #expect(throws: Never.self, "\(source)") { try pattern.matches("ab\nébaab", &meter) }
        }
        #expect(patterns > 200)
    }

    @Test("that is written out is judged when the expression is read, and one from a variable when it runs")
    func places() throws {
        let error = #expect(throws: ExpressionError.self) { try Expression("name.matches('a(')") }
        #expect(error?.column == 14 && error?.message.contains("not closed") == true)
        let dynamic = try Expression("matches(name, name)")
        #expect(try dynamic.evaluate { _ in .string("a+") } == .bool(true))
        #expect(throws: EvaluationError.self) { try dynamic.evaluate { _ in .string("a(") } }
    }
}
