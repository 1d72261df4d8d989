import Telemetry
import Testing

@testable import Series

@Suite("Aggregation")
struct AggregationTests {
    /// One letter a second: a digit is a good reading, `u` an uncertain one, `b` a bad one, `.` silence; blanks part the buckets.
    private static func drawn(_ seconds: String) -> (columns: Columns, to: Timestamp) {
        var columns = Columns()
        let letters = seconds.filter { $0 != " " }
        for (second, letter) in letters.enumerated() {
            let time = at(midnight + Int64(second) * 1000)
            switch letter {
            case "u": columns.append(time, .uncertain(.double(99), .stale))
            case "b": columns.append(time, .bad(.commFailure))
            case ".": break
            default: columns.append(time, .good(.double(Double(String(letter)) ?? .nan)))
            }
        }
        return (columns, at(midnight + Int64(letters.count) * 1000))
    }

    @Test(
        "a gap is where nothing good was heard for longer than may be",
        arguments: [
            // Good, silence in whole seconds or none, gaps: none, partial, whole.
            ("111 111 111", 1, "NNN"), ("111 ... 111", 1, "PWN"), ("111 ... 111", 3, "PWN"), ("111 ... 111", 4, "NWN"),
            ("111 ... 111", nil, "NWN"), ("11b b.. .11", 1, "PWP"), ("11u uuu u11", 1, "PWP"), ("11u uuu u11", 6, "NWN"),
            (".11 111 11.", 1, "NNP"), (".11 111 11.", 2, "NNN"), ("..1 111 1..", 1, "PNP"), ("... ... ...", 1, "WWW"),
            ("1.. 1.. 1..", 3, "NNN"), ("1.. 1.. 1..", 2, "PPP"), ("1.. ..1 1..", 4, "PPN"), ("1.. ..1 1..", 5, "NNN"),
            ("1", 0, "P"), ("", 1, ""),
        ] as [(String, Int?, String)])
    func gaps(seconds: String, silence: Int?, gaps: String) throws {
        let (columns, to) = Self.drawn(seconds)
        let buckets = try Aggregation.aggregate(
            [columns], bucket: .seconds(3), from: at(midnight), to: to, silence: silence.map { .seconds($0) })
        let letters = buckets.map { bucket in
            switch bucket.gap {
            case .none: "N"
            case .partial: "P"
            case .whole: "W"
            }
        }
        #expect(letters.joined() == gaps)
    }

    @Test("buckets are the rollups of their samples, and the empty ones are there as well")
    func values() throws {
        let (columns, to) = Self.drawn("123 ub. ... 4b5")
        let buckets = try Aggregation.aggregate([columns], bucket: .seconds(3), from: at(midnight), to: to)
        #expect(buckets.map(\.start) == (0..<4).map { at(midnight + $0 * 3000) })
        #expect(buckets.map(\.rollup.mean) == [2, nil, nil, 4.5])
        #expect(buckets.map(\.rollup.count) == [3, 2, 0, 3])
        #expect(buckets.map(\.rollup.good) == [3, 0, 0, 2])
        #expect(buckets.map(\.rollup.uncertain) == [0, 1, 0, 0])
        #expect(buckets.map(\.rollup.last?.value) == [.double(3), nil, nil, .double(5)])
        let rollups = Rollup.of(columns, length: .seconds(3))
        #expect(buckets.map(\.rollup).filter { $0.count > 0 } == rollups)
    }

    @Test("the span cuts: its beginning is in, its end is out, and buckets stay on the grid")
    func cut() throws {
        let (columns, _) = Self.drawn("123 456 789")
        let buckets = try Aggregation.aggregate([columns], bucket: .seconds(3), from: at(midnight + 1000), to: at(midnight + 6000))
        #expect(buckets.map(\.start) == [at(midnight), at(midnight + 3000)])
        #expect(buckets.map(\.rollup.mean) == [2.5, 5])
        #expect(try Aggregation.aggregate([columns], bucket: .seconds(3), from: at(5), to: at(5)).isEmpty)
        #expect(try Aggregation.aggregate([columns], bucket: .seconds(3), from: at(6), to: at(5)).isEmpty)
    }

    @Test("samples in any order, in any chunks, give the same buckets", arguments: 0..<30 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let samples = (0..<200).filter { _ in Int.random(in: 0..<4, using: &random) > 0 }.map { index -> TimedReading in
            let value = Value.int(Int64.random(in: -50...50, using: &random))
            return (at(midnight + Int64(index) * 500), random.pick([.good(value), .good(value), .bad(.stale)]))
        }
        func aggregate(_ parts: [Columns]) throws -> [Aggregation.Bucket] {
            try Aggregation.aggregate(
                parts, bucket: .seconds(7), from: at(midnight + 3300), to: at(midnight + 90_000), silence: .seconds(1))
        }
        let inOrder = try aggregate([Columns(samples)])
        #expect(inOrder.contains { $0.gap == .partial })
        let shuffled = samples.shuffled(using: &random)
        let cut = Int.random(in: 1..<shuffled.count, using: &random)
        #expect(try aggregate([Columns(samples[..<cut]), Columns(samples[cut...])]) == inOrder)
        #expect(try aggregate([Columns(shuffled[..<cut]), Columns(), Columns(shuffled[cut...])]) == inOrder)
    }

    @Test("of samples of one time the one stored last is last, also when others have to be put in order")
    func repeated() throws {
        let parts = [[(0, 1), (9, 2), (5, 3)], [(5, 4), (9, 5), (2, 6), (9, 7)]].map { part in
            Columns(part.map { (time: at(midnight + $0.0), reading: .good(.int($0.1))) })
        }
        let buckets = try Aggregation.aggregate(parts, bucket: .milliseconds(1), from: at(midnight), to: at(midnight + 10))
        #expect(buckets.map(\.rollup.last?.value) == [.int(1), nil, .int(6), nil, nil, .int(4), nil, nil, nil, .int(7)])
    }

    @Test("a span of more buckets than anybody wants is refused before any room is taken")
    func tooMany() throws {
        let error = #expect(throws: Aggregation.TooManyBuckets.self) {
            try Aggregation.aggregate([], bucket: .milliseconds(1), from: at(.min), to: at(.max))
        }
        #expect(error?.wanted == .max)
        let five = try Aggregation.aggregate([], bucket: .seconds(60), from: at(0), to: at(300_000), limit: 5)
        #expect(five.map(\.gap) == Array(repeating: .whole, count: 5))
        #expect(throws: Aggregation.TooManyBuckets(wanted: 6, limit: 5)) {
            try Aggregation.aggregate([], bucket: .seconds(60), from: at(0), to: at(300_001), limit: 5)
        }
    }

    @Test("all of the calendar is a span like any other", arguments: [1 << 62, .max, 3_000_000_000_000_000_000] as [Int64])
    func calendar(length: Int64) throws {
        let columns = Columns([Int64.min, -1, 0, .max - 1].map { (time: at($0), reading: .good(.int(1))) })
        let buckets = try Aggregation.aggregate(
            [columns], bucket: .milliseconds(length), from: at(.min), to: at(.max), silence: .seconds(1))
        #expect(buckets.reduce(0) { $0 + $1.rollup.good } == 4)
        #expect(buckets.map(\.start) == buckets.map(\.start).sorted() && Set(buckets.map(\.start)).count == buckets.count)
    }
}
