import Telemetry
import Testing

@testable import Historian

@Suite("How far a destination has got")
struct StandingTests {
    @Test(
        "what is settled in any order adds up, the gaps are what is left, and a repeat changes nothing",
        arguments: 0..<50 as Range<UInt64>)
    func gaps(seed: UInt64) {
        var random = Seeded(seed)
        var standing = Standing()
        var settled: Set<Int64> = [0]
        var samples = 0
        for _ in 0..<60 {
            let first = Int64.random(in: 1...80, using: &random)
            let entries = first..<first + Int64.random(in: 1...6, using: &random)
            // As the forwarder does: only what is neither settled nor on its way.
            if entries.allSatisfy({ !settled.contains($0) }) {
                settled.formUnion(entries)
                samples += entries.count * 3
                standing.settle(entries, Outcome(acknowledged: entries.count * 3))
            }
            standing.settle(entries.lowerBound..<entries.lowerBound, Outcome(acknowledged: 5))
            if settled.isSuperset(of: entries) { standing.settle(entries, Outcome(acknowledged: 5)) }
            #expect(standing.samples.acknowledged == samples)
            let cursor = (0...100).first { !settled.contains($0) }.map { $0 - 1 }
            #expect(standing.cursor == cursor)
            let claimed = RangeSet(Int64.random(in: 0...40, using: &random)..<Int64.random(in: 41...90, using: &random))
            let limit = Int64.random(in: 0...90, using: &random)
            let free = (1...90).map(Int64.init).filter { $0 <= limit && !settled.contains($0) && !claimed.contains($0) }
            let gap = standing.gap(through: limit, besides: claimed)
            #expect(gap?.lowerBound == free.first)
            if let gap { #expect(gap.allSatisfy { free.contains($0) } && !free.contains(gap.upperBound)) }
            #expect(RangeSet<Int64>(text: standing.settled.text) == standing.settled)
        }
    }

    @Test("a text that is none is refused", arguments: ["x", "1", "5-3", "-1-2", "1-9223372036854775807", "1-2-3", "0-1,z-2"])
    func texts(text: String) { #expect(RangeSet<Int64>(text: text) == nil) }
}

@Suite("The journal's tail")
struct TailTests {
    @Test("what is read from memory is what is read from the disk", arguments: 0..<20 as Range<UInt64>)
    func same(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            let options = Journal.Options(maximumBytesOfTail: Int.random(in: 0...20_000, using: &random), patience: .milliseconds(20))
            let journal = try journal(in: folder, options: options)
            for number in 1...120 {
                journal.append(batch((0..<Int.random(in: 1...4, using: &random)).map { Double(number * 10 + $0) }))
                if Int.random(in: 0..<5, using: &random) == 0 { try await journal.flush() }
            }
            try await journal.flush()
            var seen: [[Double]] = []
            while let page = try await journal.backlog(
                of: "county", besides: RangeSet(), entries: .random(in: 1...9, using: &random),
                samples: .random(in: 1...20, using: &random))
            {
                seen += numbers(page.entries)
                journal.settle(0..<page.through + 1, for: "county", Outcome(acknowledged: page.entries.reduce(0) { $0 + $1.samples.count }))
            }
            #expect(try seen == numbers(journal.read(after: 0, limit: .max)))
            #expect(seen.count == 120)
            try await journal.flush()
            #expect(try journal.ledger().discrepancies == [])
            #expect(try journal.pending(of: "county") == 0)
        }
    }

    @Test("a follower is shown every entry as it is appended, with the number it is committed under")
    func followers() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            let shown = Shown()
            journal.follow(append: { shown.add($0) }, turn: { shown.turn() })
            for value in 1...5 { journal.append(batch([Double(value), 0], device: value % 2, firstPoint: value % 2 * 4)) }
            journal.endTurn()
            #expect(shown.entries.count == 5 && shown.turns == 1 && journal.committed == 0)
            try await journal.flush()
            #expect(try shown.entries == journal.read(after: 0, limit: 9))
        }
    }

    @Test("a batch that only the receiver has, since memory was short before the disk took it, is lost and not acknowledged too")
    func disowned() async throws {
        try await withFolder { folder in
            let options = Journal.Options(maximumBytesInMemory: 4000, patience: .milliseconds(20))
            let journal = try journal(in: folder, options: options)
            let shown = Shown()
            journal.follow(append: { shown.add($0) }, turn: {})
            for value in 1...100 { journal.append(batch([Double(value), 0])) }
            for entry in shown.entries { journal.settle(entry.seq..<entry.seq + 1, for: "county", Outcome(acknowledged: 2)) }
            for value in 101...110 { journal.append(batch([Double(value), 0])) }
            try await journal.flush()
            let ledger = try journal.ledger()
            #expect(ledger.discrepancies == [])
            #expect(ledger.produced == 220 && ledger.lost.values.reduce(0, +) > 100)
        }
    }
}
