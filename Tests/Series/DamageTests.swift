import Telemetry
import Testing

@testable import Series

@Suite("Damage")
struct DamageTests {
    /// Small chunks of every kind of column.
    static let chunks: [[UInt8]] = [
        Chunk.encode(everySecond(Workload.level(40, seed: 1), jitter: 0...5)),
        Chunk.encode(everySecond(Workload.level(20, seed: 1, read: { $0 }), jitter: 0...5)),
        Chunk.encode(everySecond(Workload.onOff(500, seed: 2))),
        Chunk.encode(everySecond((0..<30).map { .string($0 % 3 == 0 ? "run" : "idle") })),
        Chunk.encode(everySecond((0..<30).map { .uint(UInt64($0) * 1_000_000_007 % 997) })),
        Chunk.encode(everySecond(ChunkTests.values)),
        Chunk.encode(
            Columns(ChunkTests.readings.enumerated().map { (time: at(Int64($0) * 7919 % 1000), reading: $1) })),
    ]

    static let run = RollupRun.encode(Rollup.of(everySecond(Workload.level(600, seed: 3)), length: .seconds(60)))

    @Test("a chunk with one bit turned over is refused", arguments: chunks.indices)
    func bitFlips(index: Int) {
        let chunk = Self.chunks[index]
        #expect(
            Self.flipped(chunk).allSatisfy { bytes in
                Self.error { () throws(ChunkError) in _ = try Chunk.decode(bytes) } == .damaged
            })
        #expect(
            Self.flipped(chunk).allSatisfy { bytes in
                Self.error { () throws(ChunkError) in _ = try Chunk.summary(of: bytes) } == .damaged
            })
    }

    /// The bytes with each of their bits turned over in turn.
    private static func flipped(_ bytes: [UInt8]) -> [[UInt8]] {
        (0..<bytes.count * 8).map { bit in
            var other = bytes
            other[bit / 8] ^= 1 << (bit % 8)
            return other
        }
    }

    private static func error(_ body: () throws(ChunkError) -> Void) -> ChunkError? {
        do { try body() } catch { return error }
        return nil
    }

    @Test("a chunk that is cut off, or has something added, is refused", arguments: chunks.indices)
    func truncations(index: Int) {
        let whole = Self.chunks[index]
        for count in whole.indices {
            #expect(throws: ChunkError.self) { try Chunk.decode(Array(whole[..<count])) }
        }
        #expect(throws: ChunkError.damaged) { try Chunk.decode(whole + [0]) }
        #expect(throws: ChunkError.malformed("1 bytes follow its last sample")) {
            try Chunk.decode(sealed(whole.dropLast(4) + [0]))
        }
    }

    @Test("a chunk that is cut off and sealed again is refused, and never traps", arguments: chunks.indices)
    func sealedTruncations(index: Int) {
        let content = Self.chunks[index].dropLast(4)
        for count in 1..<content.count {
            #expect(throws: ChunkError.self) { try Chunk.decode(sealed(content.prefix(count))) }
        }
    }

    @Test("a rollup run with one bit turned over, or cut off, is refused")
    func rollupRuns() {
        #expect(
            Self.flipped(Self.run).allSatisfy { bytes in
                Self.error { () throws(ChunkError) in _ = try RollupRun.decode(bytes) } == .damaged
            })
        for count in Self.run.indices {
            #expect(throws: ChunkError.self) { try RollupRun.decode(Array(Self.run[..<count])) }
        }
    }

    @Test("damage with a checksum that matches gives samples or an error, and never traps", arguments: 0..<60 as Range<UInt64>)
    func forged(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            var content = Array(random.pick(Self.chunks + [Self.run]).dropLast(4))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: content.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: content[place] = UInt8.random(in: 0...255, using: &random)
                case 1: content[place] = random.pick([0, 1, 0x7F, 0x80, 0xFF])
                case 2: content.insert(contentsOf: (0..<Int.random(in: 1...9, using: &random)).map { _ in 0xFF }, at: place)
                default: content.remove(at: place)
                }
            }
            let bytes = sealed(content)
            if let columns = try? Chunk.decode(bytes) {
                #expect(columns.count <= Chunk.maximumCount)
                // What was read can be used.
                _ = Rollup.of(columns, length: .seconds(60))
                columns.forEach { _, _ in }
            }
            if let rollups = try? RollupRun.decode(bytes) { _ = Rollup.of(rollups, length: .seconds(3600)) }
        }
    }

    @Test("random bytes with a good head and a good end are refused or read", arguments: 0..<40 as Range<UInt64>)
    func randomBytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            var content = (0..<Int.random(in: 1...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            content[0] = random.pick([Chunk.format, RollupRun.format])
            _ = try? Chunk.decode(sealed(content))
            _ = try? RollupRun.decode(sealed(content))
        }
    }

    @Test("a claim of more samples than a chunk can have is refused before any room is taken")
    func claims() {
        // Four billion samples in ten bytes.
        let claim: [UInt8] = [Chunk.format, 0x80, 0x80, 0x80, 0x80, 0x10]
        #expect(throws: ChunkError.malformed("it claims 4294967296 samples where at most 65536 can be")) {
            try Chunk.decode(sealed(claim))
        }
    }

    @Test("a summary that its samples belie, or that cannot be, is refused")
    func contradictions() {
        let columns = everySecond((0..<10).map { .int($0) })
        func forged(_ summary: Chunk.Summary) -> [UInt8] {
            var writer = ByteWriter()
            writer.append(Chunk.format)
            summary.encode(into: &writer)
            columns.encode(into: &writer)
            return sealed(writer.bytes)
        }
        func summary(good: Int = 10, uncertain: Int = 0, last: Int64 = midnight + 9000) -> Chunk.Summary {
            Chunk.Summary(
                count: 10, good: good, uncertain: uncertain, first: at(midnight), last: at(last),
                statistics: good < 10 ? nil : Statistics(of: columns))
        }
        #expect(forged(summary()) == Chunk.encode(columns))
        #expect(throws: Never.self) { try Chunk.summary(of: forged(summary(good: 9, uncertain: 1))) }
        for bytes in [
            forged(summary(good: 9, uncertain: 0)), forged(summary(good: 9, uncertain: 1)), forged(summary(good: 10, uncertain: 1)),
            forged(summary(good: 11)), forged(summary(last: midnight - 1)),
        ] { #expect(throws: ChunkError.self) { try Chunk.decode(bytes) } }
    }

    @Test("a rollup of more good samples than samples is refused")
    func impossibleRollups() {
        for (good, uncertain, numbers) in [(4, 0, 4), (2, 2, 2), (2, 1, 3)] {
            var rollup = Rollup(start: at(0))
            (rollup.count, rollup.good, rollup.uncertain) = (3, good, uncertain)
            rollup.statistics = Statistics(count: numbers, min: 0, max: 1, sum: 1)
            #expect(throws: ChunkError.malformed("a rollup has parts that are more than its whole")) {
                try RollupRun.decode(RollupRun.encode([rollup]))
            }
        }
    }

    @Test("of all bytes just those are marks that some reading has, and they give it back")
    func marks() {
        var known: Set<UInt8> = []
        for reading in ChunkTests.values.flatMap({ value in [.good(value)] + Cause.allCases.map { .uncertain(value, $0) } })
            + Cause.allCases.map(Reading.bad)
        {
            let mark = Mark(reading)
            known.insert(mark.byte)
            #expect(Exact(at(0), mark.reading(reading.value)) == Exact(at(0), reading))
        }
        #expect(known == Set((0...255 as ClosedRange<UInt8>).filter { Mark(byte: $0) != nil }))
        #expect(known.count == 5 + 5 * 6 + 6)
    }

    @Test("a chunk of a later format, or a rollup run, is named as such")
    func formats() {
        #expect(throws: ChunkError.unknownFormat(9)) { try Chunk.decode(sealed([9, 1, 2, 3])) }
        #expect(throws: ChunkError.unknownFormat(RollupRun.format)) { try Chunk.decode(Self.run) }
        #expect(throws: ChunkError.unknownFormat(Chunk.format)) { try RollupRun.decode(Self.chunks[0]) }
        #expect(throws: ChunkError.truncated(bytes: 4)) { try Chunk.decode([1, 2, 3, 4]) }
        #expect(throws: ChunkError.truncated(bytes: 0)) { try Chunk.decode([]) }
    }
}
