/// Bytes, varints and packed bits, one after the other.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(contentsOf other: some Sequence<UInt8>) { bytes.append(contentsOf: other) }

    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func append(zigzag value: Int64) { append(varint: Zigzag.encode(value)) }

    /// Little-endian.
    mutating func append(word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    /// The low `width` bits of each number, lowest bit first, with nothing between them; the last byte is filled with zeros.
    mutating func append(_ values: Span<Int64>, width: Int) {
        guard width > 0 else { return }
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        var word: UInt64 = 0
        var used = 0
        for index in values.indices {
            let bits = UInt64(bitPattern: values[index]) & mask
            word |= bits << UInt64(used)
            used += width
            if used >= 64 {
                append(word: word)
                used -= 64
                // What did not fit; a smart shift by 64 gives zero.
                word = bits >> UInt64(width - used)
            }
        }
        while used > 0 {
            append(UInt8(truncatingIfNeeded: word))
            word >>= 8
            used -= 8
        }
    }
}

/// Signed numbers as unsigned ones, small for small magnitudes: 0, -1, 1, -2 are 0, 1, 2, 3.
enum Zigzag {
    static func encode(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

    static func decode(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
}
