import Foundation
import Gateway
import Testing
import VirtualCounty

/// The inspector is inspected: each guard is taken out of the gateway, and the simulation must find out.
@Suite("guards that are taken out")
struct MutationTests {
    struct Row: Sendable, CustomStringConvertible {
        let guarded: Sabotage
        let item: Int
        let file: String
        let seed: UInt64
        let at: String
        var description: String { "| \(guarded.rawValue) | \(item) | \(file) | \(seed) | \(at) |" }
    }

    static let table: [Row] = {
        let file = Simulation.root.appending(path: "Tests/Safety/mutations.md")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5, let guarded = Sabotage(rawValue: cells[0]), let item = Int(cells[1]), let seed = UInt64(cells[3])
            else { return nil }
            return Row(guarded: guarded, item: item, file: cells[2], seed: seed, at: cells[4])
        }
    }()

    @Test("the table has a row for each guard that can be taken out")
    func complete() {
        #expect(Set(Self.table.map(\.guarded)) == Set(Sabotage.allCases))
        #expect(Self.table.count == Sabotage.allCases.count)
    }

    @Test("is found by the seed, under the item and at the moment that the table says", arguments: table)
    func found(_ row: Row) throws {
        let plan = try Simulation.plan(row.file)
        var county = Simulation.county(plan, seed: row.seed, without: row.guarded)
        county.run(for: .seconds(10 * 86_400))
        let violation = try #require(county.violation, "\(row.guarded) survives ten days of seed \(row.seed)")
        #expect(violation.item.rawValue == row.item, "\(violation)")
        #expect("\(violation.at)" == row.at, "\(violation)")
    }

    /// How the rows are found: `HEADGATE_SEARCH=1 swift test --filter MutationTests` prints them; a guard's name instead of 1 its own.
    @Test("is looked for anew", .enabled(if: ProcessInfo.processInfo.environment["HEADGATE_SEARCH"] != nil), arguments: Sabotage.allCases)
    func search(_ guarded: Sabotage) throws {
        let only = ProcessInfo.processInfo.environment["HEADGATE_SEARCH"]
        guard only == "1" || only == guarded.rawValue else { return }
        let file = guarded == .valvesNeverShut ? "site" : "station"
        let plan = try Simulation.plan(file)
        for seed: UInt64 in 1...6 {
            var county = Simulation.county(plan, seed: seed, without: guarded)
            county.run(for: .seconds(86_400))
            guard let violation = county.violation else { continue }
            if guarded == .valvesNeverShut, violation.item != .flooding {
                let story = county.chronicle.last.joined(separator: "\n")
                FileHandle.standardError.write(Data("seed \(seed), \(violation), \(violation.at)\n\(story)\n".utf8))
                continue
            }
            let row = Row(guarded: guarded, item: violation.item.rawValue, file: file, seed: seed, at: "\(violation.at)")
            return FileHandle.standardError.write(Data("\(row) \(violation.seen)\n".utf8))
        }
        FileHandle.standardError.write(Data("| \(guarded.rawValue) | survives |\n".utf8))
    }
}
