import FoundationEssentials
import GRDB
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("A store in trouble")
struct TroubleTests {
    @Test("while a commit is blocked, producers and readers go on; what waited is stored in order")
    func blocked() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder, options: .init(patience: .seconds(60)))
            journal.append(batch([1]))
            try await journal.flush()
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: folder + "/headgate.db", configuration: configuration)
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            journal.append(batch([2]))
            let flushing = Task { try await journal.flush() }
            // In flight: taken from the buffer, and not stored.
            while journal.counters.bufferedSamples > 0 { await Task.yield() }
            for value in 3...1000 { journal.append(batch([Double(value)])) }
            #expect(try numbers(journal.read(after: 0, limit: 9)) == [[1]])
            #expect(journal.committed == 1)
            try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            try await flushing.value
            try await journal.flush()
            #expect(try numbers(journal.read(after: 0, limit: .max)) == (1...1000).map { [Double($0)] })
        }
    }

    @Test("a full disk costs the oldest samples beyond the buffer; each is counted, and the newest arrive once there is room")
    func fullDisk() async throws {
        try await withFolder { folder in
            let heard = Mutex<[String]>([])
            let journal = try journal(
                in: folder, options: .init(maximumBytesInMemory: 64 << 10, maximumEventsInMemory: 10)
            ) { event in heard.withLock { $0.append(event.text) } }
            journal.append(batch([0]))
            try await journal.flush()
            let pool = try #require(journal.store.withLock { $0 }).pool
            let pages = try await pool.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
            try await pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
            for value in 1...5000 {
                journal.append(batch([Double(value)]))
                if value % 1000 == 0 {
                    journal.record(event("decision \(value)"))
                    await #expect(throws: DatabaseError.self) { try await journal.flush() }
                }
            }
            #expect(journal.failure?.reason.contains("full") == true)
            #expect(journal.committed == 1)
            #expect(journal.counters.failedCommits == 5)
            #expect(journal.counters.bufferedBytes <= 64 << 10)

            try await pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
            try await journal.flush()
            try await journal.flush()
            #expect(journal.failure == nil)
            let kept = try numbers(journal.read(after: 1, limit: .max)).flatMap { $0 }
            let lost = try #require(journal.counters.lostSamples[.memoryFull])
            #expect(kept == (lost + 1...5000).map(Double.init))
            #expect(try journal.events(after: 0, limit: 99).map(\.event.text).filter { $0.hasPrefix("decision") }.count == 5)
            let alarms = heard.withLock { $0 }
            #expect(alarms.count == 2)
            #expect(alarms.last?.contains("\(lost) samples were lost") == true)
            let ledger = try journal.ledger()
            #expect(ledger.produced == 5001 && ledger.stored == 5001 - lost && ledger.lost == ["memory-full": lost])
        }
    }

    @Test("a folder that cannot be written at the start holds nobody up, and is used as soon as it can be")
    func unwritable() async throws {
        try await withFolder { folder in
            let inTheWay = folder + "/data"
            #expect(FileManager.default.createFile(atPath: inTheWay, contents: nil))
            let journal = try journal(in: inTheWay)
            #expect(journal.failure != nil)
            journal.append(batch([1]))
            journal.record(event("in the dark"))
            await #expect(throws: (any Error).self) { try await journal.flush() }
            #expect(throws: StoreError.self) { try journal.read(after: 0, limit: 1) }
            #expect(throws: StoreError.self) { try journal.cursor(of: "county") }
            try FileManager.default.removeItem(atPath: inTheWay)
            journal.append(batch([2]))
            try await journal.flush()
            #expect(try numbers(journal.read(after: 0, limit: 9)) == [[1], [2]])
            #expect(try journal.cursor(of: "county") == 0)
            #expect(try journal.events(after: 0, limit: 9).map(\.event.text).contains("in the dark"))
        }
    }

    @Test("the pauses between attempts grow, and the loop recovers by itself")
    func pauses() async throws {
        try await withFolder { folder in
            let inTheWay = folder + "/data"
            #expect(FileManager.default.createFile(atPath: inTheWay, contents: nil))
            let time = ManualTime()
            let journal = try journal(in: inTheWay, time: time)
            journal.append(batch([1]))
            let running = Task { try await journal.run() }
            // The opening failed once: half a second, then one, then two, four, five.
            for (attempt, pause) in [500, 1000, 2000, 4000, 5000, 5000].enumerated() {
                await time.sleepers(2)
                let before = journal.counters.failedCommits
                await time.advance(by: .milliseconds(pause - 1), sleepers: 2)
                #expect(journal.counters.failedCommits == before, "attempt \(attempt)")
                await time.advance(by: .milliseconds(1), sleepers: 2)
                await time.sleepers(2)
            }
            try FileManager.default.removeItem(atPath: inTheWay)
            var commits = journal.commits().makeAsyncIterator()
            #expect(await commits.next() == 0)
            await time.advance(by: .seconds(5), sleepers: 2)
            #expect(await commits.next() == 1)
            running.cancel()
            try await running.value
        }
    }

    @Test(
        "a file that is no database, or another program's, is set aside whole, and a fresh one is used",
        arguments: ["noise", "foreign"])
    func setAside(kind: String) async throws {
        try await withFolder { folder in
            let path = folder + "/headgate.db"
            if kind == "noise" {
                var random = Seeded(1)
                try Data((0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }).write(to: URL(filePath: path))
            } else {
                try await DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE recipe (id INTEGER)") }
            }
            let before = try Data(contentsOf: URL(filePath: path))
            let journal = try journal(in: folder)
            journal.append(batch([1]))
            try await journal.flush()
            let name = "headgate.db.broken-2026-06-21T000000Z"
            #expect(try Data(contentsOf: URL(filePath: folder + "/" + name)) == before)
            #expect(try numbers(journal.read(after: 0, limit: 9)) == [[1]])
            let events = try journal.events(after: 0, limit: 9)
            #expect(events.map(\.event.kind) == [.alarm])
            #expect(events.first?.event.text.contains(name) == true)
        }
    }

    @Test("a file of a later release is left alone")
    func newer() async throws {
        try await withFolder { folder in
            _ = try journal(in: folder)
            try await DatabaseQueue(path: folder + "/headgate.db").write { try $0.execute(sql: "PRAGMA user_version = 99") }
            #expect(throws: StoreError.newer(path: folder + "/headgate.db", version: 99)) { try journal(in: folder) }
            #expect(throws: StoreError.newer(path: folder + "/headgate.db", version: 99)) { try HistoryReader(folder: folder) }
        }
    }

    @Test(
        "a file that vanishes or is overwritten in mid-run is replaced; numbers go on and cursors follow",
        arguments: ["gone", "noise"])
    func midRun(kind: String) async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            for value in 1...200 { journal.append(batch([Double(value), 0, 0, 0])) }
            try await journal.flush()
            journal.settle(0..<200 + 1, for: "county", Outcome(acknowledged: 800))
            try await journal.flush()
            if kind == "gone" {
                for suffix in ["", "-wal", "-shm"] {
                    try FileManager.default.removeItem(atPath: folder + "/headgate.db" + suffix)
                }
            } else {
                // Everything in the file proper, then noise over all but its first page.
                let store = try #require(journal.store.withLock { $0 })
                try await store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
                store.pool.releaseMemory()
                let path = folder + "/headgate.db"
                var bytes = try Data(contentsOf: URL(filePath: path))
                for index in 4096..<bytes.count { bytes[index] = 0xA5 }
                try bytes.write(to: URL(filePath: path))
                #expect(throws: DatabaseError.self) { try journal.read(after: 0, limit: 500) }
            }
            journal.append(batch([201]))
            try await journal.flush()
            #expect(try journal.read(after: 200, limit: 9).map(\.seq) == [201])
            #expect(try journal.cursor(of: "county") == 200)
            try await journal.flush()
            #expect(try journal.events(after: 0, limit: 9).contains { $0.event.text.contains("a new file is begun") })
            #expect(
                try journal.ledger().destinations == [.init(name: "county", cursor: 200, samples: Outcome(acknowledged: 0), pending: 1)]
            )
        }
    }

    @Test("a damaged row is left out, counted and named; the rows around it are not")
    func damagedRow() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            for value in 1...3 {
                journal.append(batch([Double(value)]))
                try await journal.flush()
            }
            let pool = try #require(journal.store.withLock { $0 }).pool
            try await pool.write { try $0.execute(sql: "UPDATE journal SET payload = x'0102030405060708' WHERE seq < 3") }
            #expect(try numbers(journal.read(after: 0, limit: 1)) == [[3]])
            #expect(journal.counters.unreadableRows == 2)
            #expect(try journal.read(after: 3, limit: 1) == [])
        }
    }
}
