import Telemetry

/// Writes payloads into one array, over and over.
struct PayloadEncoder {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(4096) }

    /// Encodes a batch's samples; the result is in `bytes` until the next call. Any sample can be encoded.
    ///
    /// - Parameter ids: the stored ids of points, by the index of `PointID`; every sample's must be among them.
    mutating func encode(_ samples: [Sample], ids: [Int64], received: Timestamp, isTrusted: Bool) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(Payload.format)
        append(varint: UInt64(samples.count) << 1 | (isTrusted ? 1 : 0))
        var expected: Int64 = 0
        var time = received.milliseconds
        for sample in samples {
            let id = ids[sample.point.index]
            let tag = bytes.count
            bytes.append(0)
            var bits = Self.quality(of: sample.reading)
            if sample.time.milliseconds != time {
                bits |= 1 << 6
                append(varint: Payload.zigzag(sample.time.milliseconds &- time))
                time = sample.time.milliseconds
            }
            if id != expected {
                bits |= 1 << 7
                append(varint: Payload.zigzag(id &- expected))
            }
            expected = id &+ 1
            if let cause = sample.reading.cause { bytes.append(Payload.code(of: cause)) }
            bytes[tag] = bits | append(sample.reading.value)
        }
        append(littleEndian: Payload.checksum(bytes))
    }

    private static func quality(of reading: Reading) -> UInt8 {
        switch reading {
        case .good: 0
        case .uncertain: 1 << 4
        case .bad: 2 << 4
        }
    }

    /// Appends a value's bytes; returns its kind.
    private mutating func append(_ value: Value?) -> UInt8 {
        switch value {
        case nil: return Payload.Kind.none
        case .bool(let value): return value ? Payload.Kind.true : Payload.Kind.false
        case .int(let value):
            append(varint: Payload.zigzag(value))
            return Payload.Kind.int
        case .uint(let value):
            append(varint: value)
            return Payload.Kind.uint
        case .double(let value): return append(value)
        case .string(let value):
            append(varint: UInt64(value.utf8.count))
            bytes.append(contentsOf: value.utf8)
            return Payload.Kind.string
        }
    }

    private mutating func append(_ value: Double) -> UInt8 {
        let isFloat = Double(Float(value)).bitPattern == value.bitPattern
        for (place, decimal) in Payload.decimals.enumerated() {
            let mantissa = (value * decimal.power).rounded()
            // A float is four bytes: worth no search for long decimals.
            guard mantissa.magnitude < (isFloat ? 0x1p20 : 0x1p41) else { continue }
            // By the bits, since minus zero has no integer.
            guard decimal.value(of: mantissa + 0).bitPattern == value.bitPattern else { continue }
            append(varint: Payload.zigzag(Int64(mantissa)))
            return Payload.Kind.decimal + UInt8(place)
        }
        if isFloat {
            append(littleEndian: Float(value).bitPattern)
            return Payload.Kind.float
        }
        append(littleEndian: value.bitPattern)
        return Payload.Kind.double
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func append(littleEndian value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
