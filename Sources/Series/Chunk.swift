import Telemetry

/// A stretch of one point's past as bytes.
///
/// A format byte; the summary; the samples (see `Columns.encode`); the CRC-32C of all that, four bytes, little-endian.
/// Every sample comes back with every bit, in its place: times of any order, NaNs of any kind, readings of any quality.
package enum Chunk {
    static let format: UInt8 = 1

    /// A chunk of regular samples is a few bytes however many they are, so the count needs a bound of its own.
    package static let maximumCount = 1 << 16

    /// - Precondition: 1 to `maximumCount` samples. About a thousand is best: fewer share a header, more are read for nothing.
    package static func encode(_ columns: Columns) -> [UInt8] {
        precondition((1...maximumCount).contains(columns.count), "a chunk of no samples, or of too many")
        var writer = ByteWriter(capacity: 64 + columns.count * 3)
        writer.append(format)
        Summary(of: columns).encode(into: &writer)
        columns.encode(into: &writer)
        var bytes = writer.bytes
        Checksum.seal(&bytes)
        return bytes
    }

    /// The samples. Bytes of any origin give those of a chunk or an error, and take room only for what a chunk can hold.
    package static func decode(_ bytes: [UInt8]) throws(ChunkError) -> Columns {
        var reader = try reader(of: bytes)
        let summary = try Summary(decoding: &reader)
        let columns = try Columns(decoding: &reader, count: summary.count)
        guard reader.remaining == 0 else { throw .malformed("\(reader.remaining) bytes follow its last sample") }
        guard columns.count(of: .good) == summary.good, columns.count(of: .uncertain) == summary.uncertain else {
            throw .malformed("its summary and its samples disagree")
        }
        return columns
    }

    /// What the chunk holds, without its samples; the checksum is verified all the same.
    package static func summary(of bytes: [UInt8]) throws(ChunkError) -> Summary {
        var reader = try reader(of: bytes)
        return try Summary(decoding: &reader)
    }

    private static func reader(of bytes: [UInt8]) throws(ChunkError) -> ByteReader {
        try Checksum.verify(bytes)
        var reader = ByteReader(bytes, end: bytes.count - Checksum.length)
        let found = try reader.byte()
        guard found == format else { throw .unknownFormat(found) }
        return reader
    }
}
