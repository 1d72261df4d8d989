import Telemetry
import Testing

@testable import Historian

@Suite("Cursors and the ledger")
struct CursorTests {
    @Test("a cursor is durable with the next commit, each destination's its own")
    func durable() async throws {
        try await withFolder { folder in
            do {
                let journal = try journal(in: folder)
                for value in 1...5 { journal.append(batch([Double(value), 0])) }
                try await journal.flush()
                #expect(try journal.cursor(of: "victoria") == 0)
                journal.settle(0..<3 + 1, for: "victoria", Outcome(acknowledged: 6))
                journal.settle(0..<1 + 1, for: "county", Outcome(acknowledged: 2))
                #expect(try journal.cursor(of: "victoria") == 3)
                try await journal.flush()
                journal.settle(0..<2 + 1, for: "county", Outcome(acknowledged: 2))
            }
            let journal = try journal(in: folder)
            #expect(try journal.cursor(of: "victoria") == 3)
            #expect(try journal.cursor(of: "county") == 1)
            #expect(try journal.cursor(of: "nobody") == 0)
            #expect(try journal.pending(of: "victoria") == 4)
            #expect(try journal.pending(of: "nobody") == 10)
        }
    }

    @Test("a cursor never goes back, and a repeat counts nothing")
    func monotonic() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            for value in 1...5 { journal.append(batch([Double(value)])) }
            try await journal.flush()
            journal.settle(0..<4 + 1, for: "county", Outcome(acknowledged: 4))
            journal.settle(0..<4 + 1, for: "county", Outcome(acknowledged: 4))
            journal.settle(0..<2 + 1, for: "county", Outcome(acknowledged: 2))
            try await journal.flush()
            journal.settle(0..<1 + 1, for: "county", Outcome(acknowledged: 1))
            try await journal.flush()
            let county = try #require(try journal.ledger().destinations.first)
            #expect(county == .init(name: "county", cursor: 4, samples: Outcome(acknowledged: 4), pending: 1))
        }
    }

    private func count(_ entries: some Sequence<Entry>) -> Int { entries.reduce(0) { $0 + $1.samples.count } }

    @Test("the ledger adds up at any moment and over runs", arguments: 0..<5 as Range<UInt64>)
    func ledger(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            var produced = 0
            for _ in 0..<3 {
                let journal = try journal(in: folder)
                for _ in 0..<20 {
                    let values = [Double](repeating: 1, count: .random(in: 1...4, using: &random))
                    journal.append(batch(values))
                    produced += values.count
                    if Bool.random(using: &random) { try await journal.flush() }
                    if Bool.random(using: &random) {
                        let entries = try journal.read(after: journal.cursor(of: "county"), limit: 3)
                        guard let last = entries.last else { continue }
                        // Now and then the receiver refuses an entry.
                        let accepted = entries.dropFirst(Bool.random(using: &random) ? 1 : 0)
                        let outcome = Outcome(acknowledged: count(accepted), refused: count(entries) - count(accepted))
                        journal.settle(0..<last.seq + 1, for: "county", outcome)
                    }
                }
                try await journal.flush()
                let ledger = try journal.ledger()
                #expect(ledger.produced == produced)
                #expect(ledger.produced == ledger.stored + ledger.lost.values.reduce(0, +))
                for destination in ledger.destinations {
                    #expect(ledger.stored == destination.acknowledged + destination.pending + destination.dropped)
                    #expect(try journal.pending(of: destination.name) == destination.pending)
                }
            }
        }
    }
}
