import Documents
import Testing

@Suite("A form")
struct FormTests {
    private enum Colour: String, CaseIterable { case red, green, blue }

    /// Reads a one-line mapping and says what the reader made of it, and what it complained about.
    private func read<T>(_ yaml: String, keys: [String]? = nil, _ body: (Form) -> T?) throws -> (value: T?, mistakes: [String]) {
        let mistakes = Mistakes()
        let form = try #require(Form(try Node(yaml: yaml, file: "f"), "a thing", keys: keys, in: mistakes))
        let value = body(form)
        return (value, mistakes.sorted.map(\.description))
    }

    @Test("that is no mapping is one mistake", arguments: [("[a]", "a list"), ("5", "a single value")])
    func notAMapping(yaml: String, kind: String) throws {
        let mistakes = Mistakes()
        #expect(Form(try Node(yaml: yaml, file: "f"), "a thing", keys: nil, in: mistakes) == nil)
        #expect(mistakes.sorted.map(\.description) == ["f:1:1: error: a thing must be a mapping, not \(kind)"])
    }

    @Test("names the nearest known key, or all if none is near")
    func unknownKeys() throws {
        let keys = ["scale", "offset", "unit", "every"]
        #expect(
            try read("scael: 1", keys: keys) { _ in 0 }.mistakes == [
                "f:1:1: error: a thing has no key 'scael'; did you mean 'scale'?"
            ])
        #expect(
            try read("evry: 1", keys: keys) { _ in 0 }.mistakes == [
                "f:1:1: error: a thing has no key 'evry'; did you mean 'every'?"
            ])
        #expect(
            try read("colour: 1", keys: keys) { _ in 0 }.mistakes
                == ["f:1:1: error: a thing has no key 'colour'; known: every, offset, scale, unit"])
    }

    @Test("needs what is required, and takes what is optional or not at all")
    func absent() throws {
        let required = try read("b: 1") { $0.integer("a", in: 0...9, required: true) }
        #expect(required.value == nil && required.mistakes == ["f:1:1: error: a thing needs 'a'"])
        let optional = try read("b: 1") { $0.integer("a", in: 0...9) }
        #expect(optional.value == nil && optional.mistakes.isEmpty)
    }

    @Test("takes whole numbers within bounds", arguments: ["10", "-1", "1.0", "x", "[1]", "", "99999999999999999999"])
    func wholeNumbers(text: String) throws {
        let good = try read("a: 9") { $0.integer("a", in: 0...9) }
        #expect(good.value == 9 && good.mistakes.isEmpty)
        let bad = try read("a: \(text)") { $0.integer("a", in: 0...9) }
        #expect(bad.value == nil && bad.mistakes.count == 1 && bad.mistakes[0].contains("'a' must be a whole number from 0 to 9"))
    }

    @Test("takes finite numbers", arguments: ["nan", "inf", "1e999", "1,5", "abc", "{}"])
    func numbers(text: String) throws {
        #expect(try read("a: -1.5e3") { $0.number("a") }.value == -1500)
        let bad = try read("a: \(text)") { $0.number("a") }
        #expect(bad.value == nil && bad.mistakes.count == 1)
    }

    @Test("takes true and false and nothing like them", arguments: ["yes", "True", "1", "'true'", "on"])
    func flags(text: String) throws {
        #expect(try read("a: true") { $0.flag("a") }.value == true)
        #expect(try read("a: false") { $0.flag("a") }.value == false)
        let bad = try read("a: \(text)") { $0.flag("a") }
        #expect(bad.value == nil && bad.mistakes.count == 1)
    }

    @Test(
        "takes spans with their unit",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("1.5h", .seconds(5400)), ("7d", .seconds(604_800)),
            ("10m", .seconds(600)), ("0.25s", .milliseconds(250)),
        ])
    func spans(text: String, span: Duration) throws {
        let good = try read("a: \(text)") { $0.duration("a") }
        #expect(good.value == span && good.mistakes.isEmpty)
    }

    @Test(
        "refuses spans without unit, without number, below zero, of zero, or beyond a century",
        arguments: [
            "5", "s", "-5s", "0s", "5 s", "5min", "1e3s", "40000d", "٥s", "1.2.3s", "99999999999999999999999999s", "[5s]",
            "0.0001ms",
        ])
    func badSpans(text: String) throws {
        let bad = try read("a: \(text)") { $0.duration("a") }
        #expect(bad.value == nil && bad.mistakes.count == 1)
    }

    @Test(
        "takes ranges of two numbers, low first",
        arguments: [
            ("[6, 0]", "6 is above 0"), ("[0]", "must be [low, high], not a list of 1"), ("[a, 6]", "the low end"),
            ("[0, {}]", "the high end"), ("6", "not a single value"),
        ])
    func ranges(text: String, expected: String) throws {
        #expect(try read("a: [-0.5, 6]") { $0.range("a") }.value == -0.5...6)
        let bad = try read("a: \(text)") { $0.range("a") }
        #expect(bad.value == nil && bad.mistakes.count == 1 && bad.mistakes[0].contains(expected))
    }

    @Test("takes words of a fixed set and names the nearest")
    func words() throws {
        #expect(try read("a: green") { $0.word("a", as: Colour.self) }.value == .green)
        let bad = try read("a: gren") { $0.word("a", as: Colour.self) }
        #expect(bad.value == nil && bad.mistakes == ["f:1:4: error: 'a' cannot be 'gren'; did you mean 'green'?"])
        let far = try read("a: mauve") { $0.word("a", as: Colour.self) }
        #expect(far.mistakes == ["f:1:4: error: 'a' cannot be 'mauve'; known: blue, green, red"])
    }

    @Test("takes one text or a list of texts, and keeps the good ones")
    func texts() throws {
        #expect(try read("a: x") { $0.strings("a") }.value?.map(\.text) == ["x"])
        let mixed = try read("a: [x, [y], z]") { $0.strings("a") }
        #expect(
            mixed.value?.map(\.text) == ["x", "z"] && mixed.mistakes == ["f:1:8: error: each of 'a' must be text, not a list"])
    }
}

@Suite("The nearest word")
struct NearestTests {
    @Test(
        "is a slip of the finger away",
        arguments: [
            ("levle", "level"), ("Level", "level"), ("leve", "level"), ("lewel", "level"), ("run-hour", "run-hours"),
            ("holdin", "holding"),
        ])
    func near(word: String, expected: String) {
        #expect(nearest(to: word, among: ["level", "run-hours", "holding", "coil"]) == expected)
    }

    @Test("is none where all are far", arguments: ["", "x", "temperature", String(repeating: "level", count: 40)])
    func far(word: String) {
        #expect(nearest(to: word, among: ["level", "run-hours", "holding"]) == nil)
    }

    @Test("is none among none, and nothing is suggested")
    func none() {
        #expect(nearest(to: "a", among: [String]()) == nil)
        #expect(suggestion(for: "a", among: [String]()).isEmpty)
        #expect(suggestion(for: "a", among: (0..<20).map { "word-\($0)" }).isEmpty)
    }
}

@Suite("Mistakes")
struct MistakesTests {
    @Test("are told once each, by file, line and column")
    func sorted() {
        let mistakes = Mistakes()
        for (file, line, column) in [("b", 1, 1), ("a", 10, 2), ("a", 2, 1), ("a", 10, 1), ("a", 2, 1)] {
            mistakes.add("wrong", at: Place(file: file, line: line, column: column))
        }
        #expect(mistakes.sorted.map(\.place.description) == ["a:2:1", "a:10:1", "a:10:2", "b:1:1"])
        #expect(!mistakes.isEmpty)
    }
}
