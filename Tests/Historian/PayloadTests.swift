import Telemetry
import Testing

@testable import Historian

@Suite("Payload")
struct PayloadTests {
    @Test(
        "the checksum is FNV-1a of 32 bits, by its authors' test vectors",
        arguments: [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] as [(String, UInt32)])
    func checksum(text: String, sum: UInt32) {
        #expect(Payload.checksum(text.utf8) == sum)
    }

    @Test("every kind of reading comes back as it was, at the ends of its range", arguments: edges)
    func edge(reading: Reading) throws {
        try expectIdentity([Sample(point: PointID(index: 0), time: noon, reading: reading)], ids: [.max], received: noon)
    }

    @Test("any samples come back as they were", arguments: 0..<200 as Range<UInt64>)
    func identity(seed: UInt64) throws {
        var random = Seeded(seed)
        let ids = (0..<50).map { _ in
            Bool.random(using: &random) ? Int64.random(in: 0...99, using: &random) : .random(in: .min ... .max, using: &random)
        }
        let samples = (0..<Int.random(in: 0...60, using: &random)).map { _ in
            Sample(
                point: PointID(index: .random(in: 0..<50, using: &random)), time: time(&random), reading: reading(&random))
        }
        try expectIdentity(samples, ids: ids, received: time(&random))
    }

    @Test("a scan of neighbouring registers costs no more than its values and a byte each")
    func size() {
        let samples = (0..<100).map {
            Sample(point: PointID(index: $0), time: noon, reading: .good(.double(Double($0) * 0.001)))
        }
        #expect(payload(samples, ids: Array(1...100)).count <= 100 * 3 + 24)
    }

    @Test("several batches come back in order, each with its own, and one can be passed over", arguments: 0..<20 as Range<UInt64>)
    func several(seed: UInt64) throws {
        var random = Seeded(seed)
        var encoder = PayloadEncoder()
        var written: [(seq: Int64, device: Int64, count: Int)] = []
        var seq: Int64 = 0
        for _ in 0..<Int.random(in: 0...200, using: &random) {
            seq += Int64.random(in: 1...3, using: &random)
            let samples = (0..<Int.random(in: 0...9, using: &random)).map {
                Sample(point: PointID(index: $0), time: time(&random), reading: reading(&random))
            }
            let device = Int64.random(in: 1...40, using: &random)
            encoder.add(
                Batch(device: DeviceID(index: 0), received: Moment(monotonic: .zero, wall: time(&random)), samples: samples),
                seq: seq, device: device, ids: Array(1...9))
            written.append((seq, device, samples.count))
        }
        let bytes = encoder.finish()
        let read = try decode(bytes)
        #expect(read.map(\.head.seq) == written.map(\.seq))
        #expect(read.map(\.head.device) == written.map(\.device))
        #expect(read.map(\.items.count) == written.map(\.count))
        var decoder = try PayloadDecoder(bytes)
        var passed: [Int64] = []
        while let head = try decoder.next() { passed.append(head.seq) }
        #expect(passed == written.map(\.seq))
        #expect(encoder.finish().count == 6)
    }

    @Test("random bytes are refused or read, and never trap", arguments: 0..<50 as Range<UInt64>)
    func randomBytes(seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<200 {
            var bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? decode(bytes)
            // With a good beginning and a good end the middle is reached as well.
            if bytes.count > 1 {
                bytes[0] = Payload.format
                bytes[1] = UInt8.random(in: 0...20, using: &random)
            }
            _ = try? decode(sealed(bytes))
        }
    }

    @Test("a payload with one bit turned over is refused", arguments: 0..<20 as Range<UInt64>)
    func bitFlips(seed: UInt64) throws {
        var random = Seeded(seed)
        let samples = (0..<8).map { Sample(point: PointID(index: $0), time: noon, reading: reading(&random)) }
        let whole = payload(samples, ids: Array(1...8))
        for bit in 0..<whole.count * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: PayloadError.self) { try decode(bytes) }
        }
    }

    private static let edges: [Reading] = {
        var values: [Value] = [.bool(true), .bool(false), .string(""), .string("泵 1"), .uint(0), .uint(.max)]
        values += [0, 1, -1, .min, .max].map(Value.int)
        values += [0, -0.0, 1, 0.1, -0.1, 2.345, 1e-6, 1e-7, 123_456.789, .pi, 0x1p41, -0x1p53, .leastNonzeroMagnitude].map(
            Value.double)
        values += [.infinity, -.infinity, .nan, .greatestFiniteMagnitude, Double(Float.pi), 0.5].map(Value.double)
        return values.map(Reading.good) + values.map { .uncertain($0, .stale) } + Cause.allCases.map(Reading.bad)
            + Cause.allCases.map { .uncertain(.int(1), $0) }
    }()

    private func time(_ random: inout Seeded) -> Timestamp {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: noon
        case 1: noon.advanced(by: .milliseconds(Int.random(in: -5000...5000, using: &random)))
        default: Timestamp(milliseconds: .random(in: .min ... .max, using: &random))
        }
    }

    private func reading(_ random: inout Seeded) -> Reading {
        let cause = Cause.allCases.randomElement(using: &random) ?? .stale
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .bad(cause)
        case 1: return .uncertain(value(&random), cause)
        default: return .good(value(&random))
        }
    }

    private func value(_ random: inout Seeded) -> Value {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .bool(.random(using: &random))
        case 1: .int(.random(in: .min ... .max, using: &random))
        case 2: .int(.random(in: -40_000...40_000, using: &random))
        case 3: .uint(.random(in: 0 ... .max, using: &random))
        case 4: .double(Double(bitPattern: .random(in: 0 ... .max, using: &random)))
        case 5:
            .double(
                Double(Int.random(in: -32_768...32_767, using: &random))
                    * [1, 0.1, 0.01, 0.001][Int.random(in: 0..<4, using: &random)])
        case 6: .double(Double(Float(bitPattern: .random(in: 0 ... .max, using: &random))))
        default:
            .string(
                String((0..<Int.random(in: 0...20, using: &random)).map { _ in "闸aé\0".randomElement(using: &random) ?? "a" }))
        }
    }
}

private func payload(_ samples: [Sample], ids: [Int64], received: Timestamp = noon, isTrusted: Bool = true) -> [UInt8] {
    var encoder = PayloadEncoder()
    encoder.add(
        Batch(
            device: DeviceID(index: 0), received: Moment(monotonic: .zero, wall: received, isTrusted: isTrusted), samples: samples),
        seq: 1, device: 1, ids: ids)
    return encoder.finish()
}

private func expectIdentity(_ samples: [Sample], ids: [Int64], received: Timestamp) throws {
    for isTrusted in [true, false] {
        let decoded = try #require(try decode(payload(samples, ids: ids, received: received, isTrusted: isTrusted)).first)
        #expect(decoded.head.isTrusted == isTrusted && decoded.head.received == received)
        #expect(decoded.items.map(\.point) == samples.map { ids[$0.point.index] })
        #expect(decoded.items.map(\.time) == samples.map(\.time))
        #expect(decoded.items.map { bits($0.reading) } == samples.map { bits($0.reading) })
    }
}

/// NaN is not equal to itself; its bits are. Which NaN it is may change on the way through a float.
private func bits(_ reading: Reading) -> String {
    guard case .double(let number)? = reading.value else { return "\(reading)" }
    return "\(reading.quality) \(String(describing: reading.cause)) \(number.isNaN ? 0 : number.bitPattern) \(number.isNaN)"
}

private typealias Item = (point: Int64, time: Timestamp, reading: Reading)

private func decode(_ bytes: [UInt8]) throws(PayloadError) -> [(head: PayloadDecoder.Head, items: [Item])] {
    var decoder = try PayloadDecoder(bytes)
    var batches: [(head: PayloadDecoder.Head, items: [Item])] = []
    while let head = try decoder.next() {
        var items: [Item] = []
        try decoder.read(head) { point, time, reading throws(PayloadError) in items.append((point, time, reading)) }
        batches.append((head, items))
    }
    return batches
}

private func sealed(_ bytes: [UInt8]) -> [UInt8] {
    let sum = Payload.checksum(bytes)
    return bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) }
}
