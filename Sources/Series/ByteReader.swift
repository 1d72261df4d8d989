/// Reads what `ByteWriter` wrote. Never beyond the end, whatever the bytes say.
struct ByteReader {
    private let bytes: [UInt8]
    private let end: Int
    private(set) var position = 0

    /// - Parameter end: where the content ends; what follows, a checksum, is not read.
    init(_ bytes: [UInt8], end: Int) {
        precondition(end <= bytes.count, "a reader beyond the end")
        self.bytes = bytes
        self.end = end
    }

    var remaining: Int { end - position }

    mutating func byte() throws(ChunkError) -> UInt8 {
        guard position < end else { throw .malformed("it ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func varint() throws(ChunkError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed("a number is longer than 64 bits")
    }

    mutating func zigzag() throws(ChunkError) -> Int64 { Zigzag.decode(try varint()) }

    /// A varint that counts something, and may not say more than there can be.
    mutating func count(atMost limit: Int, of things: StaticString) throws(ChunkError) -> Int {
        let value = try varint()
        guard let count = Int(exactly: value), count <= limit else {
            throw .malformed("it claims \(value) \(things) where at most \(limit) can be")
        }
        return count
    }

    mutating func word() throws(ChunkError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { value |= UInt64(try byte()) << shift }
        return value
    }

    mutating func text() throws(ChunkError) -> String {
        let length = try count(atMost: remaining, of: "bytes of text")
        defer { position += length }
        guard let text = String(validating: bytes[position..<position + length], as: UTF8.self) else {
            throw .malformed("a text is not UTF-8")
        }
        return text
    }

    /// Fills a part of `values` with numbers of `width` bits.
    mutating func read(width: Int, into values: inout [Int64], _ range: Range<Int>) throws(ChunkError) {
        precondition((0...64).contains(width) && range.upperBound <= values.count, "bits that cannot be")
        let length = (range.count * width + 7) / 8
        guard length <= remaining else { throw .malformed("its packed bits end too early") }
        if width == 0 {
            for index in range { values[index] = 0 }
            return
        }
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        let start = position
        position += length
        // Unsafe only to load eight bytes as one number. `load` keeps within `bytes`; the range has been checked above.
        bytes.withUnsafeBytes { raw in
            values.withUnsafeMutableBufferPointer { values in
                var bit = start * 8
                for index in range {
                    let low = Self.load(raw, at: bit >> 3) >> UInt64(bit & 7)
                    let over = bit & 7 + width - 64
                    let high = over > 0 ? UInt64(raw[bit >> 3 + 8]) << UInt64(width - over) : 0
                    values[index] = Int64(bitPattern: (low | high) & mask)
                    bit += width
                }
            }
        }
    }

    /// Eight bytes, little-endian; zeros follow the last one.
    @inline(__always)
    private static func load(_ raw: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        if offset + 8 <= raw.count { return UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
        var word: UInt64 = 0
        for place in offset..<raw.count { word |= UInt64(raw[place]) << UInt64((place - offset) * 8) }
        return word
    }
}
