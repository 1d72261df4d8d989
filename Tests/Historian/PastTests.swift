import GRDB
import Series
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("A point's past in rows, from the store")
struct PastTests {
    /// Days of samples every ten seconds or so, with outages; some late, some twice. Eighths add up without rounding.
    private static func samples(days: Int, _ random: inout SeededRandom) -> [(time: Timestamp, reading: Reading)] {
        var samples: [(time: Timestamp, reading: Reading)] = []
        var time = noon
        while time < noon.advanced(by: .seconds(days * 86_400)) {
            let value = Value.double(Double(Int.random(in: -800...800, using: &random)) / 8)
            switch Int.random(in: 0..<50, using: &random) {
            case 0: samples.append((time, .bad(.commFailure)))
            case 1: samples.append((time, .uncertain(value, .stale)))
            case 2: samples.append((time.advanced(by: .seconds(-Int.random(in: 0...90_000, using: &random))), .good(value)))
            case 3: samples += [(time, .good(value)), (time, .good(.double(7)))]
            case 4: time = time.advanced(by: .seconds(Int.random(in: 0...9000, using: &random)))
            default: samples.append((time, .good(value)))
            }
            time = time.advanced(by: .milliseconds(Int.random(in: 5000...65_000, using: &random)))
        }
        return samples
    }

    private func fill(
        _ journal: Journal, _ samples: [(time: Timestamp, reading: Reading)], archivingEach most: Int = 400, _ random: inout SeededRandom
    ) async throws {
        for (index, sample) in samples.enumerated() {
            let own = Sample(point: PointID(index: 0), time: sample.time, reading: sample.reading)
            let other = Sample(point: PointID(index: 1), time: sample.time, reading: .good(.int(Int64(index))))
            journal.append(Batch(device: DeviceID(index: 0), received: Moment(monotonic: .zero, wall: sample.time), samples: [own, other]))
            if index % 200 == 199 { try await journal.flush() }
            if Int.random(in: 0..<most, using: &random) == 0 {
                try await journal.flush()
                try journal.archive(all: true)
            }
        }
        try await journal.flush()
    }

    /// The same without a store: all samples of a point in memory.
    private func model(_ samples: [(time: Timestamp, reading: Reading)], _ question: PastQuestion) throws -> Past {
        var gathering = Gathering(from: question.from, to: question.to)
        gathering.add(Columns(samples))
        let edges = try question.step?.edges(from: question.from, to: question.to, limit: question.limit, offset: question.offset) ?? []
        return gathering.past(
            of: question.point, unit: "m", edges: edges, silence: question.silence, isWeighted: question.isFromSamples)
    }

    @Test(
        "rows from the journal, the archive and its rollups are the rows of the samples, before and after the samples are gone",
        arguments: 0..<8 as Range<UInt64>)
    func rollups(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let point = try #require(PointName("station/pump/p0"))
        try await withFolder { folder in
            let journal = try journal(in: folder)
            let samples = Self.samples(days: 6, &random)
            try await fill(journal, samples, archivingEach: seed.isMultiple(of: 2) ? 400 : 50, &random)
            func check(_ text: String, from: Timestamp, days: Int, _ words: Comment) async throws {
                var question = PastQuestion(
                    of: point, from: from, to: from.advanced(by: .seconds(days * 86_400)), step: Step(text))
                question.silence = .seconds(600)
                question.offset = { _ in 28_800_000 }
                let found = try await journal.past(question)
                let wanted = try model(samples, question)
                #expect(found.map { $0.rows.map(\.rollup) } == [wanted.rows.map(\.rollup)], words)
                // Another process cannot know that the gateway runs, and may blame it for the last gap.
                let others = try HistoryReader(folder: folder).past(question)
                #expect(others.map { $0.rows.map(\.rollup) } == found.map { $0.rows.map(\.rollup) }, words)
                #expect(others.map { $0.rows.map(\.missing) } == found.map { $0.rows.map(\.missing) }, words)
                if found[0].source == .samples { #expect(found[0].rows.map(\.first) == wanted.rows.map(\.first), words) }
            }
            let starts = (0..<3).map { _ in noon.advanced(by: .seconds(Int.random(in: -90_000...200_000, using: &random))) }
            for start in starts {
                for step in ["1m", "1h", "1d"] {
                    let days = [1, 3, 9].randomElement(using: &random) ?? 1
                    try await check(step, from: start, days: days, "with all samples")
                }
                try await check("30s", from: start, days: 1, "rows of seconds")
            }
            try journal.archive(all: true)
            let store = try #require(journal.store.withLock { $0 })
            // Rolled up or not, the samples of the first days go; of one day only some rows.
            let day = Stack.day(of: noon) + 3
            _ = try store.clearArchive(.samples, before: day, most: .max)
            _ = try store.clearArchive(.samples, before: day + 1, most: 1)
            let hour = Timestamp(milliseconds: Stack.day(of: noon) * Stack.day)
            for step in ["1m", "10m", "1h", "1d"] { try await check(step, from: hour, days: 9, "with samples of some days") }
            _ = try store.clearArchive(.samples, before: .max, most: .max)
            for step in ["1m", "10m", "1h", "1d"] { try await check(step, from: hour, days: 9, "with minutes") }
            _ = try store.clearArchive(.minutes, before: .max, most: .max)
            for step in ["1h", "1d"] { try await check(step, from: hour, days: 9, "with hours") }
        }
    }

    @Test("samples are read where they are needed, minutes and hours where they are exact", arguments: [
        ("30s", 1, false, Past.Source.samples), ("1m", 2, false, .samples), ("1m", 3, false, .minutes), ("1h", 3, false, .minutes),
        ("1h", 70, false, .hours), ("1m", 70, false, .minutes), ("1d", 70, true, .samples),
    ])
    func sources(text: String, days: Int, needsSamples: Bool, source: Past.Source) async throws {
        var random = SeededRandom(seed: 1)
        try await withFolder { folder in
            let journal = try journal(in: folder)
            try await fill(journal, Self.samples(days: 3, &random), archivingEach: 30, &random)
            // What is not merged yet is not rolled up either.
            let store = try #require(journal.store.withLock { $0 })
            try await store.pool.write { db in
                try db.execute(sql: "DELETE FROM segment WHERE is_rolled = 0")
            }
            let start = Timestamp(milliseconds: Stack.day(of: noon) * Stack.day)
            var question = PastQuestion(
                of: try #require(PointName("station/pump/p0")), from: start, to: start.advanced(by: .seconds(days * 86_400)),
                step: Step(text))
            question.isFromSamples = needsSamples
            question.limit = 200_000
            #expect(try await journal.past(question).map(\.source) == [source])
        }
    }

    @Test("a point whose unit was changed has a past in each, and one that is not known has none but a gap")
    func units() async throws {
        try await withFolder { folder in
            do {
                let journal = try journal(in: folder, directory: directory(unit: "m"))
                journal.append(batch([1, 2]))
                try await journal.flush()
            }
            let journal = try journal(in: folder, directory: directory(unit: "cm"))
            journal.append(batch([100, 200], at: noon.advanced(by: .seconds(60))))
            try await journal.flush()
            let (from, to) = (noon, noon.advanced(by: .seconds(120)))
            let found = try await journal.past(
                PastQuestion(of: try #require(PointName("station/pump/p1")), from: from, to: to, step: Step("1m")))
            #expect(found.map(\.unit) == ["m", "cm"])
            #expect(found.map { $0.rows.map(\.rollup.mean) } == [[2, nil], [nil, 200]])
            let none = try await journal.past(PastQuestion(of: try #require(PointName("a/b/c")), from: from, to: to, step: Step("1m")))
            #expect(none.map(\.unit) == [""] && none[0].rows.map(\.rollup.good) == [0, 0] && none[0].gaps.count == 1)
        }
    }

    @Test("more rows than are wanted are refused")
    func limit() async throws {
        try await withFolder { folder in
            var question = PastQuestion(
                of: try #require(PointName("station/pump/p0")), from: noon, to: noon.advanced(by: .seconds(3600)), step: Step("1s"))
            question.limit = 3599
            let asked = question
            let journal = try journal(in: folder)
            await #expect(throws: Aggregation.TooManyBuckets.self) { try await journal.past(asked) }
        }
    }
}

@Suite("Gaps, from the store")
struct GapTests {
    /// Runs a gateway from one second to another, with a reading of the pump every second that `isHeard`, and of the truck always.
    private func run(
        _ folder: String, _ seconds: ClosedRange<Int>, endsInOrder: Bool = true, archives: Bool = false, isHeard: (Int) -> Reading?
    ) async throws {
        let time = ManualTime(start: noon.advanced(by: .seconds(seconds.lowerBound)))
        let journal = try journal(in: folder, time: time)
        for second in seconds {
            let now = noon.advanced(by: .seconds(second))
            journal.append(batch([1], at: now, device: 1, firstPoint: 4))
            if let reading = isHeard(second) {
                let sample = Sample(point: PointID(index: 0), time: now, reading: reading)
                journal.append(Batch(device: DeviceID(index: 0), received: Moment(monotonic: .zero, wall: now), samples: [sample]))
            }
            if second % 50 == 0 { try await journal.flush() }
            if archives, second % 50 == 0 { try journal.archive(all: true) }
        }
        try await journal.flush()
        guard endsInOrder else { return }
        try #require(journal.store.withLock { $0 }).end(at: noon.advanced(by: .seconds(seconds.upperBound)))
    }

    private func gaps(_ folder: String, to second: Int, silence: Duration? = nil) throws -> [String] {
        var question = PastQuestion(
            of: try #require(PointName("station/pump/p0")), from: noon, to: noon.advanced(by: .seconds(second)), step: nil)
        question.silence = silence
        return try HistoryReader(folder: folder).past(question).flatMap(\.gaps).map {
            "\(($0.from.milliseconds - noon.milliseconds) / 1000)-\(($0.to.milliseconds - noon.milliseconds) / 1000) \($0.why.word)"
        }
    }

    @Test("a device that says nothing, one that answers badly, and a gateway that is not there are told apart", arguments: [true, false])
    func reasons(endsInOrder: Bool) async throws {
        try await withFolder { folder in
            try await run(folder, 0...400, endsInOrder: endsInOrder) { second in
                switch second {
                case 100..<200: nil
                case 300..<310: .bad(.sensorFault)
                default: .good(.double(1))
                }
            }
            try await run(folder, 700...900) { _ in .good(.double(2)) }
            #expect(
                try gaps(folder, to: 901)
                    == ["99-200 device-silent", "299-310 sensor-fault", "400-700 gateway-not-running"])
            #expect(try gaps(folder, to: 901, silence: .seconds(60)) == ["99-200 device-silent", "400-700 gateway-not-running"])
            #expect(try gaps(folder, to: 2000).last == "900-2000 gateway-not-running")
        }
    }

    @Test("a gateway that was killed while a device was silent is blamed for its own part only", arguments: [true, false])
    func killed(archives: Bool) async throws {
        try await withFolder { folder in
            try await run(folder, 0...1000, endsInOrder: false, archives: archives) { $0 < 300 ? .good(.double(1)) : nil }
            try await run(folder, 1600...2700, endsInOrder: false, archives: archives) { $0 > 1700 ? .good(.double(1)) : nil }
            #expect(
                try gaps(folder, to: 2701)
                    == ["299-1000 device-silent", "1000-1600 gateway-not-running", "1600-1701 device-silent"])
        }
    }

    @Test("a county whose devices are all gone is told from one whose gateway is")
    func allGone() async throws {
        try await withFolder { folder in
            // The last that is stored is that the pump has gone.
            try await run(folder, 0...100, endsInOrder: false) { $0 < 100 ? .good(.double(1)) : .bad(.commFailure) }
            #expect(try gaps(folder, to: 4000) == ["99-4000 comm-failure"])
            try await run(folder, 5000...5010, endsInOrder: false) { _ in .good(.double(1)) }
            #expect(try gaps(folder, to: 5011) == ["99-5000 gateway-not-running"])
            #expect(try gaps(folder, to: 6000) == ["99-5000 gateway-not-running", "5010-6000 gateway-not-running"])
        }
    }

    @Test("a gateway that runs is not missing, however long the device is silent; before the first run there are no records")
    func now() async throws {
        try await withFolder { folder in
            try await run(folder, 500...2000, endsInOrder: false) { $0 < 900 ? .good(.double(1)) : nil }
            #expect(try gaps(folder, to: 2010) == ["0-500 no-records", "899-2010 device-silent"])
        }
    }
}
