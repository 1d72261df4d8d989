import Series

/// The pasts of neighbouring points over one stretch of time, in one row.
///
/// Sixteen points share a shelf, so that a pass over the journal writes few rows, and reading one point reads few bytes of
/// others: a format byte; the number of points, a byte; for each the place on the shelf, a byte, and the length of its part,
/// a varint; the parts. Each part guards itself by a checksum (`Chunk`, `RollupRun`).
enum Segment {
    static let format: UInt8 = 1
    /// Points on one shelf.
    static let width: Int64 = 16

    /// What the parts of a row are. Numbers on disk.
    enum Kind: Int64, CaseIterable {
        case samples = 0
        /// Rollups of so many seconds.
        case minutes = 60
        case hours = 3600
    }

    static func shelf(of point: Int64) -> Int64 { point >> 4 }

    static func place(of point: Int64) -> UInt8 { UInt8(truncatingIfNeeded: point & (width - 1)) }

    static func encode(_ parts: [(place: UInt8, bytes: [UInt8])]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(format)
        writer.append(UInt8(clamping: parts.count))
        for part in parts {
            writer.append(part.place)
            writer.append(varint: UInt64(part.bytes.count))
        }
        for part in parts { writer.append(part.bytes) }
        return writer.bytes
    }

    /// The parts, by their places. Bytes of any origin give parts or an error.
    static func decode(_ bytes: [UInt8]) throws(PayloadError) -> [(place: UInt8, bytes: ArraySlice<UInt8>)] {
        guard bytes.count >= 2, bytes[0] == format else { throw PayloadError(reason: "it does not begin as a segment does") }
        var position = 2
        var lengths: [(place: UInt8, length: Int)] = []
        for _ in 0..<bytes[1] {
            guard position < bytes.count else { throw PayloadError(reason: "it ends in its directory") }
            let place = bytes[position]
            position += 1
            var (length, shift) = (0, 0)
            while true {
                guard position < bytes.count, shift <= 35 else { throw PayloadError(reason: "it ends in its directory") }
                let byte = bytes[position]
                position += 1
                length |= Int(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            lengths.append((place, length))
        }
        var parts: [(place: UInt8, bytes: ArraySlice<UInt8>)] = []
        for (place, length) in lengths {
            guard length <= bytes.count - position else { throw PayloadError(reason: "a part ends beyond it") }
            parts.append((place, bytes[position..<position + length]))
            position += length
        }
        guard position == bytes.count else { throw PayloadError(reason: "\(bytes.count - position) bytes follow its last part") }
        return parts
    }
}
