import FoundationEssentials
import GRDB
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("A full store thins before it drops")
struct ThinningTests {
    private static func isOrdered(_ entries: [Entry]) -> Bool { zip(entries, entries.dropFirst()).allSatisfy { $0.seq < $1.seq } }

    private static func options(_ bytes: Int, tail: Int = 0) -> Journal.Options {
        var options = Journal.Options(maximumBytesOfTail: tail, patience: .milliseconds(20))
        options.destinations = ["county"]
        options.retention.bytes = bytes
        return options
    }

    @Test(
        "whatever is appended, sent, thinned, dropped and forgotten in a crash, the account adds up and no change of state is thinned away",
        arguments: 0..<24 as Range<UInt64>)
    func anything(seed: UInt64) async throws {
        try await withFolder { folder in
            var player = try Player(folder, seed: seed)
            let drops = seed % 4 == 0
            for step in 0..<250 {
                let name = try #require(Player.names.randomElement(using: &player.random))
                switch Int.random(in: 0..<40, using: &player.random) {
                case 0..<12: player.append()
                case 12..<20: try await player.journal.flush()
                case 20..<24: try await player.read(name, entries: .random(in: 1...30, using: &player.random))
                case 24..<27: player.settle(name, all: false)
                case 27..<30: player.acknowledge(name)
                case 30..<32: try player.journal.archive(all: true)
                case 32..<37: try player.thin()
                case 37: _ = drops ? try player.journal.expireSome(rows: 2) : nil
                case 38: try player.journal.clear(at: noon)
                default: try player.crash()
                }
                // The journal reads what a crash would leave.
                let ledger = try player.journal.ledger()
                try #require(ledger.discrepancies == [], "step \(step)")
                let standings = Dictionary(uniqueKeysWithValues: ledger.destinations.map { ($0.name, $0) })
                for (name, destination) in standings {
                    #expect(destination.pending >= 0 && destination.expired >= 0, "\(name) at step \(step)")
                }
            }
            try await expectEnd(&player, drops: drops)
        }
    }

    /// All that is left is sent; then every sample is accounted for.
    private func expectEnd(_ player: inout Player, drops: Bool) async throws {
        try await player.journal.flush()
        for name in Player.names {
            player.settle(name, all: true)
            while player.followers[name]?.live.isEmpty == false { player.acknowledge(name) }
            repeat {
                try await player.read(name, entries: 50)
                #expect(Self.isOrdered(player.followers[name]?.page?.entries ?? []))
                player.settle(name, all: true)
            } while try player.journal.pending(of: name) > 0
        }
        try await player.journal.flush()
        let ledger = try player.journal.ledger()
        #expect(ledger.discrepancies == [])
        let written = player.written.values.sorted { $0.seq < $1.seq }
        #expect(ledger.stored == written.reduce(0) { $0 + $1.samples.count })
        for destination in ledger.destinations {
            #expect(destination.pending == 0 && destination.dropped == 0)
            let received = (player.followers[destination.name]?.received ?? [:]).values.sorted { $0.seq < $1.seq }
            for entry in received {
                let whole = try #require(player.written[entry.seq])
                #expect(Set(whole.named).isSuperset(of: entry.named) && entry.received == whole.received)
            }
            // What came twice was counted once, by what was there the last time.
            #expect(received.reduce(0) { $0 + $1.samples.count } >= destination.acknowledged)
            if !drops { #expect(states(received) == states(written)) }
        }
        try player.journal.archive(all: true)
        let (least, most) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        for index in 0..<4 {
            let point = try #require(PointName("station/pump/p\(index)"))
            let past = try player.journal.history(of: point, from: least, to: most, limit: .max)
            let whole = written.flatMap(\.named).filter { $0.point == point }
            if !drops { #expect(Set(past) == Set(whole) && past.count == whole.count, "the archive has all of \(point)") }
        }
    }

    /// Each point's states in order of arrival, without repeats.
    private func states(_ entries: [Entry]) -> [PointName: [Reading]] {
        entries.flatMap(\.named).reduce(into: [:]) { runs, sample in
            if runs[sample.point]?.last != sample.reading.state { runs[sample.point, default: []].append(sample.reading.state) }
        }
    }

    @Test("what is left to read is what the thinner keeps, slice by slice as at once", arguments: 0..<8 as Range<UInt64>)
    func exact(seed: UInt64) async throws {
        try await withFolder { folder in
            var player = try Player(folder, seed: seed * 3 + 1)
            for _ in 0..<60 {
                player.append()
                if Int.random(in: 0..<3, using: &player.random) == 0 { try await player.journal.flush() }
            }
            try await player.journal.flush()
            try player.journal.archive(all: true)
            // What was there before the start is on its way to nobody.
            try player.crash()
            while let lost = try player.journal.thinSome(rows: .random(in: 1...7, using: &player.random)) { #expect(lost.count == 2) }
            let store = try #require(player.journal.store.withLock { $0 })
            let last = try await store.pool.read { try Int64.fetchOne($0, sql: "SELECT first FROM journal ORDER BY seq DESC") ?? 0 }
            var thinner = Thinner()
            let expected = player.written.values.sorted { $0.seq < $1.seq }.map { entry in
                let point = { (sample: StoredSample) in Int64(sample.point.point.dropFirst()) ?? 0 }
                return (entry.seq, entry.named.filter { thinner.keeps(point($0), $0.time, $0.reading) || entry.seq >= last })
            }.filter { !$0.1.isEmpty }
            let found = try player.journal.read(after: 0, limit: .max)
            #expect(found.map(\.seq) == expected.map(\.0))
            #expect(found.map(\.named) == expected.map(\.1))
            #expect(found.count < player.written.count)
        }
    }

    @Test("a store that is full for long stays within its bytes, and drops nothing as long as thinning makes room")
    func long() async throws {
        try await withFolder { folder in
            let heard = Mutex<[String]>([])
            let time = ManualTime(start: noon)
            let journal = try journal(in: folder, time: time, options: Self.options(150_000)) { event in
                heard.withLock { $0.append(event.text) }
            }
            for minute in 0..<240 {
                for second in 0..<60 {
                    let moment = noon.advanced(by: .seconds(minute * 60 + second))
                    journal.append(batch([1, 2, 3, Double(minute % 9)], at: moment))
                    if second % 20 == 19 { try await journal.flush() }
                }
                // A destination that asks, and does not get through.
                #expect(try await journal.backlog(of: "county", besides: RangeSet(), entries: 5, samples: 50) != nil)
                if minute % 10 == 9 { try journal.archive(all: true) }
                await time.advance(by: .seconds(60), sleepers: 0)
                try journal.clear(at: time.now().wall)
                let store = try #require(journal.store.withLock { $0 })
                #expect(try store.bytesInUse() <= 150_000)
                #expect(try journal.ledger().discrepancies == [])
            }
            let county = try #require(try journal.ledger().destinations.first)
            #expect(county.expired > 10_000 && county.expired + county.pending == 240 * 60 * 4)
            let alarms = heard.withLock { $0 }
            let thinning = alarms.filter { $0.contains("what county does not have yet is thinned") }
            #expect((1...5).contains(thinning.count))
            let entries = try journal.read(after: 0, limit: .max)
            // A sample of each point and minute, from the beginning on: nothing was dropped, since thinning was enough.
            #expect(!alarms.contains { $0.contains("are removed") })
            #expect(Set(entries.map { Thinner.minute(of: $0.received) }).count == 240)
        }
    }

    @Test("alarms say how many samples were thinned and how many removed, of each an alarm an hour at most")
    func alarms() async throws {
        try await withFolder { folder in
            let heard = Mutex<[(minute: Int, text: String)]>([])
            let time = ManualTime(start: noon)
            // Never room enough: all that may be is thinned, and then removed.
            let journal = try journal(in: folder, time: time, options: Self.options(1)) { event in
                heard.withLock { $0.append((Int(event.time.since(noon).seconds / 60), event.text)) }
            }
            for _ in 0..<20 {
                for number in 0..<12 {
                    journal.append(batch([Double(number), 1], at: time.now().wall.advanced(by: .seconds(number * 10))))
                    if number % 3 == 2 { try await journal.flush() }
                }
                _ = try await journal.backlog(of: "county", besides: RangeSet(), entries: 1, samples: 1)
                try journal.archive(all: true)
                await time.advance(by: .seconds(600), sleepers: 0)
                try journal.clear(at: time.now().wall)
                #expect(try journal.ledger().discrepancies == [])
            }
            let thinned = heard.withLock { $0 }.filter { $0.text.contains(" is thinned to a sample a minute") }
            let removed = heard.withLock { $0 }.filter { $0.text.contains(" are removed") }
            #expect(thinned.map(\.minute) == [10, 70, 130, 190])
            #expect(removed.map(\.minute) == [10, 70, 130, 190])
            func told(_ alarms: [(minute: Int, text: String)]) -> Int {
                alarms.reduce(0) { $0 + ($1.text.split(separator: " ").lazy.compactMap { Int($0) }.last ?? 0) }
            }
            try await journal.flush()
            let expired = try #require(try journal.ledger().destinations.first).expired
            // What is not told yet is of the last ten minutes.
            #expect(told(thinned) + told(removed) <= expired && told(thinned) + told(removed) > expired - 30)
        }
    }

    @Test("only when all is thinned do rows go, the oldest first, and an alarm for each says so")
    func both() async throws {
        try await withFolder { folder in
            let heard = Mutex<[String]>([])
            let options = Self.options(150_000)
            var first: Journal? = try journal(in: folder, options: options)
            for minute in 0..<3000 {
                for second in [0, 20, 40] {
                    let time = noon.advanced(by: .seconds(minute * 60 + second))
                    first?.append(batch([1, 2, 3, Double(minute % 9)], at: time))
                }
                if minute % 3 == 2 { try await first?.flush() }
            }
            first?.record(event("the pump was stopped"))
            try await first?.flush()
            try first?.archive(all: true)
            first = nil
            // What was there before the start is on its way to nobody.
            let journal = try journal(in: folder, options: options) { event in heard.withLock { $0.append(event.text) } }
            let store = try #require(journal.store.withLock { $0 })
            try journal.clear(at: noon)
            #expect(try store.bytesInUse() <= 150_000)
            let entries = try journal.read(after: 0, limit: .max)
            let (oldest, newest) = (try #require(entries.first), try #require(entries.dropLast(9).last))
            #expect(oldest.seq > 1 && newest.seq > oldest.seq)
            #expect(entries.dropLast(9).allSatisfy { $0.received.milliseconds % 60_000 == 0 }, "one a minute is left")
            #expect(heard.withLock { $0 }.map { $0.contains("thinned") } == [true, false])
            #expect(try journal.events(after: 0, limit: 99).contains { $0.event.text == "the pump was stopped" })
            try await journal.flush()
            #expect(try journal.ledger().discrepancies == [])
        }
    }
}
