import Foundation
import Testing

/// The table of the specification's assertions, `conformance.md`.
private struct Assertion {
    let id: String
    let asks: String
    /// `Suite.test`; nil where a reason stands in for it.
    let test: String?
    let reason: String?

    init?(_ line: String) {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard line.hasPrefix("| "), cells.count == 3, cells[0] != "id", !cells[0].hasPrefix("---") else { return nil }
        (id, asks) = (cells[0], cells[1])
        test = cells[2].firstMatch(of: /^`(\w+\.\w+)`/).map { String($0.1) }
        reason = cells[2].firstMatch(of: /^none: (.+)$/).map { String($0.1) }
    }
}

@Suite("The table of assertions")
struct ConformanceTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    private static func text(_ name: String) throws -> [String] {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8).components(separatedBy: "\n")
    }

    private static func table() throws -> [Assertion] { try text("conformance.md").compactMap(Assertion.init) }

    /// What each test says above itself: `Suite.test` and the ids after `tck:`.
    private static func claims() throws -> [(test: String, ids: [String])] {
        var claims: [(String, [String])] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where name.hasSuffix("Tests.swift")
        {
            var suite = ""
            var ids: [String] = []
            var isTest = false
            for line in try text(name) {
                if let match = line.firstMatch(of: /^struct (\w+)/) { suite = String(match.1) }
                if let match = line.firstMatch(of: /^    \/\/\/ tck: (.+)$/) {
                    ids += match.1.split(separator: " ").map(String.init)
                }
                if line.hasPrefix("    @Test") { isTest = true }
                guard let match = line.firstMatch(of: /^    func (\w+)\(/) else { continue }
                if isTest { claims.append(("\(suite).\(match.1)", ids)) }
                (isTest, ids) = (false, [])
            }
        }
        return claims
    }

    @Test("has each of the 299 once, with a test or a reason")
    func complete() throws {
        let table = try Self.table()
        #expect(table.count == 299)
        #expect(Set(table.map(\.id)).count == table.count)
        for assertion in table {
            #expect((assertion.test == nil) != (assertion.reason == nil), "\(assertion.id)")
            #expect(!assertion.asks.isEmpty, "\(assertion.id)")
        }
        // None of these binds anyone but an edge node, so each needs its test.
        for assertion in table where assertion.id.contains("edge-node-birth-publish") || assertion.id.contains("ddata") {
            #expect(assertion.test != nil, "\(assertion.id)")
        }
    }

    @Test("names tests that exist, and that say they prove it")
    func names() throws {
        let claims = try Self.claims()
        #expect(Set(claims.map(\.test)).count == claims.count)
        for assertion in try Self.table() {
            guard let test = assertion.test else { continue }
            let claim = try #require(claims.first { $0.test == test }, "\(assertion.id): there is no test \(test)")
            #expect(claim.ids.contains(assertion.id), "\(test) does not say that it proves \(assertion.id)")
        }
    }

    @Test("has whatever a test says it proves")
    func claimed() throws {
        let table = try Self.table()
        for claim in try Self.claims() {
            for id in claim.ids {
                let row = try #require(table.first { $0.id == id }, "\(claim.test): no assertion is called \(id)")
                #expect(row.test == claim.test, "\(id)")
            }
        }
    }
}
