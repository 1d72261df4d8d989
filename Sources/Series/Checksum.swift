/// CRC-32C (Castagnoli), as RFC 3720 (iSCSI) uses it: polynomial 0x1EDC6F41 reflected, first and last inverted.
/// It finds every flip of up to five bits in a chunk of usual size, and every damaged stretch of up to 32 bits.
enum Checksum {
    static let length = 4

    /// Eight tables of 256: table `k` is the remainder of a byte followed by `k` zero bytes, so eight bytes go at once.
    private static let tables: [UInt32] = {
        var tables = (0..<256 as Range<UInt32>).map { byte in
            (0..<8).reduce(byte) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
        }
        return tables
    }()

    /// The checksum of the first `count` bytes.
    static func crc32c(_ bytes: [UInt8], count: Int) -> UInt32 {
        precondition(count <= bytes.count, "a checksum beyond the end")
        // Unsafe only to load eight bytes as one number; every offset stays below `count`.
        return bytes.withUnsafeBytes { raw in
            tables.withUnsafeBufferPointer { tables in
                var crc: UInt32 = 0xFFFF_FFFF
                var offset = 0
                while offset + 8 <= count {
                    let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(crc)
                    crc = 0
                    for place in 0..<8 {
                        crc ^= tables[(7 - place) * 256 + Int(UInt8(truncatingIfNeeded: word >> UInt64(place * 8)))]
                    }
                    offset += 8
                }
                while offset < count {
                    crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ raw[offset])]
                    offset += 1
                }
                return ~crc
            }
        }
    }

    /// Adds four bytes, little-endian, after what is there.
    static func seal(_ bytes: inout [UInt8]) {
        let crc = crc32c(bytes, count: bytes.count)
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: crc >> shift)) }
    }

    /// Refuses bytes that do not end in their own checksum.
    static func verify(_ bytes: [UInt8]) throws(ChunkError) {
        let end = bytes.count - length
        guard end > 0 else { throw .truncated(bytes: bytes.count) }
        var stored: UInt32 = 0
        for place in 0..<length { stored |= UInt32(bytes[end + place]) << UInt32(place * 8) }
        guard stored == crc32c(bytes, count: end) else { throw .damaged }
    }
}
