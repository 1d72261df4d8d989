import Testing

@testable import Expressions

@Suite("An expression with variables from JSON")
struct EvaluationTests {
    @Test("has numbers of the kinds they were written in")
    func numbers() throws {
        let json = #"{"a": 1, "b": 1.0, "c": 18446744073709551615, "d": -0.5e3, "e": [null, {"x": "é\u00e9\ud83d\ude00\n"}]}"#
        let value = try Evaluation("[type(a), type(b), type(c), d, e[1].x]", json: json).value()
        #expect(value.text == "[int, double, uint, -500, 'éé😀\\n']")
    }

    @Test("is checked before it runs, and what is wrong is shown with a caret")
    func failures() {
        func message(_ source: String, _ json: String) -> String? {
            do throws(Evaluation.Failure) {
                return try Evaluation(source, json: json).value().text
            } catch {
                return error.message
            }
        }
        #expect(message("false && level + 1 > 2", #"{"level": 1.5}"#)?.hasPrefix("1:16: double + int") == true)
        #expect(message("1 / n", #"{"n": 0}"#) == "1:3: division by zero\n  1 / n\n    ^")
        #expect(message("1 +", "{}") == "1:4: expected a value, not the end\n  1 +\n     ^")
        #expect(message("1", "[1]") == "the variables are not a JSON object")
        #expect(message("1", "{") == "the variables are not JSON, at byte 1: expected a member's name")
    }

    @Test(
        "is refused where the text is not JSON",
        arguments: [
            "", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{a: 1}", "\"\\x\"", "\"\\ud800\"", "01a", "+1", "1e999", "nul", "1 2", "\"a", "\"\n\"",
            String(repeating: "[", count: 5000), "--1", "{\"a\": 1,}",
        ])
    func notJSON(text: String) {
        #expect(throws: JSONError.self) { try CELValue(json: text) }
    }

    @Test("has every value in its typed form and back", arguments: 0..<4 as Range<UInt64>)
    func typed(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<500 {
            let value = Self.value(&random, depth: 3)
            #expect(CELValue(typed: try CELValue(json: value.typedJSON)) == value, "\(value.typedJSON)")
        }
    }

    private static func value(_ random: inout Seeded, depth: Int) -> CELValue {
        switch Int.random(in: 0..<(depth > 0 ? 12 : 10), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .int(Int64(bitPattern: random.next()))
        case 3: return .uint(random.next())
        case 4:
            let number = Double(bitPattern: random.next())
            return .double(number.isNaN ? -.infinity : number)
        case 5: return .string(["", "é\u{301}😀", "\"\\\n\t\u{01}/"].randomElement(using: &random) ?? "")
        case 6: return .bytes((0..<4).map { _ in UInt8.random(in: 0...255, using: &random) })
        case 7: return .type("google.protobuf.Timestamp")
        case 8:
            let time = Timestamp(seconds: Int64.random(in: Timestamp.range, using: &random), nanoseconds: 7)
            return time.map(CELValue.timestamp) ?? .null
        case 9: return .duration(Span(nanoseconds: Int64(bitPattern: random.next())))
        case 10: return .list((0..<3).map { _ in value(&random, depth: depth - 1) })
        default: return .map([.string("k"): value(&random, depth: depth - 1), .int(1): .null, .bool(true): .uint(1)])
        }
    }

    @Test("in a file of cases is answered line by line, and what cannot be read is told")
    func cases() {
        let lines = [
            #"{"id": "a", "expr": "x + 1", "vars": {"x": {"int": "2"}}, "want": {"int": "3"}}"#,
            #"{"id": "b", "expr": "1 / 0", "error": true}"#, #"{"id": "c", "expr": "1u", "want": {"int": "1"}}"#,
            #"{"id": "d", "expr": "nothing() || true", "vars": {}, "want": {"bool": true}}"#, #"{"id": "e"}"#, "nonsense",
        ]
        let answers = lines.enumerated().map { CaseLine.answer(to: $0.element, number: $0.offset + 1) }
        #expect(answers.map(\.isOK) == [true, true, false, true, false, false])
        #expect(answers[0].json == #"{"id": "a", "got": {"int": "3"}, "ok": true}"#)
        #expect(answers[1].json == #"{"id": "b", "error": "1:3: division by zero", "ok": true}"#)
        #expect(answers[2].json == #"{"id": "c", "got": {"uint": "1"}, "ok": false}"#)
        #expect(answers[4].json == #"{"id": "line 5", "error": "a case has no 'expr'", "ok": false}"#)
    }
}
