import Documents
import Testing

@Suite("what a file of the rules' folder is")
struct DocumentKindTests {
    @Test(
        "its first key that is no comment says so, and whatever is unknown is a rule",
        arguments: [
            ("alarm: 1\nabout: x", DocumentKind.alarm), ("# alarm\n\n  # rule: 1\nalarm: 1", .alarm), ("rule: 1\nalarm: 1", .rule),
            ("\u{FEFF}alarm: 1", .alarm), ("---\nalarm: 1", .alarm), ("%YAML 1.2\n---\nalarm: 1", .alarm), ("{ alarm: 1 }", .alarm),
            ("\"alarm\": 1", .alarm), ("alarm : 1", .alarm), ("\r\nalarm: 1\r\n", .alarm), ("guard: 1", .guard), ("alarms: 1", .rule),
            ("", .rule), ("#", .rule), (":", .rule), ("- alarm: 1", .rule), ("about: x\nalarm: 1", .rule), ("\u{0}", .rule),
        ])
    func kinds(_ text: String, _ kind: DocumentKind) { #expect(DocumentKind(of: text) == kind) }
}
