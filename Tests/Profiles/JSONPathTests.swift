import Profiles
import Testing

@Suite("A JSON path")
struct JSONPathTests {
    /// RFC 9535, §2.3.1.3 and §2.3.3.3.
    private static let names = #"{"o": {"j j": {"k.k": 3}}, "'": {"@": 2}}"#
    private static let list = #"["a", "b"]"#

    @Test(
        "finds what RFC 9535 says it finds",
        arguments: [
            (names, "$.o['j j']", #"{"k.k": 3}"#), (names, "$.o['j j']['k.k']", "3"), (names, #"$.o["j j"]["k.k"]"#, "3"),
            (names, #"$["'"]["@"]"#, "2"), (list, "$[1]", #""b""#), (list, "$[-2]", #""a""#), (list, "$", list),
            (names, "$ .o\n['j j']", #"{"k.k": 3}"#), (#"{"☺": 1}"#, "$.☺", "1"), (#"{"☺": 1}"#, #"$['\u263A']"#, "1"),
            (#"{"🌊": 1}"#, #"$["\uD83C\uDF0A"]"#, "1"), (#"{"a'b": 1}"#, #"$['a\'b']"#, "1"),
            (#"{"_": {"9": 1}}"#, "$._['9']", "1"),
        ])
    func finds(json: String, path: String, expected: String) throws {
        #expect(try JSONPath(path).value(in: JSON.parse(Array(json.utf8))) == JSON.parse(Array(expected.utf8)))
    }

    @Test(
        "finds nothing where nothing is",
        arguments: [
            (names, "$.p"), (names, "$[0]"), (list, "$.a"), (list, "$[2]"), (list, "$[-3]"), ("5", "$.a"), ("null", "$[0]"),
            (list, "$[9007199254740991]"), (list, "$[-9007199254740991]"),
        ])
    func findsNothing(json: String, path: String) throws {
        #expect(try JSONPath(path).value(in: JSON.parse(Array(json.utf8))) == nil)
    }

    @Test("tells null from nothing")
    func null() throws {
        #expect(try JSONPath("$.a").value(in: .object(["a": .null])) == .null)
        #expect(try JSONPath("$.b").value(in: .object(["a": .null])) == nil)
    }

    @Test(
        "is refused with the place of what is wrong",
        arguments: [
            ("", 0), ("a", 0), (".a", 0), (" $", 0), ("$ ", 2), ("$a", 1), ("$.", 2), ("$.a.", 4), ("$..a", 2), ("$.*", 2),
            ("$[*]", 2), ("$[?@.a]", 2),
            ("$[1:2]", 3), ("$[:2]", 2), ("$[0,1]", 3), ("$['a','b']", 5), ("$[01]", 2), ("$[-0]", 2), ("$[-]", 2), ("$[1.0]", 3),
            ("$[", 2),
            ("$[]", 2), ("$[a]", 2), ("$['a", 2), ("$['a\\x']", 4), ("$['\\uD800']", 9), ("$['\\u12']", 7), ("$['\t']", 3),
            ("$.a-b", 3), ("$.1", 2),
            ("$. a", 2), ("$.[0]", 2), ("$[9007199254740992]", 2), ("$[-9223372036854775808]", 2), ("$[-9007199254740992]", 2),
            ("$['a\\\"']", 4), ("$.a b", 4),
        ])
    func refused(path: String, offset: Int) {
        do {
            Issue.record("\(try JSONPath(path)) was taken")
        } catch {
            #expect(error.offset == offset, "\(error)")
        }
    }

    @Test(
        "is written in its shortest form, which is the same path",
        arguments: [
            ("$['a']['b c'][ 0 ]", "$.a['b c'][0]"), (#"$["it's"]"#, #"$['it\'s']"#), (#"$['\\\u0001\n']"#, #"$['\\\u0001\n']"#),
            ("$['']", "$['']"),
            ("$", "$"),
        ])
    func description(path: String, expected: String) throws {
        let read = try JSONPath(path)
        #expect(read.description == expected)
        #expect(try JSONPath(read.description) == read)
    }
}
