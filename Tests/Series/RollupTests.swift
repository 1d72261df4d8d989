import Telemetry
import Testing

@testable import Series

@Suite("Rollup")
struct RollupTests {
    /// By numpy 2.4:
    ///
    ///     i = numpy.arange(500); i = i[(i % 97 < 10) | (i % 97 >= 30)]
    ///     t = 1782000000000 - 250000 + i * 7000 + i * i % 11 * 100; v = i * 7919 % 1000 / 10 - 20
    ///     good = (i % 13 != 0) & (i % 17 != 0); uncertain = (i % 13 != 0) & (i % 17 == 0)
    ///     for s in numpy.unique(t // length * length):
    ///         b = t // length * length == s; g = b & good; k = numpy.lexsort((i[g], t[g]))[-1]
    ///         print(length, s, b.sum(), g.sum(), (b & uncertain).sum(), v[g].min(), v[g].max(), v[g].mean(), v[g][k])
    struct Golden: Sendable {
        let length, second, count, good, uncertain: Int
        let min, max, mean, last: Double

        init(_ length: Int, _ second: Int, _ counts: (Int, Int, Int), _ min: Double, _ max: Double, _ mean: Double, _ last: Double) {
            (self.length, self.second, (count, good, uncertain)) = (length, second, counts)
            (self.min, self.max, self.mean, self.last) = (min, max, mean, last)
        }
    }

    static let golden = [
        Golden(600, -600, (16, 14, 1), -3.5, 71.9, 32.24285714285714, -3.5),
        Golden(600, 0, (71, 61, 4), -19.7, 78.1, 27.89180327868853, 21.4),
        Golden(600, 600, (77, 67, 4), -18.8, 78.7, 31.03880597014925, 35.7),
        Golden(600, 1200, (69, 60, 4), -17.9, 79.6, 29.520000000000003, 14.799999999999997),
        Golden(600, 1800, (66, 56, 4), -19.8, 79.9, 30.366071428571427, 18.200000000000003),
        Golden(600, 2400, (66, 59, 3), -19.5, 78.3, 31.27457627118644, 21.6),
        Golden(600, 3000, (30, 25, 2), -18.9, 75.8, 28.747999999999998, -5.199999999999999),
        Golden(60, -300, (2, 1, 0), 71.9, 71.9, 71.9, 71.9), Golden(60, -240, (8, 8, 0), 7.100000000000001, 63.8, 35.45, 7.100000000000001),
        Golden(60, 1020, (8, 6, 1), -18.5, 73.4, 24.75, 49.099999999999994),
        Golden(60, 1680, (9, 9, 0), -12.3, 79.6, 23.11111111111111, 79.6),
    ]

    static let samples: [TimedReading] = (0..<500).filter { $0 % 97 < 10 || $0 % 97 >= 30 }.map { i in
        let time = at(midnight - 250_000 + Int64(i * 7000 + i * i % 11 * 100))
        let value = Value.double(Double(i * 7919 % 1000) / 10 - 20)
        return (time, i % 13 == 0 ? .bad(.stale) : i % 17 == 0 ? .uncertain(value, .substituted) : .good(value))
    }

    @Test("buckets hold what numpy finds in them", arguments: golden)
    func numpy(golden: Golden) throws {
        let all = Rollup.of(Columns(Self.samples), length: .seconds(golden.length))
        #expect(all.count == (golden.length == 600 ? 7 : 52))
        let rollup = try #require(all.first { $0.start == at(midnight + Int64(golden.second) * 1000) })
        #expect(rollup.count == golden.count && rollup.good == golden.good && rollup.uncertain == golden.uncertain)
        #expect(rollup.min == golden.min && rollup.max == golden.max)
        #expect(abs(try #require(rollup.mean) - golden.mean) < 1e-12)
        #expect(rollup.last?.value == .double(golden.last))
    }

    @Test("rollups of parts, merged in whatever grouping, are those of the whole", arguments: 0..<40 as Range<UInt64>)
    func associative(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let samples = (0..<90).map { _ -> TimedReading in
            let value = Value.double(Double(Int.random(in: -5000...5000, using: &random)) / 100)
            let reading = random.pick([Reading.good(value), .good(value), .uncertain(value, .clockUntrusted), .bad(.sensorFault)])
            return (at(midnight + .random(in: 0..<60_000, using: &random)), reading)
        }
        let cuts = [Int.random(in: 1..<45, using: &random), Int.random(in: 45..<90, using: &random)]
        func rollup(_ part: some Collection<TimedReading>) throws -> Rollup {
            try #require(Rollup.of(Columns(part), length: .seconds(60)).first)
        }
        let (a, b, c) = (try rollup(samples[..<cuts[0]]), try rollup(samples[cuts[0]..<cuts[1]]), try rollup(samples[cuts[1]...]))
        let whole = try rollup(samples)
        for grouping in [a.merged(with: b).merged(with: c), a.merged(with: b.merged(with: c))] {
            #expect(grouping.count == whole.count && grouping.good == whole.good && grouping.uncertain == whole.uncertain)
            #expect(grouping.min == whole.min && grouping.max == whole.max && grouping.last == whole.last)
            #expect(grouping.statistics?.count == whole.statistics?.count)
            #expect(abs(try #require(grouping.mean) - (try #require(whole.mean))) < 1e-11)
        }
    }

    @Test("hours from minutes are hours from samples")
    func coarser() throws {
        let columns = Columns(Self.samples)
        let hours = Rollup.of(Rollup.of(columns, length: .seconds(60)), length: .seconds(3600))
        let direct = Rollup.of(columns, length: .seconds(3600))
        #expect(hours.count == 2 && direct.count == 2)
        for (hour, other) in zip(hours, direct) {
            #expect(hour.start == other.start && hour.good == other.good && hour.last == other.last && hour.max == other.max)
            #expect(abs(try #require(hour.mean) - (try #require(other.mean))) < 1e-11)
        }
    }

    @Test("a truth value's mean is its duty, an integer's its mean, a text has a count and a last word")
    func kinds() throws {
        let duty = try #require(Rollup.of(everySecond((0..<60).map { .bool($0 < 15) }), length: .seconds(60)).first)
        #expect(duty.mean == 0.25 && duty.min == 0 && duty.max == 1 && duty.last?.value == .bool(false))
        let counter = try #require(Rollup.of(everySecond((0..<60).map { .uint(UInt64($0)) }), length: .seconds(60)).first)
        #expect(counter.mean == 29.5 && counter.last?.value == .uint(59))
        let text = try #require(Rollup.of(everySecond([.string("idle"), .string("run")]), length: .seconds(60)).first)
        #expect(text.good == 2 && text.statistics == nil && text.mean == nil && text.last?.value == .string("run"))
    }

    @Test("what is not good is never in the numbers, and what is no number neither")
    func neverMixed() throws {
        var columns = Columns()
        columns.append(at(100), .uncertain(.double(1e9), .substituted))
        columns.append(at(200), .good(.double(.infinity)))
        columns.append(at(300), .bad(.commFailure))
        let without = try #require(Rollup.of(columns, length: .seconds(60)).first)
        #expect(without.count == 3 && without.good == 1 && without.uncertain == 1 && without.statistics == nil)
        columns.append(at(400), .good(.double(2)))
        columns.append(at(500), .uncertain(.double(-1e9), .outOfRange))
        let with = try #require(Rollup.of(columns, length: .seconds(60)).first)
        #expect(with.statistics == Statistics(count: 1, min: 2, max: 2, sum: 2) && with.last?.time == at(400))
    }

    @Test("a late sample changes its own bucket, and is last only if its time is")
    func late() {
        var columns = Columns()
        columns.append(at(70_000), .good(.int(1)))
        columns.append(at(30_000), .good(.int(2)))
        columns.append(at(65_000), .good(.int(3)))
        columns.append(at(-1), .good(.int(4)))
        columns.append(at(70_000), .good(.int(5)))
        let rollups = Rollup.of(columns, length: .seconds(60))
        #expect(rollups.map(\.start) == [at(-60_000), at(0), at(60_000)])
        #expect(rollups.map(\.last?.value) == [.int(4), .int(2), .int(5)])
        #expect(rollups.map(\.good) == [1, 1, 3])
    }

    @Test("the ends of the calendar have buckets, if short ones", arguments: [1, 60_000, 3_600_000, .max])
    func ends(length: Int64) {
        let grid = Grid(.milliseconds(length))
        for time in [Int64.min, .min + 1, -length, -1, 0, 1, length, .max - 1, .max] {
            let bucket = grid.bucket(around: time)
            #expect(bucket.contains(time))
            #expect(bucket.lowerBound == .min || bucket.lowerBound % length == 0)
            #expect(bucket.upperBound == .max || bucket.upperBound &- bucket.lowerBound < length)
        }
        let columns = Columns([Int64.min, .max, 0].map { (time: at($0), reading: .good(.int(1))) })
        #expect(Rollup.of(columns, length: .milliseconds(length)).reduce(0) { $0 + $1.good } == 3)
    }

    @Test("a run of rollups comes back as it was", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        let series: [Columns] = [
            everySecond(Workload.level(3000, seed: seed)), everySecond(Workload.onOff(3000, seed: seed)), Columns(Self.samples),
            everySecond((0..<200).map { .string("\($0 / 70)") }),
            Columns(ChunkTests.readings.enumerated().map { (time: at(Int64($0) * 20_000), reading: $1) }),
            Columns(Cause.allCases.enumerated().map { (time: at(Int64($0) * 90_000), reading: .bad($1)) }),
        ]
        for columns in series {
            let rollups = Rollup.of(columns, length: .seconds(60))
            let back = try RollupRun.decode(RollupRun.encode(rollups))
            // A last value may be NaN, which differs from itself.
            #expect(back.map { bits($0.last?.value) } == rollups.map { bits($0.last?.value) })
            #expect(back.map(\.last?.time) == rollups.map(\.last?.time) && back.map(\.statistics) == rollups.map(\.statistics))
            #expect(back.map(\.start) == rollups.map(\.start) && back.map(\.count) == rollups.map(\.count))
            #expect(back.map(\.good) == rollups.map(\.good) && back.map(\.uncertain) == rollups.map(\.uncertain))
        }
    }

    @Test("an hour of minutes takes less than twelve bytes a minute")
    func size() {
        let rollups = Rollup.of(everySecond(Workload.level(14_400, seed: 1), jitter: 0...6), length: .seconds(60))
        #expect(RollupRun.encode(rollups).count <= rollups.count * 12)
    }
}
