import Testing

@testable import Modbus

@Suite("Framing")
struct FramingTests {
    /// Implementation Guide V1.0b, §3.1.3: transaction, protocol 0, length from the unit on, unit.
    private let first = MBAPFrame(transaction: 0x1501, unit: UnitID(255), pdu: hex("04 00 08 00 01"))
    private let second = MBAPFrame(transaction: 0xFFFF, unit: UnitID(1), pdu: [UInt8](repeating: 3, count: 253))

    @Test("a Modbus TCP frame begins with the fields of its header, in the guide's order")
    func header() {
        #expect(first.encode() == hex("15 01 00 00 00 06 FF 04 00 08 00 01"))
    }

    @Test("frames are found wherever the stream is cut in two")
    func everyCut() throws {
        let stream = first.encode() + second.encode() + first.encode()
        for cut in 0...stream.count {
            var decoder = MBAPDecoder()
            var frames: [MBAPFrame] = []
            for piece in [stream[..<cut], stream[cut...]] {
                decoder.append(piece)
                while let frame = try decoder.next() { frames.append(frame) }
            }
            #expect(frames == [first, second, first], "cut at \(cut)")
        }
    }

    @Test("frames are found in a stream that comes byte by byte, for hours")
    func byteByByte() throws {
        var decoder = MBAPDecoder()
        var count = 0
        for _ in 0..<200 {
            for byte in first.encode() + second.encode() {
                decoder.append(CollectionOfOne(byte))
                while try decoder.next() != nil { count += 1 }
            }
        }
        #expect(count == 400)
    }

    @Test(
        "a header that cannot be one ends the stream for good",
        arguments: ["15 01 00 01 00 06", "15 01 00 00 00 01", "15 01 00 00 00 FF", "15 01 00 00 FF 06", "48 54 54 50 2F 31"])
    func desync(header: String) throws {
        var decoder = MBAPDecoder()
        decoder.append(first.encode() + hex(header))
        #expect(try decoder.next() == first)
        for _ in 0..<2 {
            #expect { try decoder.next() } throws: { if case .malformed? = $0 as? ModbusError { true } else { false } }
            decoder.append(second.encode())
        }
    }

    @Test("random streams end in frames, a wait or a desync, and never trap", arguments: 0..<50 as Range<UInt64>)
    func noise(seed: UInt64) {
        var dice = Dice(seed: seed)
        var tcp = MBAPDecoder()
        var serial = RTURequestDecoder()
        for _ in 0..<100 {
            let bytes = dice.bytes(Int.random(in: 0...40, using: &dice))
            tcp.append(bytes)
            while let frame = try? tcp.next() { #expect((1...253).contains(frame.pdu.count)) }
            serial.append(bytes)
            while let frame = serial.next() { #expect(frame.pdu.count <= 253) }
        }
    }

    @Test("the check sum is the published one: over serial line V1.02, §6.2.2, frame 02 07, and CRC-16/MODBUS of 123456789")
    func checksum() {
        #expect(RTUFrame.checksum(hex("02 07")) == 0x1241)
        #expect(RTUFrame(unit: UnitID(2), pdu: [7]).encode() == hex("02 07 41 12"))
        #expect(RTUFrame.checksum("123456789".utf8) == 0x4B37)
        #expect(RTUFrame(unit: UnitID(1), pdu: hex("03 00 00 00 0A")).encode() == hex("01 03 00 00 00 0A C5 CD"))
    }

    @Test("a server finds every request on a serial line, wherever it is cut, known function or not")
    func serialRequests() throws {
        var frames = try WorkedExample.all.map { RTUFrame(unit: UnitID(9), pdu: try $0.request.encode()) }
        frames.append(RTUFrame(unit: UnitID(3), pdu: hex("2B 0E 01 00")))
        let stream = frames.flatMap { $0.encode() }
        for cut in 0...stream.count {
            var decoder = RTURequestDecoder()
            var found: [RTUFrame] = []
            for piece in [stream[..<cut], stream[cut...]] {
                decoder.append(piece)
                while let frame = decoder.next() { found.append(frame) }
            }
            #expect(found == frames, "cut at \(cut)")
        }
    }

    @Test("a broken request is dropped, and the one after the silence is served")
    func brokenRequest() throws {
        let good = RTUFrame(unit: UnitID(9), pdu: hex("03 00 00 00 0A"))
        var bad = good.encode()
        bad[3] ^= 1
        var decoder = RTURequestDecoder()
        decoder.append(bad)
        #expect(decoder.next() == nil)
        decoder.append(good.encode().prefix(4))
        #expect(decoder.next() == nil)
        decoder.silence()
        decoder.append(good.encode())
        #expect(decoder.next() == good)
    }
}
