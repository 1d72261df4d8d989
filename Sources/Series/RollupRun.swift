import Telemetry

/// Many rollups of one point as bytes, columnar as a chunk.
///
/// A format byte; how many, a varint; `IntegerColumn`s of starts, counts, good, uncertain, numbers; `DoubleColumn`s of the least,
/// the greatest and the sum where there are numbers; how many have a last value, and these as samples (see `Columns.encode`),
/// with the indices of their rollups; the CRC-32C of all that.
package enum RollupRun {
    static let format: UInt8 = 0x81

    package static let maximumCount = 1 << 16

    /// - Precondition: 1 to `maximumCount` rollups. Of any order, though they take least room in that of time.
    package static func encode(_ rollups: [Rollup]) -> [UInt8] {
        precondition((1...maximumCount).contains(rollups.count), "a run of no rollups, or of too many")
        var writer = ByteWriter(capacity: 64 + rollups.count * 16)
        writer.append(format)
        writer.append(varint: UInt64(rollups.count))
        IntegerColumn.encode(rollups.map(\.start.milliseconds), into: &writer)
        for count in [\Rollup.count, \.good, \.uncertain] {
            IntegerColumn.encode(rollups.map { Int64($0[keyPath: count]) }, into: &writer)
        }
        IntegerColumn.encode(rollups.map { Int64($0.statistics?.count ?? 0) }, into: &writer)
        let statistics = rollups.compactMap(\.statistics)
        DoubleColumn.encode(statistics.map(\.min), into: &writer)
        DoubleColumn.encode(statistics.map(\.max), into: &writer)
        DoubleColumn.encode(statistics.map(\.sum), into: &writer)
        let lasts = rollups.indices.filter { rollups[$0].last != nil }
        writer.append(varint: UInt64(lasts.count))
        if !lasts.isEmpty {
            IntegerColumn.encode(lasts.map(Int64.init), into: &writer)
            var columns = Columns()
            for last in rollups.compactMap(\.last) { columns.append(last.time, .good(last.value)) }
            columns.encode(into: &writer)
        }
        var bytes = writer.bytes
        Checksum.seal(&bytes)
        return bytes
    }

    /// The rollups as they were, in their order.
    package static func decode(_ bytes: [UInt8]) throws(ChunkError) -> [Rollup] {
        try Checksum.verify(bytes)
        var reader = ByteReader(bytes, end: bytes.count - Checksum.length)
        let found = try reader.byte()
        guard found == format else { throw .unknownFormat(found) }
        let count = try reader.count(atMost: maximumCount, of: "rollups")
        guard count > 0 else { throw .malformed("it is a run of nothing") }
        var rollups = try IntegerColumn.decode(&reader, count: count).map { Rollup(start: Timestamp(milliseconds: $0)) }
        for path in [\Rollup.count, \.good, \.uncertain] {
            for (index, number) in try counts(&reader, count).enumerated() { rollups[index][keyPath: path] = number }
        }
        let numbers = try counts(&reader, count)
        for (rollup, numbers) in zip(rollups, numbers) {
            guard numbers <= rollup.good, rollup.good <= rollup.count, rollup.uncertain <= rollup.count - rollup.good else {
                throw .malformed("a rollup has parts that are more than its whole")
            }
        }
        try decodeStatistics(&reader, numbers: numbers, into: &rollups)
        try decodeLasts(&reader, into: &rollups)
        guard reader.remaining == 0 else { throw .malformed("\(reader.remaining) bytes follow its last rollup") }
        return rollups
    }

    private static func counts(_ reader: inout ByteReader, _ count: Int) throws(ChunkError) -> [Int] {
        var counts: [Int] = []
        for number in try IntegerColumn.decode(&reader, count: count) {
            // Whoever adds up a few billion of them stays far from the end of 64 bits.
            guard (0...1 << 31).contains(number) else { throw .malformed("a rollup has \(number) samples") }
            counts.append(Int(number))
        }
        return counts
    }

    private static func decodeStatistics(
        _ reader: inout ByteReader, numbers: [Int], into rollups: inout [Rollup]
    ) throws(ChunkError) {
        let places = numbers.indices.filter { numbers[$0] > 0 }
        let least = try DoubleColumn.decode(&reader, count: places.count)
        let greatest = try DoubleColumn.decode(&reader, count: places.count)
        let sums = try DoubleColumn.decode(&reader, count: places.count)
        for (index, place) in places.enumerated() {
            rollups[place].statistics = Statistics(
                count: numbers[place], min: least[index], max: greatest[index], sum: sums[index])
        }
    }

    private static func decodeLasts(_ reader: inout ByteReader, into rollups: inout [Rollup]) throws(ChunkError) {
        let count = try reader.count(atMost: rollups.count, of: "last values")
        guard count > 0 else { return }
        let places = try IntegerColumn.decode(&reader, count: count)
        let columns = try Columns(decoding: &reader, count: count)
        for part in columns.parts {
            for index in part.samples {
                guard let place = Int(exactly: places[index]), rollups.indices.contains(place),
                    let value = columns.value(of: part.mark.kind, at: index + part.shift)
                else { throw .malformed("a last value belongs to no rollup") }
                rollups[place].last = Rollup.Last(time: Timestamp(milliseconds: columns.times[index]), value: value)
            }
        }
    }
}
