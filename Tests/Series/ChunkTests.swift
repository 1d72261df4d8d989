import Telemetry
import Testing

@testable import Series

@Suite("Chunk")
struct ChunkTests {
    @Test("the workloads come back bit by bit", arguments: 0..<5 as Range<UInt64>)
    func workloads(seed: UInt64) throws {
        try expectRoundTrip(everySecond(Workload.level(1000, seed: seed), jitter: -3...3, seed: seed))
        try expectRoundTrip(everySecond(Workload.level(1000, seed: seed, read: { Double(Float($0)) }), seed: seed))
        try expectRoundTrip(everySecond(Workload.level(1000, seed: seed, read: { $0 }), seed: seed))
        try expectRoundTrip(everySecond(Workload.flow(1000, seed: seed), jitter: 0...200, seed: seed))
        try expectRoundTrip(everySecond(Workload.onOff(4000, seed: seed)))
        try expectRoundTrip(Workload.latitude(1000, grid: 1e7, seed: seed))
    }

    @Test("a level every second takes a byte and a quarter at most", arguments: 0..<4 as Range<UInt64>)
    func levelSize(seed: UInt64) throws {
        let columns = everySecond(Workload.level(1000, seed: seed), jitter: -3...3, seed: seed)
        #expect(Chunk.encode(columns).count <= 1250)
        let regular = everySecond(Workload.level(1000, seed: seed))
        #expect(Chunk.encode(regular).count <= 750)
        let floats = everySecond(Workload.level(1000, seed: seed, read: { Double(Float(($0 * 1000).rounded() / 1000)) }))
        #expect(Chunk.encode(floats).count <= 750)
    }

    @Test("a flow takes less than Gorilla's 1.37 bytes, a state a tenth of a byte, a truck's track two", arguments: 0..<4 as Range<UInt64>)
    func otherSizes(seed: UInt64) throws {
        #expect(Chunk.encode(everySecond(Workload.flow(1000, seed: seed), jitter: -3...3, seed: seed)).count <= 1370)
        #expect(Chunk.encode(everySecond(Workload.onOff(1000, seed: seed))).count <= 100)
        #expect(Chunk.encode(Workload.latitude(1000, grid: 1e6, seed: seed)).count <= 1600)
        #expect(Chunk.encode(Workload.latitude(1000, grid: 1e7, seed: seed)).count <= 2000)
    }

    @Test("any readings at any times come back bit by bit", arguments: 0..<300 as Range<UInt64>)
    func anything(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let count = random.pick([1, 2, 3, 20, 129, 400])
        let calm = Int.random(in: 1...40, using: &random)
        var (kind, time) = (0, midnight)
        try expectRoundTrip(
            Columns(
                (0..<count).map { index in
                    if index % calm == 0 { kind = Int.random(in: 0...8, using: &random) }
                    time = Self.time(after: time, calm: calm, &random)
                    return (time: at(time), reading: Self.reading(kind, &random))
                }))
    }

    @Test("every reading that there is comes back, alone in its chunk", arguments: readings)
    func alone(reading: Reading) throws {
        for time in [0, midnight, .min, .max] {
            let bytes = try expectRoundTrip(Columns([(time: at(time), reading: reading)]))
            let summary = try Chunk.summary(of: bytes)
            #expect(summary.first == at(time) && summary.last == at(time) && summary.count == 1)
            #expect(summary.good == (reading.quality == .good ? 1 : 0))
            #expect(summary.uncertain == (reading.quality == .uncertain ? 1 : 0))
        }
    }

    @Test("the largest chunk comes back")
    func largest() throws {
        let columns = everySecond(repeatElement(Value.double(7.25), count: Chunk.maximumCount))
        let bytes = Chunk.encode(columns)
        #expect(bytes.count < 100)
        #expect(try Chunk.decode(bytes).times == columns.times)
    }

    @Test("the summary tells what is in a chunk without opening it")
    func summary() throws {
        var columns = Columns()
        columns.append(at(5000), .good(.double(3)))
        columns.append(at(1000), .good(.double(-1.5)))
        columns.append(at(9000), .uncertain(.double(100), .substituted))
        columns.append(at(7000), .bad(.commFailure))
        columns.append(at(8000), .good(.double(.nan)))
        columns.append(at(8000), .good(.double(.infinity)))
        let summary = try Chunk.summary(of: Chunk.encode(columns))
        #expect(summary.count == 6 && summary.good == 4 && summary.uncertain == 1)
        #expect(summary.first == at(1000) && summary.last == at(9000))
        #expect(summary.statistics == Statistics(count: 2, min: -1.5, max: 3, sum: 1.5))
    }

    @Test("a span of time gives its samples, the beginning included, the end not")
    func span() throws {
        let columns = try Chunk.decode(Chunk.encode(everySecond((0..<100).map { .int($0) })))
        var found: [Reading] = []
        columns.forEach(from: at(midnight + 10_000), to: at(midnight + 13_000)) { found.append($1) }
        #expect(found == [10, 11, 12].map { .good(.int($0)) })
    }

    @Test("columns that were emptied start anew")
    func reuse() throws {
        var columns = everySecond(Workload.flow(50, seed: 1))
        columns.removeAll()
        #expect(columns.isEmpty)
        columns.append(at(1), .good(.string("a")))
        #expect(exact(try Chunk.decode(Chunk.encode(columns))) == [Exact(at(1), .good(.string("a")))])
    }

    static let values: [Value] = {
        var values: [Value] = [.bool(true), .bool(false), .string(""), .string("泵 1"), .string("e\u{301}"), .string("é")]
        values += [0, 1, -1, .min, .max].map(Value.int) + [0, 1, .max, 1 << 63].map(Value.uint)
        values += [0, -0.0, 0.1, 2.345, 3 * 0.1, 1e-7, .pi, 0x1p53, 0x1p53 + 2, .leastNonzeroMagnitude, -.greatestFiniteMagnitude].map(
            Value.double)
        values += [.infinity, -.infinity, .nan, -.nan, .signalingNaN].map(Value.double)
        values += [Double(nan: 0xBEEF, signaling: false), Double(Float.pi)].map(Value.double)
        return values
    }()

    static let readings: [Reading] =
        values.map(Reading.good) + Cause.allCases.map(Reading.bad)
        + values.indices.map { .uncertain(values[$0], Cause.allCases[$0 % Cause.allCases.count]) }

    /// Mostly onwards, sometimes the same, back, or out of this world.
    private static func time(after time: Int64, calm: Int, _ random: inout SeededRandom) -> Int64 {
        switch Int.random(in: 0..<calm * 8, using: &random) {
        case 0: random.pick([.min, .max, 0, time, Int64(bitPattern: random.next())])
        case 1: time &- .random(in: 0...100_000, using: &random)
        default: time &+ 1000
        }
    }

    private static func reading(_ kind: Int, _ random: inout SeededRandom) -> Reading {
        let value: Value =
            switch kind {
            case 0: .double(Double(bitPattern: random.next()))
            case 1: .double(Double(Int.random(in: -9999...9999, using: &random)) / 100)
            case 2: .double(Double(Int.random(in: -9999...9999, using: &random)) * 0.001)
            case 3: .int(.random(in: .min ... .max, using: &random))
            case 4: .uint(.random(in: 0...20, using: &random))
            case 5: .bool(.random(using: &random))
            case 6: .string(String(Int.random(in: 0...9, using: &random)))
            default: random.pick(values)
            }
        return switch Int.random(in: 0..<12, using: &random) {
        case 0: .bad(random.pick(Cause.allCases))
        case 1: .uncertain(value, random.pick(Cause.allCases))
        default: .good(value)
        }
    }
}
