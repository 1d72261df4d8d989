package import Telemetry

extension Chunk {
    /// What a chunk holds: enough to leave it unread.
    package struct Summary: Hashable, Sendable {
        package let count: Int
        package let good: Int
        package let uncertain: Int
        /// The earliest and the latest source time; in a chunk out of order not those of its first and last sample.
        package let first: Timestamp
        package let last: Timestamp
        /// Of the good numbers; nil if there are none.
        package let statistics: Statistics?
    }
}

extension Chunk.Summary {
    init(of columns: Columns) {
        count = columns.count
        good = columns.count(of: .good)
        uncertain = columns.count(of: .uncertain)
        first = Timestamp(milliseconds: columns.times.min() ?? 0)
        last = Timestamp(milliseconds: columns.times.max() ?? 0)
        statistics = Statistics(of: columns)
    }

    /// Varints: samples, good, uncertain; first time, zigzag; the span to the last; numbers; and if any, three doubles.
    func encode(into writer: inout ByteWriter) {
        writer.append(varint: UInt64(count))
        writer.append(varint: UInt64(good))
        writer.append(varint: UInt64(uncertain))
        writer.append(zigzag: first.milliseconds)
        writer.append(varint: UInt64(bitPattern: last.milliseconds &- first.milliseconds))
        writer.append(varint: UInt64(statistics?.count ?? 0))
        guard let statistics else { return }
        for number in [statistics.min, statistics.max, statistics.sum] { writer.append(word: number.bitPattern) }
    }

    init(decoding reader: inout ByteReader) throws(ChunkError) {
        count = try reader.count(atMost: Chunk.maximumCount, of: "samples")
        good = try reader.count(atMost: count, of: "good samples")
        uncertain = try reader.count(atMost: count - good, of: "uncertain samples")
        let start = try reader.zigzag()
        first = Timestamp(milliseconds: start)
        last = Timestamp(milliseconds: start &+ Int64(bitPattern: try reader.varint()))
        guard count > 0, first <= last else { throw .malformed("its summary is of nothing") }
        let numbers = try reader.count(atMost: good, of: "good numbers")
        guard numbers > 0 else {
            statistics = nil
            return
        }
        let words = (try reader.word(), try reader.word(), try reader.word())
        statistics = Statistics(
            count: numbers, min: Double(bitPattern: words.0), max: Double(bitPattern: words.1), sum: Double(bitPattern: words.2))
    }
}
