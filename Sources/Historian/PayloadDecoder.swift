import Telemetry

/// Reads a payload batch by batch. Bytes of any origin give samples or a `PayloadError`, and nothing else.
struct PayloadDecoder {
    /// A batch that stands next in the payload; its samples are read or passed over.
    struct Head: Hashable {
        let seq: Int64
        /// The stored id.
        let device: Int64
        let received: Timestamp
        let isTrusted: Bool
        let count: Int
        fileprivate let start: Int
        fileprivate let end: Int
    }

    private let bytes: [UInt8]
    /// The end of what is being read: of the batches, or of one batch's samples.
    private var end: Int
    private let lastEnd: Int
    private var position = 0
    private var remaining = 0
    private var seq: Int64 = 0
    private var received: Int64 = 0

    /// - Parameter isChecked: these very bytes have been read before, so their checksum need not be looked at again.
    init(_ bytes: [UInt8], isChecked: Bool = false) throws(PayloadError) {
        guard bytes.count >= 6 else { throw PayloadError(reason: "only \(bytes.count) bytes long") }
        self.bytes = bytes
        end = bytes.count - 4
        lastEnd = end
        var stored: UInt32 = 0
        for (index, byte) in bytes[end...].enumerated() { stored |= UInt32(byte) << UInt32(index * 8) }
        guard isChecked || stored == Payload.checksum(bytes[..<end]) else { throw PayloadError(reason: "its checksum does not match") }
        let format = try byte()
        guard format == Payload.format else { throw PayloadError(reason: "its format \(format) is not known") }
        let count = try varint()
        // A batch is five bytes at least, so a count is believed only as far as there are bytes.
        guard let count = Int(exactly: count), count <= (end - position) / 5 else {
            throw PayloadError(reason: "it claims \(count) batches in \(bytes.count) bytes")
        }
        remaining = count
    }

    /// The next batch; nil after the last one.
    mutating func next() throws(PayloadError) -> Head? {
        guard remaining > 0 else {
            guard position == end else { throw PayloadError(reason: "\(end - position) bytes follow its last batch") }
            return nil
        }
        remaining -= 1
        seq = seq &+ Int64(bitPattern: try varint())
        let device = Int64(bitPattern: try varint())
        received = received &+ Payload.unzigzag(try varint())
        let head = try varint()
        let length = try varint()
        guard let length = Int(exactly: length), length <= end - position else {
            throw PayloadError(reason: "a batch ends beyond it")
        }
        // A sample is a byte at least.
        guard let count = Int(exactly: head >> 1), count <= length else {
            throw PayloadError(reason: "a batch claims \(head >> 1) samples in \(length) bytes")
        }
        defer { position += length }
        return Head(
            seq: seq, device: device, received: Timestamp(milliseconds: received), isTrusted: head & 1 == 1, count: count,
            start: position, end: position + length)
    }

    /// Hands over the samples of a batch, one by one, by the stored ids of their points.
    mutating func read(
        _ head: Head, _ body: (_ point: Int64, _ time: Timestamp, _ reading: Reading) throws(PayloadError) -> Void
    ) throws(PayloadError) {
        let next = position
        (position, end) = (head.start, head.end)
        defer { (position, end) = (next, lastEnd) }
        var time = head.received.milliseconds
        var expected: Int64 = 0
        for _ in 0..<head.count {
            let tag = try byte()
            if tag & 1 << 6 != 0 { time = time &+ Payload.unzigzag(try varint()) }
            if tag & 1 << 7 != 0 { expected = expected &+ Payload.unzigzag(try varint()) }
            let point = expected
            expected = expected &+ 1
            try body(point, Timestamp(milliseconds: time), try reading(tag: tag))
        }
        guard position == end else { throw PayloadError(reason: "\(end - position) bytes follow a batch's last sample") }
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
