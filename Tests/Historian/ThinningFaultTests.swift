import Dispatch
import FoundationEssentials
import GRDB
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("Thinning and what may come in between")
struct ThinningFaultTests {
    private static var options: Journal.Options {
        var options = Journal.Options(maximumBytesOfTail: 0, patience: .milliseconds(20))
        options.destinations = ["county"]
        return options
    }

    private func opened(_ folder: String) throws -> Journal { try journal(in: folder, options: Self.options) }

    /// Entries of three samples, four a minute, a few to a row; all of them in the archive and on their way to nobody.
    private func filled(_ folder: String, entries count: Int = 80, perRow: Int = 4) async throws -> Journal {
        let journal = try opened(folder)
        for number in 0..<count {
            journal.append(batch([Double(number), 0, 1], at: noon.advanced(by: .seconds(number * 15))))
            if number % perRow == perRow - 1 { try await journal.flush() }
        }
        try await journal.flush()
        try journal.archive(all: true)
        return try opened(folder)
    }

    private func thinAll(_ journal: Journal) throws { while try journal.thinSome() != nil {} }

    @Test("a page on its way is left as it is, arrives as it was read, and is counted as that; the rest is thinned meanwhile")
    func underWay() async throws {
        try await withFolder { folder in
            let journal = try await filled(folder)
            let page = try #require(try await journal.backlog(of: "county", besides: RangeSet(), entries: 20, samples: 999))
            #expect(page.entries.map(\.seq) == Array(1...20))
            try thinAll(journal)
            #expect(try journal.expireSome(rows: 2) == ["county": 6], "rows of the page stay, the next ones go")
            let left = try journal.read(after: 0, limit: .max)
            #expect(left.prefix(20) == page.entries[...])
            #expect(left.dropFirst(20).prefix(5).map(\.seq) == [29, 33, 37, 41, 45])
            journal.settle(1..<11, for: "county", Outcome(acknowledged: 30))
            try await journal.flush()
            #expect(try journal.ledger().discrepancies == [])
            journal.settle(11..<21, for: "county", Outcome(acknowledged: 30))
            try await journal.flush()
            let county = try #require(try journal.ledger().destinations.first)
            #expect(try journal.ledger().discrepancies == [])
            #expect(county.acknowledged == 60 && county.pending == 80 * 3 - 60 - county.expired)
        }
    }

    @Test("what has left by itself stays whole, and so does all that may leave before its destination asks again")
    func live() async throws {
        try await withFolder { folder in
            let journal = try await filled(folder)
            let claimed = RangeSet([2..<4, 50..<51] as [Range<Int64>])
            _ = try await journal.backlog(of: "county", through: 60, besides: claimed, entries: 1, samples: 1)
            try thinAll(journal)
            let left = try journal.read(after: 0, limit: .max)
            let whole: [Int64] = [1, 2, 3, 50] + Array(61...80)
            #expect(left.filter { whole.contains($0.seq) }.map(\.seq) == whole)
            #expect(left.map(\.seq) == (1...80).filter { whole.contains($0) || $0 % 4 == 1 })
            #expect(try journal.ledger().discrepancies == [])
        }
    }

    @Test("a reader who asks while rows are being rewritten gets them as they are afterwards", arguments: 0..<4 as Range<UInt64>)
    func meanwhile(seed: UInt64) async throws {
        try await withFolder { folder in
            let journal = try await filled(folder, entries: 1000, perRow: 5)
            // Both go at once, and neither waits for the other for long: whoever comes second, the account adds up.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var random = Seeded(seed)
                    while let page = try await journal.backlog(of: "county", besides: RangeSet(), entries: 30, samples: 999) {
                        for _ in 0..<Int.random(in: 0...30, using: &random) { await Task.yield() }
                        let samples = page.entries.reduce(0) { $0 + $1.samples.count }
                        journal.settle(page.start..<page.through + 1, for: "county", Outcome(acknowledged: samples))
                    }
                }
                group.addTask {
                    while try journal.thinSome(rows: 7) != nil { await Task.yield() }
                    for _ in 0..<5 {
                        _ = try journal.expireSome(rows: 3)
                        await Task.yield()
                    }
                }
                group.addTask {
                    for _ in 0..<20 {
                        try await journal.flush()
                        #expect(try journal.ledger().discrepancies == [])
                    }
                }
                try await group.waitForAll()
            }
            try await journal.flush()
            let county = try #require(try journal.ledger().destinations.first)
            #expect(try journal.ledger().discrepancies == [])
            #expect(county.pending == 0 && county.acknowledged + county.expired == 3000)
        }
    }

    @Test("whoever asks while rows are being rewritten waits for that, reads what is left, and is not thinned under his hands")
    func barrier() async throws {
        try await withFolder { folder in
            let journal = try await filled(folder)
            let store = try #require(journal.store.withLock { $0 })
            let isAsked = DispatchSemaphore(value: 0)
            // As `rewriting` does it, but it takes until someone has asked.
            async let lost: [String: Int] = journal.onQueue {
                let held = journal.buffer.withLock { $0.beginRewriting(for: ["county"]) }
                isAsked.wait()
                guard let removal = try? store.thin(besides: held, for: ["county"], rows: 10) else { return [:] }
                return journal.buffer.withLock { $0.endRewriting(removal, for: ["county"]) }
            }
            while !journal.buffer.withLock({ $0.loans.isRewriting }) { await Task.yield() }
            async let answer = journal.backlog(of: "county", besides: RangeSet(), entries: 80, samples: 999)
            func lent() -> RangeSet<Int64> { journal.buffer.withLock { $0.loans.held(for: ["county"], opened: 80).pages } }
            while lent().isEmpty { await Task.yield() }
            // Time enough for one who does not wait.
            for _ in 0..<3000 { await Task.yield() }
            isAsked.signal()
            let page = try #require(try await answer)
            #expect(await lost == ["county": 90])
            // Ten rows of four entries, of which one is left, and ten that are lent now.
            #expect(page.entries.count == 50)
            let none = try journal.thinSome()
            #expect(none == ["county": 0])
            #expect(try journal.read(after: 0, limit: .max) == page.entries)
            journal.settle(page.start..<page.through + 1, for: "county", Outcome(acknowledged: 150))
            try await journal.flush()
            #expect(try journal.ledger().discrepancies == [] && journal.pending(of: "county") == 0)
        }
    }

    @Test("what is still in memory is not thinned, nor what is not in the archive, nor the last row")
    func bounds() async throws {
        try await withFolder { folder in
            var options = Self.options
            options.maximumBytesOfTail = 1 << 20
            let journal = try journal(in: folder, options: options)
            for number in 0..<10 {
                journal.append(batch([Double(number)], at: noon.advanced(by: .seconds(number))))
                try await journal.flush()
            }
            _ = try await journal.backlog(of: "county", besides: RangeSet(), entries: 1, samples: 1)
            #expect(try journal.thinSome() == nil, "not archived")
            try journal.archive(all: true)
            #expect(try journal.thinSome() == nil, "in memory")
            let again = try opened(folder)
            try thinAll(again)
            #expect(try numbers(again.read(after: 0, limit: .max)) == [[0], [9]])
            #expect(try again.pending(of: "county") == 2)
            #expect(try again.ledger().discrepancies == [])
        }
    }

    @Test("a damaged row is neither rewritten nor counted, and what stands after it is thinned")
    func damage() async throws {
        try await withFolder { folder in
            let journal = try await filled(folder)
            let store = try #require(journal.store.withLock { $0 })
            try await store.pool.write {
                try $0.execute(sql: "UPDATE journal SET payload = CAST(x'00' || substr(payload, 2) AS BLOB) WHERE seq = 8")
            }
            try thinAll(journal)
            func column(_ name: String) async throws -> [Int64] {
                try await store.pool.read { try Int64.fetchAll($0, sql: "SELECT \(name) FROM journal ORDER BY seq LIMIT 4") }
            }
            #expect(try await column("seq") == [4, 8, 12, 16])
            #expect(try await column("count") == [3, 12, 3, 3])
            #expect(try journal.ledger().discrepancies == [])
            let page = try #require(try await journal.backlog(of: "county", besides: RangeSet(), entries: 999, samples: 999))
            #expect(page.unreadable == 12)
            journal.settle(
                page.start..<page.through + 1, for: "county",
                Outcome(acknowledged: page.entries.reduce(0) { $0 + $1.samples.count }, unreadable: page.unreadable))
            try await journal.flush()
            #expect(try journal.ledger().discrepancies == [] && journal.pending(of: "county") == 0)
        }
    }

    @Test("a power cut anywhere between two slices leaves whole slices, and an account that adds up", arguments: 0..<4 as Range<UInt64>)
    func torn(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            let journal = try await filled(folder, entries: 400)
            let store = try #require(journal.store.withLock { $0 })
            let whole = Set(try journal.read(after: 0, limit: .max).map(\.seq))
            try await store.pool.writeWithoutTransaction { db in
                _ = try db.checkpoint(.truncate)
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            }
            let file = try Data(contentsOf: URL(filePath: folder + "/headgate.db"))
            var states: Set<Int> = [1200]
            while let lost = try journal.thinSome(rows: 9) {
                states.insert((states.min() ?? 0) - (lost["county"] ?? 0))
                if Bool.random(using: &random) { try await journal.flush() }
            }
            let log = try Data(contentsOf: URL(filePath: folder + "/headgate.db-wal"))
            #expect(states.count > 9)
            for round in 0..<12 {
                let copy = folder + "/copy-\(round)"
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
                try file.write(to: URL(filePath: copy + "/headgate.db"))
                let length = round == 0 ? log.count : Int.random(in: 0...log.count, using: &random)
                try log.prefix(length).write(to: URL(filePath: copy + "/headgate.db-wal"))
                let left = try opened(copy)
                let samples = try left.read(after: 0, limit: .max).flatMap(\.samples)
                #expect(states.contains(samples.count) && (round > 0 || samples.count == states.min()))
                #expect(try left.ledger().discrepancies == [])
                #expect(try left.pending(of: "county") == samples.count)
                try thinAll(left)
                #expect(try left.ledger().discrepancies == [])
                #expect(try left.read(after: 0, limit: .max).allSatisfy { whole.contains($0.seq) })
            }
        }
    }

    @Test("what is acknowledged and not committed yet stays in the file, so that a crash leaves an account that adds up")
    func uncommitted() async throws {
        try await withFolder { folder in
            var journal: Journal? = try await filled(folder)
            journal?.settle(0..<41, for: "county", Outcome(acknowledged: 120))
            // Full resolution is lost to those who have forgotten that they had it, too, and is counted as that.
            _ = try journal?.thinSome(rows: 5)
            try journal?.clear(at: noon)
            #expect(try journal?.ledger().discrepancies == [])
            _ = try journal?.expireSome(rows: 3)
            #expect(try journal?.ledger().discrepancies == [])
            journal = nil
            let again = try opened(folder)
            #expect(try again.ledger().discrepancies == [])
            #expect(try again.ledger().destinations.first?.acknowledged == 0)
        }
    }

    @Test("a file of an earlier release, which knows of no thinning, gives its account to a reader and is thinned by a writer")
    func earlier() async throws {
        try await withFolder { folder in
            do {
                let journal = try await filled(folder)
                journal.settle(0..<5, for: "county", Outcome(acknowledged: 12))
                try await journal.flush()
                let store = try #require(journal.store.withLock { $0 })
                try await store.pool.write { try $0.execute(sql: "DROP TABLE thinned") }
            }
            #expect(try HistoryReader(folder: folder).ledger().destinations.first?.pending == 228)
            let journal = try opened(folder)
            try thinAll(journal)
            #expect(try journal.ledger().discrepancies == [] && HistoryReader(folder: folder).ledger().discrepancies == [])
        }
    }
}
