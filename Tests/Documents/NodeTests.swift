import Documents
import Testing

@Suite("A YAML file's nodes")
struct NodeTests {
    private func node(_ yaml: String) throws(Mistake) -> Node { try Node(yaml: yaml, file: "a.yaml") }

    private func mistake(_ yaml: String) -> String? {
        do {
            _ = try node(yaml)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("know their line and column, counted in characters and not in bytes")
    func places() throws {
        let node = try node("水位: 1\nlevel:\n  - { 单位: m, of: [a, 'b'] }\n  - x\n")
        let list = try #require(node["level"])
        guard case .sequence(let members) = list.content else {
            Issue.record("no list")
            return
        }
        #expect(node.place.description == "a.yaml:1:1")
        #expect(node["水位"]?.place.description == "a.yaml:1:5")
        #expect(members.first?["单位"]?.place.description == "a.yaml:3:11")
        #expect(members.first?["of"]?.place.description == "a.yaml:3:18")
        #expect(members.last?.place.description == "a.yaml:4:5")
    }

    @Test("stand where they did whether lines end in LF or CRLF, with a byte order mark or without", arguments: ["\n", "\r\n"])
    func lineEnds(end: String) throws {
        let lines = ["profile: 1", "points:", "  level: { input: 0 }", "  flow: { input: x }", ""]
        for text in [lines.joined(separator: end), "\u{FEFF}" + lines.joined(separator: end)] {
            let node = try node(text)
            #expect(node["profile"]?.scalar == "1")
            #expect(node["profile"]?.place.description == "a.yaml:1:10")
            #expect(node["points"]?["flow"]?["input"]?.place.description == "a.yaml:4:18")
        }
    }

    @Test("tell a quoted scalar from a plain one, and an absent value from an empty text")
    func scalars() throws {
        let node = try node("plain: 5\ndouble: \"5\"\nsingle: '5'\nnothing:\nempty: ''\n")
        guard case .scalar("5", isQuoted: false)? = node["plain"]?.content,
            case .scalar("5", isQuoted: true)? = node["double"]?.content,
            case .scalar("5", isQuoted: true)? = node["single"]?.content
        else {
            Issue.record("quotes are lost")
            return
        }
        #expect(node["nothing"]?.kind == "nothing")
        #expect(node["empty"]?.kind == "an empty text")
    }

    @Test("come out of a text of a few bytes as out of a long one", arguments: ["a: 1", "[a, b]", "x", "{a: {b: c}}"])
    func shortTexts(yaml: String) throws {
        let padded = yaml + "\n" + String(repeating: "# padding\n", count: 8)
        #expect("\(try node(yaml))" == "\(try node(padded))")
    }

    @Test(
        "are none where the text is not YAML, and the mistake says where",
        arguments: [
            ("", "a.yaml:1:1: error: the file is empty"), ("# nothing\n\n", "a.yaml:1:1: error: the file is empty"),
            ("---\n", "error: the file is empty"), ("a: [1, 2\nb: 3\n", "a.yaml:2:"),
            ("a: 1\n\tb: 2\n", "a.yaml:2:1: error: not YAML"),
            ("a: \"open\n", "error: not YAML"), ("a: 1\n---\nb: 2\n", "another document"),
            ("a: *b\n", "a.yaml:1:4: error: not YAML"),
            ("? [a]\n: 1\n", "a key must be a single word, not a list"), ("a: 1\nb: 水\u{7}\n", "a.yaml:2:5: error: not YAML"),
            ("a: !!str {x", "error: not YAML"), ("%YAML 9.9\n---\na: 1", "error: not YAML"),
        ])
    func notYAML(yaml: String, expected: String) {
        #expect(mistake(yaml)?.contains(expected) == true, "\(mistake(yaml) ?? "no mistake")")
    }

    @Test("are none where the bytes are not UTF-8, and the mistake says at which of them")
    func notUTF8() {
        #expect(throws: Mistake("not UTF-8 text", at: Place(file: "a.yaml", line: 2, column: 6))) {
            _ = try Node(utf8: Array("a: 1\n水bc: ".utf8) + [0xB0, 0x43], file: "a.yaml")
        }
    }

    @Test("of a key written twice are those of the first, and the form names every repeat at its own place")
    func repeats() throws {
        let mistakes = Mistakes()
        let node = try node("a: 1\n\"b\": 2\nc: { x: 1, y: 2, x: 3, 'x': 4 }\nb: 5\na: 6\nd: [oops]\n")
        let form = try #require(Form(node, "a thing", keys: ["a", "b", "c"], in: mistakes))
        _ = form.form("c", "an inner thing", keys: ["x", "y"])
        #expect(form.integer("a", in: 0...9) == 1)
        #expect(form.entries.map(\.key) == ["a", "b", "c", "d"])
        #expect(
            mistakes.sorted.map(\.description) == [
                "a.yaml:3:18: error: 'x' is written again; it is already at line 3",
                "a.yaml:3:24: error: 'x' is written again; it is already at line 3",
                "a.yaml:4:1: error: 'b' is written again; it is already at line 2",
                "a.yaml:5:1: error: 'a' is written again; it is already at line 1",
                "a.yaml:6:1: error: a thing has no key 'd'; did you mean 'a'?",
            ])
    }

    @Test("are none of a text with more repeated keys than anyone writes by mistake")
    func manyRepeats() {
        #expect(mistake(String(repeating: "a: 1\n", count: 500))?.contains("keys are written twice") == true)
    }

    @Test("are none of a text nested without end, whichever way", arguments: ["[", "{a: ", "- ", "? ", "{? ", "[{a: "])
    func nesting(unit: String) {
        #expect(mistake(String(repeating: unit, count: 100)) != nil)
        #expect(mistake(String(repeating: unit, count: 20_000)) != nil)
    }

    @Test("are none of a short text whose aliases stand for billions of values")
    func aliasBombs() {
        var values = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let members = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            values += "a\(level): &a\(level) [\(members)]\n"
        }
        #expect(mistake(values)?.contains("too many values") == true)
        #expect(mistake(values + "? *a9\n: 1\n")?.contains("too many values") == true)
        #expect(mistake("a: &a [x, y]\nb: [*a, *a]\n") == nil)
        let lines = String(repeating: "- *a\n", count: 30_000)
        #expect(mistake("- &a [1, 2, 3, 4, 5, 6, 7, 8]\n" + lines)?.contains("more than 200000 values") == true)
    }

    @Test("are nodes or a mistake, and never a crash, whatever is done to the text", arguments: 0..<40 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = Lehmer(state: seed &* 2 &+ 1)
        let sample = Array(
            "profile: 1\npoints:\n  a: { input: 0, type: int16, range: [0, 6] } # 水\n  'b': &x [*y, \"\\u0041\"]\n? k\n: >\n  v"
                .utf8)
        for _ in 0..<100 {
            var bytes = sample
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array("[]{}:,-?&*!|>'\"%@`#\n\t \\".utf8).randomElement(using: &random) ?? 0, at: index)
                case 2: bytes.remove(at: index)
                default: bytes.append(contentsOf: bytes[index...])
                }
            }
            _ = try? Node(utf8: bytes, file: "fuzz.yaml")
        }
    }
}

/// Multiplicative congruential numbers: enough to shuffle bytes.
private struct Lehmer: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 0xDA94_2042_E4DD_58B5
        return (state >> 32) ^ state
    }
}
