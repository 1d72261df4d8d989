import FoundationEssentials
import GRDB
import Series
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("The archive")
struct ArchiveTests {
    private let point = PointName("station/pump/p0")

    @Test(
        "whatever is archived and merged meanwhile, a range gives what was stored, late, repeated and absurd times included",
        arguments: 0..<12 as Range<UInt64>)
    func ranges(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            let journal = try journal(in: folder)
            let point = try #require(point)
            var kept: [(time: Timestamp, value: Double)] = []
            for number in 0..<400 {
                var time = noon.advanced(by: .seconds(number * 600))
                switch Int.random(in: 0..<20, using: &random) {
                case 0: time = time.advanced(by: .seconds(-Int.random(in: 0...200_000, using: &random)))
                case 1: time = kept.last?.time ?? time
                case 2: time = Timestamp(milliseconds: [.min, .max, 0, -1, 86_399_999].randomElement(using: &random) ?? 0)
                default: break
                }
                kept.append((time, Double(number)))
                journal.append(batch([Double(number), -1, 3], at: time))
                if Int.random(in: 0..<6, using: &random) == 0 { try await journal.flush() }
                if Int.random(in: 0..<12, using: &random) == 0 { try journal.archive(all: true) }
            }
            try await journal.flush()
            for _ in 0..<20 {
                let from = noon.advanced(by: .seconds(Int.random(in: -300_000...300_000, using: &random)))
                let to = from.advanced(by: .seconds(Int.random(in: 0...300_000, using: &random)))
                let limit = Bool.random(using: &random) ? Int.max : Int.random(in: 0...90, using: &random)
                let found = try journal.history(of: point, from: from, to: to, limit: limit)
                let wanted = kept.filter { from <= $0.time && $0.time <= to }
                #expect(found.map(\.time) == Array(wanted.map(\.time).sorted().prefix(limit)))
                if limit == .max { #expect(found.compactMap { $0.reading.value?.number }.sorted() == wanted.map(\.value).sorted()) }
            }
            let (least, most) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
            let all = try HistoryReader(folder: folder).history(of: point, from: least, to: most, limit: .max)
            #expect(all.map(\.time) == kept.map(\.time).sorted())
            let wanted = kept.map { "\($0.time.milliseconds) \(Reading.good(.double($0.value)))" }
            #expect(all.map { "\($0.time.milliseconds) \($0.reading)" }.sorted() == wanted.sorted())
            #expect(journal.counters.unreadableRows == 0)
        }
    }

    @Test("many small rows become few, and nothing of them is lost; rollups say what the samples said")
    func merging() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            var values: [Double] = []
            for number in 0..<1000 {
                values.append(Double(number % 100))
                journal.append(batch([values[number]], at: noon.advanced(by: .seconds(number))))
                guard number % 10 == 9 else { continue }
                try await journal.flush()
                try journal.archive(all: true)
            }
            let store = try #require(journal.store.withLock { $0 })
            let rows = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM segment WHERE kind = 0") ?? 0 }
            // A hundred passes: at most seven rows on each of three levels.
            #expect(rows <= 21)
            let point = try #require(point)
            let found = try journal.history(of: point, from: noon, to: noon.advanced(by: .seconds(3600)), limit: .max)
            #expect(found.compactMap { $0.reading.value?.number } == values)

            // Reduced to minutes and hours, the samples themselves may go.
            while try store.clearArchive(.samples, before: .max, most: 100) > 0 {}
            for (kind, length, buckets) in [(Segment.Kind.minutes, 60, 17), (.hours, 3600, 1)] {
                let rollups = try await rollups(store, kind)
                #expect(rollups.count == buckets)
                #expect(rollups.reduce(0) { $0 + $1.count } == 1000)
                #expect(rollups[0].min == 0 && rollups[0].max == Double(min(length - 1, 99)))
                #expect(rollups[0].mean == values.prefix(length).reduce(0, +) / Double(min(length, 1000)))
                #expect(rollups.last?.last?.value == .double(99))
            }
        }
    }

    private func rollups(_ store: Store, _ kind: Segment.Kind) async throws -> [Rollup] {
        let payloads = try await store.pool.read {
            try Data.fetchAll($0, sql: "SELECT payload FROM segment WHERE kind = ? ORDER BY id", arguments: [kind.rawValue])
        }
        let parts = try payloads.flatMap { try Segment.decode(Array($0)) }.filter { $0.place == 1 }
        let all = try parts.flatMap { try RollupRun.decode(Array($0.bytes)) }
        return Rollup.of(all, length: .seconds(kind.rawValue))
    }

    @Test("the journal keeps what someone waits for, and its last row; what all have goes, and the account stays whole")
    func clearing() async throws {
        try await withFolder { folder in
            var options = Journal.Options(patience: .milliseconds(20))
            options.destinations = ["county", "cloud"]
            let journal = try journal(in: folder, options: options)
            for value in 1...20 {
                journal.append(batch([Double(value), 0]))
                try await journal.flush()
            }
            let store = try #require(journal.store.withLock { $0 })
            func rows() async throws -> [Int64] { try await store.pool.read { try Int64.fetchAll($0, sql: "SELECT seq FROM journal") } }
            journal.settle(0..<21, for: "county", Outcome(acknowledged: 40))
            journal.settle(0..<11, for: "cloud", Outcome(acknowledged: 20))
            try await journal.flush()
            try journal.clear(at: noon)
            #expect(try await rows().count == 20, "nothing is in the archive yet")
            try journal.archive(all: true)
            try journal.clear(at: noon)
            #expect(try await rows() == Array(11...20))
            #expect(try journal.ledger().discrepancies == [])
            #expect(try journal.pending(of: "cloud") == 20)
            journal.settle(11..<21, for: "cloud", Outcome(acknowledged: 20))
            try await journal.flush()
            try journal.clear(at: noon)
            #expect(try await rows() == [20])
            #expect(try journal.ledger().discrepancies == [])
            #expect(try journal.history(of: #require(point), from: noon, to: noon, limit: .max).count == 20)
            // And after a restart numbers and sums go on.
            let again = try Historian.Journal(folder: folder, directory: directory(), time: ManualTime(), options: options)
            again.append(batch([21]))
            try await again.flush()
            #expect(again.committed == 21)
            #expect(try again.ledger().discrepancies == [])
            #expect(try again.pending(of: "county") == 1)
        }
    }

    @Test("a full store drops what everyone has first; then the oldest unsent samples, counted as expired, with an alarm")
    func full() async throws {
        try await withFolder { folder in
            let heard = Mutex<[String]>([])
            var options = Journal.Options(patience: .milliseconds(20))
            options.destinations = ["county"]
            options.retention.bytes = 400_000
            let journal = try journal(in: folder, options: options, noticed: { event in heard.withLock { $0.append(event.text) } })
            var random = Seeded(3)
            var number = 0
            func fill(_ count: Int) async throws {
                for _ in 0..<count {
                    number += 1
                    let values = (0..<4).map { _ in Double.random(in: 0...1, using: &random) }
                    journal.append(batch(values, at: noon.advanced(by: .seconds(number))))
                    if number % 50 == 0 { try await journal.flush() }
                }
                try await journal.flush()
            }
            try await fill(20_000)
            let store = try #require(journal.store.withLock { $0 })
            #expect(try store.bytesInUse() > 400_000)
            for _ in 0..<3 {
                try journal.clear(at: noon)
                #expect(try store.bytesInUse() <= 400_000)
                #expect(try journal.ledger().discrepancies == [])
                try await journal.flush()
                #expect(try journal.ledger().discrepancies == [])
                try await fill(500)
            }
            let county = try #require(try journal.ledger().destinations.first)
            #expect(county.expired > 10_000 && county.pending > 10_000 && county.expired + county.pending == 86_000)
            #expect(heard.withLock { $0 }.contains { $0.contains("samples that county does not have yet are removed") })
            // What is left is still sent, and the account is closed.
            while let page = try await journal.backlog(of: "county", besides: RangeSet(), entries: 500, samples: 100_000) {
                journal.settle(0..<page.through + 1, for: "county", Outcome(acknowledged: page.entries.reduce(0) { $0 + $1.samples.count }))
            }
            try await journal.flush()
            let end = try journal.ledger()
            #expect(end.discrepancies == [] && end.destinations.first?.pending == 0)
        }
    }

    @Test("a damaged segment hides nothing but itself, is counted, and is not merged into others")
    func damage() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            for number in 0..<7 {
                journal.append(batch([Double(number)], at: noon.advanced(by: .seconds(number))))
                try await journal.flush()
                try journal.archive(all: true)
            }
            let store = try #require(journal.store.withLock { $0 })
            try await store.pool.write {
                try $0.execute(
                    sql: "UPDATE segment SET payload = CAST(substr(payload, 1, length(payload) - 1) || x'00' AS BLOB) WHERE id = 3")
            }
            let point = try #require(point)
            func values() throws -> [Double] {
                let found = try journal.history(of: point, from: noon, to: noon.advanced(by: .seconds(99)), limit: 99)
                return found.compactMap { $0.reading.value?.number }
            }
            #expect(try values() == [0, 1, 3, 4, 5, 6])
            #expect(journal.counters.unreadableRows == 1)
            for number in 7..<20 {
                journal.append(batch([Double(number)], at: noon.advanced(by: .seconds(number))))
                try await journal.flush()
                try journal.archive(all: true)
            }
            #expect(try values() == [0, 1] + (3..<20).map(Double.init))
        }
    }

    @Test("bytes that are no segment are refused, and never trap", arguments: 0..<20 as Range<UInt64>)
    func noise(seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<300 {
            var bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if bytes.count > 1 { (bytes[0], bytes[1]) = (Segment.format, UInt8.random(in: 0...4, using: &random)) }
            _ = try? Segment.decode(bytes)
        }
    }

    @Test("the housekeeper takes what has waited long enough, without being asked")
    func housekeeping() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let running = Task { try await journal.run() }
            journal.append(batch([1]))
            await time.sleepers(2)
            await time.advance(by: .milliseconds(250))
            var commits = journal.commits().makeAsyncIterator()
            while await commits.next() != 1 {}
            let store = try #require(journal.store.withLock { $0 })
            for _ in 0..<30 {
                #expect(try store.unarchived() == 1)
                await time.sleepers(1)
                await time.advance(by: .seconds(10))
            }
            while try store.unarchived() > 0 { await Task.yield() }
            running.cancel()
            try await running.value
        }
    }
}
