import FoundationEssentials
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("A clock that is not set")
struct ClockTests {
    /// 1970-01-01T00:00:07Z when the monotonic clock stands at 40 s.
    private let wrong = Moment(monotonic: Monotonic(nanoseconds: 40_000_000_000), wall: Timestamp(milliseconds: 7000), isTrusted: false)

    private func batch(_ value: Double, at moment: Moment, sourceTime: Timestamp? = nil) -> Batch {
        let sample = Sample(point: PointID(index: 0), time: sourceTime ?? moment.wall, reading: .good(.double(value)))
        return Batch(device: DeviceID(index: 0), received: moment, samples: [sample])
    }

    /// The true time of a moment that is so much later than `wrong`.
    private func truth(after seconds: Int) -> Moment {
        Moment(monotonic: wrong.monotonic + .seconds(seconds), wall: noon.advanced(by: .seconds(seconds)))
    }

    private func options(boot: String) -> Journal.Options {
        var options = Journal.Options(patience: .milliseconds(20))
        options.boot = boot
        return options
    }

    /// Commits until there is nothing left to put right.
    private func settle(_ journal: Journal) async throws {
        repeat { try await journal.flush() } while journal.buffer.withLock { $0.truth != nil }
    }

    @Test("what was read before the clock was set is shown to nobody, and has its true time once that is known")
    func putRight() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder, options: options(boot: "a"))
            let shown = Shown()
            journal.follow(append: { shown.add($0) }, turn: { shown.turn() })
            let believed = Timestamp(milliseconds: noon.milliseconds - 5000)
            for second in 0..<1200 {
                let moment = wrong.advanced(by: .seconds(second))
                journal.append(batch(Double(second), at: moment, sourceTime: second == 3 ? believed : nil))
                if second % 2 == 0 { try await journal.flush() }
            }
            try await journal.flush()
            #expect(shown.entries.isEmpty)
            #expect(try await journal.backlog(of: "county", besides: RangeSet(), entries: 9, samples: 9) == nil)
            #expect(try journal.archive(all: true) == false)
            journal.append(batch(1200, at: truth(after: 1200)))
            #expect(shown.entries.count == 1)
            try await settle(journal)

            let point = try #require(PointName("station/pump/p0"))
            let samples = try journal.history(
                of: point, from: noon.advanced(by: .seconds(-60)), to: noon.advanced(by: .seconds(9999)), limit: .max)
            let expected = (0...1200).map { $0 == 3 ? believed : noon.advanced(by: .seconds($0)) }.sorted()
            #expect(samples.map(\.time) == expected)
            #expect(samples.allSatisfy { $0.reading.isGood })
            #expect(Set(samples.compactMap { $0.reading.value?.number }) == Set((0...1200).map(Double.init)))
            let page = try #require(try await journal.backlog(of: "county", besides: RangeSet(), entries: 5000, samples: 5000))
            #expect(page.entries.count == 1201 && page.entries.allSatisfy(\.isTrusted))
            #expect(try journal.archive(all: true))
            #expect(try journal.ledger().discrepancies.isEmpty)
        }
    }

    @Test("a second wrong time before the true one is put right by its own span")
    func twoSteps() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder, options: options(boot: "a"))
            journal.append(batch(0, at: wrong))
            let image = Moment(
                monotonic: wrong.monotonic + .seconds(10), wall: Timestamp(milliseconds: 1_700_000_000_000), isTrusted: false)
            journal.append(batch(1, at: image))
            journal.append(batch(2, at: image.advanced(by: .seconds(10))))
            journal.append(batch(3, at: truth(after: 30)))
            try await settle(journal)
            let times = try journal.read(after: 0, limit: 9).flatMap { $0.samples.map(\.time) }
            #expect(times == [0, 10, 20, 30].map { noon.advanced(by: .seconds($0)) })
        }
    }

    @Test("a kill before the clock is set costs nothing: in the same boot the times are exact", arguments: [1, 700])
    func restart(count: Int) async throws {
        try await withFolder { folder in
            var first: Journal? = try journal(in: folder, options: options(boot: "a"))
            for second in 0..<count {
                first?.append(batch(Double(second), at: wrong.advanced(by: .seconds(second))))
                try await first?.flush()
            }
            first = nil
            let second = try journal(in: folder, options: options(boot: "a"))
            #expect(try await second.backlog(of: "county", besides: RangeSet(), entries: 9, samples: 9) == nil)
            second.append(batch(-1, at: truth(after: 5000)))
            try await settle(second)
            let entries = try second.read(after: 0, limit: .max)
            #expect(entries.flatMap { $0.samples.map(\.time) } == ((0..<count) + [5000]).map { noon.advanced(by: .seconds($0)) })
            #expect(entries.allSatisfy { $0.samples.allSatisfy(\.reading.isGood) })
        }
    }

    @Test("after a boot nobody knows how long it was dark: what is older ends where the boot began, in doubt, and is not lost")
    func boot() async throws {
        try await withFolder { folder in
            var first: Journal? = try journal(in: folder, options: options(boot: "a"))
            for second in 0..<3 { first?.append(batch(Double(second), at: wrong.advanced(by: .seconds(second)))) }
            try await first?.flush()
            first = nil
            let second = try journal(in: folder, options: options(boot: "b"))
            second.append(batch(9, at: truth(after: 0)))
            try await settle(second)
            let samples = try second.read(after: 0, limit: 9).flatMap(\.samples)
            // The boot was 40 s before noon.
            #expect(samples.map { $0.time.since(noon) } == [.seconds(-42), .seconds(-41), .seconds(-40), .zero])
            #expect(samples.prefix(3).allSatisfy { $0.reading.cause == .clockUntrusted && $0.reading.value != nil })
        }
    }

    @Test("whatever the clock does, every sample gets its true time and nothing is lost", arguments: 0..<20 as Range<UInt64>)
    func anything(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            let journal = try journal(in: folder, options: options(boot: "a"))
            var base = Int64.random(in: 0...9_000_000, using: &random)
            var isTrusted = false
            for second in 0..<200 {
                if Int.random(in: 0..<40, using: &random) == 0 {
                    isTrusted = Bool.random(using: &random)
                    base = isTrusted ? noon.milliseconds : Int64.random(in: 0...1_600_000_000_000, using: &random)
                }
                let moment = Moment(
                    monotonic: .zero + .seconds(second), wall: Timestamp(milliseconds: base + Int64(second) * 1000), isTrusted: isTrusted)
                journal.append(batch(Double(second), at: moment))
                if Int.random(in: 0..<3, using: &random) == 0 { try await journal.flush() }
            }
            journal.append(batch(200, at: Moment(monotonic: .zero + .seconds(200), wall: noon.advanced(by: .seconds(200)))))
            try await settle(journal)
            let samples = try journal.read(after: 0, limit: .max).flatMap(\.samples)
            #expect(samples.map { $0.time.since(noon) } == (0...200).map { .seconds($0) })
            #expect(samples.map { $0.reading.value?.number } == (0...200).map(Double.init))
        }
    }
}
