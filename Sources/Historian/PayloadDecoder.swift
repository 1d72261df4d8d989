import Telemetry

/// Reads a payload sample by sample. Bytes of any origin give samples or a `PayloadError`, and nothing else.
struct PayloadDecoder {
    /// A sample by the stored id of its point.
    struct Item: Hashable {
        let point: Int64
        let time: Timestamp
        let reading: Reading
    }

    private(set) var count = 0
    private(set) var isTrusted = false
    private let bytes: [UInt8]
    private let end: Int
    private var position = 0
    private var remaining = 0
    private var expected: Int64 = 0
    private var time: Int64

    init(_ bytes: [UInt8], received: Timestamp) throws(PayloadError) {
        guard bytes.count >= 6 else { throw PayloadError(reason: "only \(bytes.count) bytes long") }
        self.bytes = bytes
        end = bytes.count - 4
        time = received.milliseconds
        var stored: UInt32 = 0
        for (index, byte) in bytes[end...].enumerated() { stored |= UInt32(byte) << UInt32(index * 8) }
        guard stored == Payload.checksum(bytes[..<end]) else { throw PayloadError(reason: "its checksum does not match") }
        let format = try byte()
        guard format == Payload.format else { throw PayloadError(reason: "its format \(format) is not known") }
        let head = try varint()
        isTrusted = head & 1 == 1
        // A sample is a byte at least, so a count is believed only as far as there are bytes.
        guard let count = Int(exactly: head >> 1), count <= end - position else {
            throw PayloadError(reason: "it claims \(head >> 1) samples in \(bytes.count) bytes")
        }
        self.count = count
        remaining = count
    }

    /// The next sample; nil after the last one.
    mutating func next() throws(PayloadError) -> Item? {
        guard remaining > 0 else {
            guard position == end else { throw PayloadError(reason: "\(end - position) bytes follow its last sample") }
            return nil
        }
        remaining -= 1
        let tag = try byte()
        if tag & 1 << 6 != 0 { time = time &+ Payload.unzigzag(try varint()) }
        if tag & 1 << 7 != 0 { expected = expected &+ Payload.unzigzag(try varint()) }
        let point = expected
        expected = expected &+ 1
        return Item(point: point, time: Timestamp(milliseconds: time), reading: try reading(tag: tag))
    }

    private mutating func reading(tag: UInt8) throws(PayloadError) -> Reading {
        let quality = tag >> 4 & 3
        if quality == 0 {
            guard let value = try value(kind: tag & 15) else { throw PayloadError(reason: "a good reading has no value") }
            return .good(value)
        }
        let code = try byte()
        guard let cause = Payload.cause(of: code) else { throw PayloadError(reason: "cause \(code) is not known") }
        switch (quality, try value(kind: tag & 15)) {
        case (1, let value?): return .uncertain(value, cause)
        case (2, nil): return .bad(cause)
        default: throw PayloadError(reason: "quality \(quality) and value do not go together")
        }
    }

    private mutating func value(kind: UInt8) throws(PayloadError) -> Value? {
        switch kind {
        case Payload.Kind.none: return nil
        case Payload.Kind.false: return .bool(false)
        case Payload.Kind.true: return .bool(true)
        case Payload.Kind.int: return .int(Payload.unzigzag(try varint()))
        case Payload.Kind.uint: return .uint(try varint())
        case Payload.Kind.double: return .double(Double(bitPattern: try littleEndian()))
        case Payload.Kind.float: return .double(Double(Float(bitPattern: try littleEndian())))
        case Payload.Kind.string: return .string(try string())
        default:
            let mantissa = Double(Payload.unzigzag(try varint()))
            return .double(Payload.decimals[Int(kind - Payload.Kind.decimal)].value(of: mantissa))
        }
    }

    private mutating func string() throws(PayloadError) -> String {
        guard let length = Int(exactly: try varint()), length <= end - position else {
            throw PayloadError(reason: "a text ends beyond it")
        }
        defer { position += length }
        guard let text = String(validating: bytes[position..<position + length], as: UTF8.self) else {
            throw PayloadError(reason: "a text is not UTF-8")
        }
        return text
    }

    private mutating func byte() throws(PayloadError) -> UInt8 {
        guard position < end else { throw PayloadError(reason: "it ends in the middle of a sample") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func varint() throws(PayloadError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw PayloadError(reason: "a number is longer than 64 bits")
    }

    private mutating func littleEndian<Number: FixedWidthInteger>() throws(PayloadError) -> Number {
        var value: Number = 0
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) { value |= Number(try byte()) << shift }
        return value
    }
}
