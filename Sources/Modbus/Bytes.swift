extension [UInt8] {
    /// Modbus sends the high byte first.
    mutating func append(word: UInt16) {
        append(UInt8(truncatingIfNeeded: word >> 8))
        append(UInt8(truncatingIfNeeded: word))
    }
}

/// Reads outside bytes from the front; nil where they end. It cannot be asked for what is not there.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var left: Int { bytes.count - offset }

    mutating func byte() -> UInt8? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func word() -> UInt16? {
        guard offset + 1 < bytes.count else { return nil }
        defer { offset += 2 }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    /// The next `count` words, or nil if there are fewer.
    mutating func words(_ count: Int) -> [UInt16]? {
        guard count >= 0, left >= count * 2 else { return nil }
        let start = offset
        offset += count * 2
        return (0..<count).map { UInt16(bytes[start + $0 * 2]) << 8 | UInt16(bytes[start + $0 * 2 + 1]) }
    }

    /// The next `count` bits, packed into whole bytes, or nil if there are fewer.
    mutating func bits(_ count: Int) -> [Bool]? {
        guard count >= 0, left >= Bits.bytes(for: count) else { return nil }
        let start = offset
        offset += Bits.bytes(for: count)
        return (0..<count).map { bytes[start + $0 / 8] >> ($0 % 8) & 1 == 1 }
    }
}

/// Coils and discrete inputs on the wire: eight to a byte, the first in the lowest bit, the rest of the last byte zero.
enum Bits {
    static func bytes(for count: Int) -> Int { (count + 7) / 8 }

    static func pack(_ values: [Bool]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: bytes(for: values.count))
        for (index, value) in values.enumerated() where value { bytes[index / 8] |= 1 << (index % 8) }
        return bytes
    }
}
