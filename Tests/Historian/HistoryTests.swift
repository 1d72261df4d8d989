import Telemetry
import Testing

@testable import Historian

@Suite("History")
struct HistoryTests {
    @Test("a range gives what it covers, by source time, the first ones up to the limit", arguments: 0..<20 as Range<UInt64>)
    func range(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            let journal = try journal(in: folder)
            let isOrdered = Bool.random(using: &random)
            var kept: [(time: Timestamp, value: Double)] = []
            for number in 0..<150 {
                // A poll is one moment; a tracker brings the last minutes with it.
                let span = isOrdered ? 0 : Int.random(in: 0...600, using: &random)
                let samples = (0..<3).map { index in
                    Sample(
                        point: PointID(index: index % 2),
                        time: noon.advanced(by: .seconds(number * 10 - Int.random(in: 0...span, using: &random))),
                        reading: .good(.double(Double(number * 3 + index))))
                }
                for sample in samples where sample.point.index == 0 {
                    kept.append((sample.time, sample.reading.value?.number ?? .nan))
                }
                journal.append(
                    Batch(device: DeviceID(index: 0), received: Moment(monotonic: .zero, wall: noon), samples: samples))
            }
            try await journal.flush()
            let point = try #require(PointName("station/pump/p0"))
            for _ in 0..<20 {
                let from = noon.advanced(by: .seconds(Int.random(in: -700...1600, using: &random)))
                let to = from.advanced(by: .seconds(Int.random(in: -10...900, using: &random)))
                let limit = Int.random(in: 0...80, using: &random)
                let wanted = kept.filter { from <= $0.time && $0.time <= to }.map(\.time).sorted().prefix(limit)
                let found = try journal.history(of: point, from: from, to: to, limit: limit)
                #expect(found.map(\.time) == Array(wanted))
                #expect(
                    found.allSatisfy { sample in kept.contains { $0 == (sample.time, sample.reading.value?.number ?? .nan) } })
            }
            let all = try journal.history(
                of: point, from: Timestamp(milliseconds: .min), to: Timestamp(milliseconds: .max), limit: .max)
            #expect(Set(all.compactMap { $0.reading.value?.number }) == Set(kept.map(\.value)))
        }
    }

    @Test("a point that was removed, moved or given another unit keeps its past under its name")
    func renaming() async throws {
        try await withFolder { folder in
            do {
                let journal = try journal(in: folder, directory: directory(unit: "m"))
                journal.append(batch([1, 2, 3]))
                try await journal.flush()
            }
            let later = noon.advanced(by: .seconds(60))
            let fewer = directory(unit: "cm", without: ["station/pump/p0"])
            let journal = try journal(in: folder, directory: fewer)
            // The second point is now the first of the directory.
            journal.append(batch([200], at: later))
            try await journal.flush()
            let gone = try journal.history(of: #require(PointName("station/pump/p0")), from: noon, to: later, limit: 9)
            #expect(gone.map(\.reading) == [.good(.double(1))])
            let changed = try journal.history(of: #require(PointName("station/pump/p1")), from: noon, to: later, limit: 9)
            #expect(changed.map(\.reading) == [.good(.double(2)), .good(.double(200))])
            #expect(changed.map(\.unit) == ["m", "cm"])
            let entries = try journal.read(after: 0, limit: 9)
            #expect(entries.first?.named.map(\.point.point) == ["p0", "p1", "p2"])
            #expect(entries.last?.named.map(\.point.point) == ["p1"])
            #expect(try journal.history(of: #require(PointName("no/such/point")), from: noon, to: later, limit: 9) == [])
        }
    }

    @Test("another reader sees the same while the journal is at work, and after it")
    func reader() async throws {
        try await withFolder { folder in
            #expect(throws: StoreError.self) { try HistoryReader(folder: folder) }
            do {
                let journal = try journal(in: folder)
                journal.append(batch([1, 2]))
                journal.record(event("first"))
                journal.record(event("second"))
                journal.settle(0..<1 + 1, for: "county", Outcome(acknowledged: 2))
                try await journal.flush()
                try expectSame(folder)
                journal.append(batch([3]))
                try await journal.flush()
                #expect(try HistoryReader(folder: folder).read(after: 1, limit: 9).count == 1)
            }
            try expectSame(folder)
            let ledger = try HistoryReader(folder: folder).ledger()
            #expect(ledger.stored == 3 && ledger.events == 2)
            #expect(ledger.destinations == [.init(name: "county", cursor: 1, samples: Outcome(acknowledged: 2), pending: 1)])
        }
    }

    private func expectSame(_ folder: String) throws {
        let reader = try HistoryReader(folder: folder)
        let point = try #require(PointName("station/pump/p1"))
        #expect(try reader.history(of: point, from: noon, to: noon, limit: 9).map(\.reading) == [.good(.double(2))])
        #expect(try reader.latestEvents(limit: 1).map(\.event.text) == ["second"])
        #expect(try reader.events(after: 0, limit: 9).map(\.event.text) == ["first", "second"])
        #expect(try reader.points().count == 8)
    }
}
