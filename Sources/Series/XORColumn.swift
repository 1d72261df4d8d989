/// Doubles by what changed in their bits, after T. Pelkonen et al., "Gorilla: A Fast, Scalable, In-Memory Time Series Database",
/// VLDB 2015, section 4.1.2. Bits go highest first.
///
/// The first number takes 64 bits. For the others: `0` if nothing changed; `10` and the changed bits, if they lie within the
/// window of the last change; else `11`, five bits of leading zeros, six of the window's length less one, and the window.
enum XORColumn {
    private static let mostLeading = 31

    static func encode(_ values: [Double], into writer: inout ByteWriter) {
        guard let first = values.first else { return }
        var bits = BitWriter()
        bits.append(first.bitPattern, count: 64)
        var previous = first.bitPattern
        var (leading, length) = (0, 0)
        for value in values.dropFirst() {
            let change = value.bitPattern ^ previous
            previous = value.bitPattern
            if change == 0 {
                bits.append(0, count: 1)
                continue
            }
            let zeros = min(change.leadingZeroBitCount, mostLeading)
            let below = change.trailingZeroBitCount
            if length > 0, zeros >= leading, below >= 64 - leading - length {
                bits.append(0b10, count: 2)
            } else {
                (leading, length) = (zeros, 64 - zeros - below)
                bits.append(0b11, count: 2)
                bits.append(UInt64(leading), count: 5)
                bits.append(UInt64(length - 1), count: 6)
            }
            bits.append(change >> UInt64(64 - leading - length), count: length)
        }
        writer.append(contentsOf: bits.finished())
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(ChunkError) -> [Double] {
        var bits = BitReader(reader)
        var values: [Double] = []
        values.reserveCapacity(count)
        var previous = try bits.read(64)
        values.append(Double(bitPattern: previous))
        var (leading, length) = (0, 0)
        while values.count < count {
            if try bits.read(1) == 1 {
                if try bits.read(1) == 1 {
                    leading = Int(try bits.read(5))
                    length = Int(try bits.read(6)) + 1
                }
                guard length > 0, leading + length <= 64 else { throw .malformed("a change of bits has an impossible window") }
                previous ^= try bits.read(length) << UInt64(64 - leading - length)
            }
            values.append(Double(bitPattern: previous))
        }
        reader = bits.reader
        return values
    }
}

/// Bits, highest first, filled up with zeros to a byte.
private struct BitWriter {
    private var bytes: [UInt8] = []
    private var word: UInt64 = 0
    private var used = 0

    /// - Parameter count: 1…64; of `bits`, no higher ones are set.
    mutating func append(_ bits: UInt64, count: Int) {
        let free = 64 - used
        if count < free {
            word = word << UInt64(count) | bits
            used += count
            return
        }
        let left = count - free
        // Smart shifts: by 64 gives zero.
        word = word << UInt64(free) | bits >> UInt64(left)
        for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * place))) }
        word = bits
        used = left
    }

    mutating func finished() -> [UInt8] {
        while used > 0 {
            bytes.append(UInt8(truncatingIfNeeded: used >= 8 ? word >> UInt64(used - 8) : word << UInt64(8 - used)))
            used -= 8
        }
        return bytes
    }
}

private struct BitReader {
    private(set) var reader: ByteReader
    private var word: UInt64 = 0
    private var left = 0

    init(_ reader: ByteReader) { self.reader = reader }

    /// - Parameter count: 1…64.
    mutating func read(_ count: Int) throws(ChunkError) -> UInt64 {
        var missing = count
        var bits: UInt64 = 0
        while missing > 0 {
            if left == 0 { (word, left) = (UInt64(try reader.byte()), 8) }
            let taken = min(missing, left)
            left -= taken
            bits = bits << UInt64(taken) | (word >> UInt64(left) & ((1 << UInt64(taken)) - 1))
            missing -= taken
        }
        return bits
    }
}
