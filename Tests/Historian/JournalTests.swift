import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("Journal")
struct JournalTests {
    @Test("what flush returned for is there after reopening")
    func reopening() async throws {
        try await withFolder { folder in
            let mixed = Batch(
                device: DeviceID(index: 1), received: Moment(monotonic: .zero, wall: noon, isTrusted: false),
                samples: [
                    Sample(point: PointID(index: 5), time: noon, reading: .bad(.commFailure)),
                    Sample(
                        point: PointID(index: 4), time: .init(milliseconds: 7),
                        reading: .uncertain(.string("鹭滩"), .clockUntrusted)),
                ])
            do {
                let journal = try journal(in: folder)
                journal.append(batch([1, 2.5, -0.001]))
                journal.append(mixed)
                journal.record(event("level 3.2 m is above 3.0 m"))
                #expect(journal.committed == 0)
                #expect(try journal.read(after: 0, limit: 10) == [])
                try await journal.flush()
                #expect(journal.committed == 2)
            }
            let journal = try journal(in: folder)
            #expect(journal.committed == 2)
            let entries = try journal.read(after: 0, limit: 10)
            #expect(entries.map(\.seq) == [1, 2])
            #expect(entries.map(\.device) == ["pump", "truck"])
            #expect(entries.map(\.isTrusted) == [true, false])
            #expect(numbers(entries)[0] == [1, 2.5, -0.001])
            #expect(entries[1].samples.map(\.reading) == mixed.samples.map(\.reading))
            #expect(entries[1].samples.map(\.time) == mixed.samples.map(\.time))
            #expect(entries[1].named.map(\.point.description) == ["fleet/truck/p1", "fleet/truck/p0"])
            // Besides the alarm over a clock that cannot be trusted.
            let decisions = try journal.events(after: 0, limit: 10).map(\.event).filter { $0.kind == .decision }
            #expect(decisions == [event("level 3.2 m is above 3.0 m")])
            journal.append(batch([4]))
            try await journal.flush()
            #expect(try journal.read(after: 2, limit: 10).map(\.seq) == [3])
        }
    }

    @Test("reading goes on from a number and stops at the limit")
    func paging() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            for value in 1...10 { journal.append(batch([Double(value)])) }
            try await journal.flush()
            #expect(try numbers(journal.read(after: 3, limit: 4)) == [[4], [5], [6], [7]])
            #expect(try journal.read(after: 10, limit: 4) == [])
            #expect(try journal.read(after: 0, limit: 0) == [])
        }
    }

    @Test("a clock that jumps back does not change the journal's order")
    func clockJump() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            for (value, hours) in [(1.0, 0), (2, -48), (3, 1), (4, -500_000)] {
                journal.append(batch([value], at: noon.advanced(by: .seconds(hours * 3600))))
            }
            try await journal.flush()
            #expect(try numbers(journal.read(after: 0, limit: 10)) == [[1], [2], [3], [4]])
            #expect(try history(journal, from: noon.advanced(by: .seconds(-49 * 3600)), to: noon) == [2, 1])
        }
    }

    @Test("the loop commits once an interval, and once more when it is cancelled")
    func loop() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let running = Task { try await journal.run() }
            var commits = journal.commits().makeAsyncIterator()
            #expect(await commits.next() == 0)
            journal.append(batch([1]))
            journal.append(batch([2]))
            await time.advance(by: .milliseconds(249), sleepers: 2)
            #expect(journal.committed == 0)
            await time.advance(by: .milliseconds(1), sleepers: 2)
            #expect(await commits.next() == 2)
            #expect(journal.counters.commits == 1)
            journal.append(batch([3]))
            running.cancel()
            try await running.value
            #expect(journal.committed == 3)
        }
    }

    @Test("a listener is told where the store is, also if it comes late or is slow")
    func listening() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            var early = journal.commits().makeAsyncIterator()
            for value in 1...3 {
                journal.append(batch([Double(value)]))
                try await journal.flush()
            }
            var late = journal.commits().makeAsyncIterator()
            #expect(await early.next() == 3)
            #expect(await late.next() == 3)
        }
    }

    @Test("many producers at once lose nothing, and each keeps its order")
    func producers() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            try await withThrowingTaskGroup { group in
                for producer in 0..<4 {
                    group.addTask {
                        for value in 0..<500 {
                            journal.append(batch([Double(value)], firstPoint: producer))
                            if value % 100 == 0 { try await journal.flush() }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await journal.flush()
            let samples = try journal.read(after: 0, limit: .max).flatMap(\.named)
            for producer in 0..<4 {
                let own = samples.filter { $0.point.point == "p\(producer)" }.compactMap { $0.reading.value?.number }
                #expect(own == (0..<500).map(Double.init))
            }
            #expect(journal.counters.storedSamples == 2000)
            #expect(journal.counters.bufferedBytes == 0)
        }
    }

    @Test("a batch of points that the directory does not have is refused and counted, and is not the end")
    func strangers() async throws {
        try await withFolder { folder in
            let journal = try journal(in: folder)
            journal.append(batch([1, 2], firstPoint: 100))
            journal.append(batch([1], device: 9))
            journal.append(batch([5]))
            try await journal.flush()
            #expect(try numbers(journal.read(after: 0, limit: 9)) == [[5]])
            #expect(journal.counters.lostSamples == [.unknownPoint: 3])
            let ledger = try journal.ledger()
            #expect(ledger.produced == 4 && ledger.stored == 1 && ledger.lost == ["unknown-point": 3])
        }
    }

    private func history(_ journal: Journal, from: Timestamp, to: Timestamp) throws -> [Double] {
        let point = try #require(PointName("station/pump/p0"))
        return try journal.history(of: point, from: from, to: to, limit: 100).compactMap { $0.reading.value?.number }
    }
}
