import Telemetry

/// Writes payloads, one after the other, in memory that is used again and again.
struct PayloadEncoder {
    private var batches = ByteWriter()
    private var samples = ByteWriter()
    private var count: UInt64 = 0
    private var seq: Int64 = 0
    private var received: Int64 = 0

    /// The bytes of what was added since the last `finish`, but for the frame around it.
    var size: Int { batches.bytes.count }

    /// Adds a batch. Any can be added.
    ///
    /// - Parameters:
    ///   - seq: rises from batch to batch.
    ///   - device: its stored id.
    ///   - ids: the stored ids of points, by the index of `PointID`; every sample's must be among them. nil: the index is the id.
    mutating func add(_ batch: Batch, seq: Int64, device: Int64, ids: [Int64]?) {
        samples.removeAll()
        encode(batch.samples, ids: ids, received: batch.received.wall.milliseconds)
        batches.append(varint: UInt64(bitPattern: seq &- self.seq))
        batches.append(varint: UInt64(bitPattern: device))
        batches.append(varint: Payload.zigzag(batch.received.wall.milliseconds &- received))
        batches.append(varint: UInt64(batch.samples.count) << 1 | (batch.received.isTrusted ? 1 : 0))
        batches.append(varint: UInt64(samples.bytes.count))
        batches.append(samples.bytes)
        (self.seq, received) = (seq, batch.received.wall.milliseconds)
        count += 1
    }

    /// The payload of all that was added. The next one begins empty.
    mutating func finish() -> [UInt8] {
        var payload = ByteWriter()
        payload.append(Payload.format)
        payload.append(varint: count)
        payload.append(batches.bytes)
        payload.append(littleEndian: Payload.checksum(payload.bytes))
        batches.removeAll()
        (count, seq, received) = (0, 0, 0)
        return payload.bytes
    }

    private mutating func encode(_ all: [Sample], ids: [Int64]?, received: Int64) {
        var expected: Int64 = 0
        var time = received
        for sample in all {
            let id = ids.map { $0[sample.point.index] } ?? Int64(sample.point.index)
            let tag = samples.bytes.count
            samples.append(0)
            var bits = Self.quality(of: sample.reading)
            if sample.time.milliseconds != time {
                bits |= 1 << 6
                samples.append(varint: Payload.zigzag(sample.time.milliseconds &- time))
                time = sample.time.milliseconds
            }
            if id != expected {
                bits |= 1 << 7
                samples.append(varint: Payload.zigzag(id &- expected))
            }
            expected = id &+ 1
            if let cause = sample.reading.cause { samples.append(Payload.code(of: cause)) }
            samples.set(bits | append(sample.reading.value), at: tag)
        }
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
            samples.append(varint: Payload.zigzag(value))
            return Payload.Kind.int
        case .uint(let value):
            samples.append(varint: value)
            return Payload.Kind.uint
        case .double(let value): return append(value)
        case .string(let value):
            samples.append(varint: UInt64(value.utf8.count))
            samples.append(value.utf8)
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
            samples.append(varint: Payload.zigzag(Int64(mantissa)))
            return Payload.Kind.decimal + UInt8(place)
        }
        if isFloat {
            samples.append(littleEndian: Float(value).bitPattern)
            return Payload.Kind.float
        }
        samples.append(littleEndian: value.bitPattern)
        return Payload.Kind.double
    }
}
