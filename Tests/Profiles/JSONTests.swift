import FoundationEssentials
import Profiles
import Telemetry
import Testing

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) throws -> JSON { try JSON.parse(Array(text.utf8)) }

    @Test("is what RFC 8259 shows in its examples (§13)")
    func examples() throws {
        let image = try parse(
            """
            { "Image": { "Width":  800, "Height": 600, "Title":  "View from 15th Floor",
              "Thumbnail": { "Url": "http://www.example.com/image/481989943", "Height": 125, "Width":  100 },
              "Animated" : false, "IDs": [116, 943, 234, 38793] } }
            """)
        guard case .object(let top) = image, case .object(let members)? = top["Image"] else {
            Issue.record("no object")
            return
        }
        #expect(members["Width"] == .int(800) && members["Animated"] == .bool(false))
        #expect(members["IDs"] == .array([.int(116), .int(943), .int(234), .int(38793)]))
        #expect(
            try parse("[{\"Latitude\": 37.371991, \"Longitude\": -122.02602}]")
                == .array([
                    .object(["Latitude": .double(37.371991), "Longitude": .double(-122.02602)])
                ]))
        #expect(try parse("\"Hello world!\"") == .string("Hello world!"))
        #expect(try parse("42") == .int(42))
        #expect(try parse("true") == .bool(true))
        #expect(try parse("\"\\uD834\\uDD1E \\u005C \\/ \\b\"") == .string("\u{1D11E} \\ / \u{8}"))
    }

    @Test("keeps whole numbers exactly as far as 64 bits go, and the rest as the nearest double")
    func numbers() throws {
        #expect(try parse("9223372036854775807") == .int(.max))
        #expect(try parse("-9223372036854775808") == .int(.min))
        #expect(try parse("9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try parse("9007199254740993") == .int(9_007_199_254_740_993))
        #expect(try parse("1.0") == .double(1))
        #expect(try parse("1E2") == .double(100))
        #expect(try parse("0.1") == .double(0.1))
        #expect(try parse("0e5") == .double(0))
        #expect(try parse("-0") == .int(0))
        #expect(try parse("1e999") == .double(.infinity))
    }

    @Test("takes the last of a repeated name, space around the value, and a byte order mark")
    func leniences() throws {
        #expect(try parse("{\"a\": 1, \"a\": 2}") == .object(["a": .int(2)]))
        #expect(try parse(" \r\n\t[ ]\n") == .array([]))
        #expect(try JSON.parse([0xEF, 0xBB, 0xBF] + Array("{}".utf8)) == .object([:]))
    }

    @Test(
        "is refused where a parser of RFC 8259 must refuse",
        arguments: [
            "", " ", "[", "[1,]", "[,1]", "[1 2]", "{", "{a: 1}", "{'a': 1}", "{\"a\"}", "{\"a\": }", "{\"a\": 1,}",
            "{\"a\": 1 \"b\": 2}", "tru", "True", "nul",
            "NaN", "Infinity", "-", "+1", "01", "-01", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "1_000", "\"open", "\"\t\"",
            "\"\\x\"", "\"\\u12G4\"",
            "\"\\u12", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\u0041\"", "[1] 2", "{} {}", "// x\n1", "\u{A0}1", "[\"\\",
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test(
        "is refused where a string is not UTF-8",
        arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE6, 0xB0], [0xF4, 0x90, 0x80, 0x80]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSON.parse([0x22] + bytes + [0x22]) }
    }

    @Test("is refused beyond bounds: depth, length, digits")
    func bounds() throws {
        let depth = JSON.maximumDepth
        #expect(throws: Never.self) { try parse(String(repeating: "[", count: depth) + String(repeating: "]", count: depth)) }
        #expect(throws: JSONError.self) {
            try parse(String(repeating: "[", count: depth + 1) + String(repeating: "]", count: depth + 1))
        }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[{\"a\":", count: 100_000)) }
        #expect(throws: JSONError.self) { try JSON.parse([UInt8](repeating: 0x20, count: JSON.maximumBytes + 1)) }
        #expect(throws: JSONError.self) { try parse(String(repeating: "9", count: 10_000)) }
    }

    @Test("is parsed into what Foundation's own decoder finds in it", arguments: 0..<20 as Range<UInt64>)
    func asFoundation(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let text = Sample.value(depth: 0, &random)
            let oracle = try JSONDecoder().decode(Oracle.self, from: Data(text.utf8)).json
            #expect(try parse(text).wholeNumbersAsIntegers == oracle.wholeNumbersAsIntegers, "\(text)")
        }
    }

    @Test("is a value or an error, and never a crash, whatever is done to the bytes", arguments: 0..<20 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let path = try JSONPath("$.a[0]['b'].c[-1]")
        for _ in 0..<200 {
            var bytes = Array(Sample.value(depth: 0, &random).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array("[]{}:,\"\\u-.eE09tfn".utf8).randomElement(using: &random) ?? 0, at: index)
                case 2: bytes.removeLast(bytes.count - index)
                default: bytes.remove(at: index)
                }
            }
            do {
                _ = path.value(in: try JSON.parse(bytes))
            } catch {
                #expect((0...bytes.count).contains(error.offset), "\(error)")
            }
        }
    }
}

/// Random texts of JSON, without `0e5`, which the grammar allows (§6) and Foundation refuses.
private enum Sample {
    static func value(depth: Int, _ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &random) {
        case 0: return ["null", "true", "false"].randomElement(using: &random) ?? "null"
        case 1: return "\(Int64.random(in: .min ... .max, using: &random))"
        case 2: return "\(Int.random(in: -99...99, using: &random)).\(Int.random(in: 0...999, using: &random))"
        case 3: return "\(Int.random(in: 1...9, using: &random))e\(Int.random(in: -30...30, using: &random))"
        case 4: return string(&random)
        case 5:
            let members = (0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth + 1, &random) }
            return "[\(members.joined(separator: ","))]"
        default:
            let members = (0..<Int.random(in: 0...4, using: &random)).map { index in
                "\(string(&random).dropLast())\(index)\" : \(value(depth: depth + 1, &random))"
            }
            return "{ \(members.joined(separator: " ,\n"))}"
        }
    }

    static func string(_ random: inout SeededRandom) -> String {
        let pieces = ["a", "b", "水位", "é", "🌊", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83c\\udf0a", " ", "\\/", "\u{7F}"]
        return "\"" + (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            + "\""
    }
}

extension JSON {
    /// Foundation takes `5e1` for an integer, and we do not.
    fileprivate var wholeNumbersAsIntegers: JSON {
        switch self {
        case .double(let number): Int64(exactly: number).map { .int($0) } ?? self
        case .array(let members): .array(members.map(\.wholeNumbersAsIntegers))
        case .object(let members): .object(members.mapValues(\.wholeNumbersAsIntegers))
        case .null, .bool, .int, .string: self
        }
    }
}

/// The same text as Foundation reads it.
private struct Oracle: Decodable {
    let json: JSON

    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            json = .null
        } else if let value = try? single.decode(Bool.self) {
            json = .bool(value)
        } else if let value = try? single.decode(String.self) {
            json = .string(value)
        } else if let values = try? single.decode([Oracle].self) {
            json = .array(values.map(\.json))
        } else if let values = try? single.decode([String: Oracle].self) {
            json = .object(values.mapValues(\.json))
        } else {
            let double = try single.decode(Double.self)
            json = (try? single.decode(Int64.self)).map { .int($0) } ?? .double(double)
        }
    }
}
