import Foundation
import Testing

/// `never.md` beside this file: DOMAIN, section 7, item by item, and the tests named after them.
@Suite("The table of what must never happen")
struct NeverTableTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// `| 1 | never … | file | rest |`
    private static let rows: [[String]] = {
        let text = (try? String(contentsOf: root.appending(path: "Tests/Safety/never.md"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }.filter { $0.first.map { Int($0) != nil } ?? false }
    }()

    @Test("has all twenty-four items, in their order")
    func complete() {
        #expect(Self.rows.map { Int($0[0]) } == Array(1...24))
    }

    @Test("names files in which a test bears the item's number, or says that the trade is not built yet", arguments: 1...24)
    func named(item: Int) throws {
        let row = try #require(Self.rows.first { Int($0[0]) == item })
        try #require(row.count >= 3)
        if row[2].hasPrefix("not built") { return }
        for file in row[2].split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            let text = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
            #expect(text.contains("\"never \(item): "), "\(file) has no test that begins 'never \(item): '")
        }
    }
}
