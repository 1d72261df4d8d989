import Testing

@testable import Modbus

/// One function's worked example in Modbus Application Protocol V1.1b3, §6.
struct WorkedExample: Sendable, CustomTestStringConvertible {
    let clause: String
    let request: Request
    let asked: String
    let response: Response
    let answered: String

    var testDescription: String { clause }

    private static func bits(_ count: Int, _ bytes: UInt8...) -> Response {
        .bits((0..<count).map { bytes[$0 / 8] >> ($0 % 8) & 1 == 1 })
    }

    static let all = [
        WorkedExample(
            clause: "§6.1 Read Coils", request: .read(.coil, address: 19, count: 19), asked: "01 00 13 00 13",
            response: bits(19, 0b1100_1101, 0b0110_1011, 0b101), answered: "01 03 CD 6B 05"),
        WorkedExample(
            clause: "§6.2 Read Discrete Inputs", request: .read(.discrete, address: 196, count: 22), asked: "02 00 C4 00 16",
            response: bits(22, 0b1010_1100, 0b1101_1011, 0b11_0101), answered: "02 03 AC DB 35"),
        WorkedExample(
            clause: "§6.3 Read Holding Registers", request: .read(.holding, address: 107, count: 3), asked: "03 00 6B 00 03",
            response: .registers([555, 0, 100]), answered: "03 06 02 2B 00 00 00 64"),
        WorkedExample(
            clause: "§6.4 Read Input Registers", request: .read(.input, address: 8, count: 1), asked: "04 00 08 00 01",
            response: .registers([10]), answered: "04 02 00 0A"),
        WorkedExample(
            clause: "§6.5 Write Single Coil", request: .writeCoil(address: 172, true), asked: "05 00 AC FF 00",
            response: .written, answered: "05 00 AC FF 00"),
        WorkedExample(
            clause: "§6.6 Write Single Register", request: .writeRegister(address: 1, 3), asked: "06 00 01 00 03",
            response: .written, answered: "06 00 01 00 03"),
        WorkedExample(
            clause: "§6.11 Write Multiple Coils",
            request: .writeCoils(address: 19, [true, false, true, true, false, false, true, true, true, false]),
            asked: "0F 00 13 00 0A 02 CD 01", response: .written, answered: "0F 00 13 00 0A"),
        WorkedExample(
            clause: "§6.12 Write Multiple Registers", request: .writeRegisters(address: 1, [0x000A, 0x0102]),
            asked: "10 00 01 00 02 04 00 0A 01 02", response: .written, answered: "10 00 01 00 02"),
        WorkedExample(
            clause: "§6.16 Mask Write Register", request: .maskWrite(address: 4, and: 0x00F2, or: 0x0025),
            asked: "16 00 04 00 F2 00 25", response: .written, answered: "16 00 04 00 F2 00 25"),
    ]
}

@Suite("Protocol data units")
struct PDUTests {
    @Test("the specification's worked examples are read and written as printed", arguments: WorkedExample.all)
    func workedExample(_ example: WorkedExample) throws {
        #expect(try example.request.encode() == hex(example.asked))
        #expect(try PDU.request(hex(example.asked)) == example.request)
        #expect(try PDU.response(hex(example.answered), to: example.request) == example.response)
        #expect(PDU.encode(example.response, to: example.request) == hex(example.answered))
    }

    @Test("an exception is the device's, with its code (§7's example)")
    func exception() throws {
        let request = Request.read(.coil, address: 0x04A1, count: 1)
        #expect(try request.encode() == hex("01 04 A1 00 01"))
        #expect(throws: ModbusError.exception(2)) { try PDU.response(hex("81 02"), to: request) }
        #expect("\(ModbusError.exception(2))" == "refused: illegal data address (exception 02)")
    }

    @Test("an answer of another function, length or echo is malformed, not believed", arguments: WorkedExample.all)
    func wrongAnswers(_ example: WorkedExample) throws {
        let good = hex(example.answered)
        for length in 0..<good.count { expectMalformed(Array(good.prefix(length)), to: example.request) }
        expectMalformed(good + [0], to: example.request)
        expectMalformed([good[0] ^ 0x40] + good.dropFirst(), to: example.request)
        expectMalformed([good[0] | 0x80] + good.dropFirst(), to: example.request)
        if example.request.isWrite {
            for place in 1..<good.count {
                var bytes = good
                bytes[place] ^= 1
                expectMalformed(bytes, to: example.request)
            }
        }
    }

    @Test("what the protocol cannot carry is refused before it is sent")
    func limits() {
        let beyond: [Request] = [
            .read(.coil, address: 0, count: 2001), .read(.holding, address: 0, count: 126), .read(.input, address: 0, count: 0),
            .read(.input, address: 65535, count: 2), .writeCoils(address: 0, []), .writeRegisters(address: 65535, [1, 2]),
            .writeCoils(address: 0, Array(repeating: true, count: 1969)),
            .writeRegisters(address: 0, Array(repeating: 1, count: 124)),
        ]
        for request in beyond {
            #expect { try request.encode() } throws: { if case ModbusError.unservable = $0 { true } else { false } }
        }
    }

    @Test("the largest requests and answers fill a PDU and no more")
    func largest() throws {
        let coils = Request.writeCoils(address: 0, Array(repeating: true, count: 1968))
        let registers = Request.writeRegisters(address: 65413, Array(repeating: 7, count: 123))
        for request in [coils, registers] {
            let bytes = try request.encode()
            #expect(bytes.count == 252)
            #expect(try PDU.request(bytes) == request)
        }
        let read = Request.read(.holding, address: 0, count: 125)
        #expect(PDU.encode(.registers(Array(repeating: 1, count: 125)), to: read).count == 252)
    }

    @Test("every request and answer survives the wire", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<50 {
            let request = dice.request()
            let response = dice.response(to: request)
            #expect(try PDU.request(request.encode()) == request)
            #expect(try PDU.response(PDU.encode(response, to: request), to: request) == response)
        }
    }

    @Test("random bytes are an answer, an exception or malformed, and never trap", arguments: 0..<50 as Range<UInt64>)
    func noise(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var bank = RegisterBank()
        bank.set(.coil, 0, Array(repeating: 1, count: 300))
        bank.set(.holding, 0, Array(repeating: 7, count: 300))
        for _ in 0..<200 {
            let request = dice.request()
            var bytes = dice.bytes(Int.random(in: 0...260, using: &dice))
            if !bytes.isEmpty, Bool.random(using: &dice) { bytes[0] = request.functionCode }
            if case .registers(let values) = try? PDU.response(bytes, to: request) { #expect(values.count == request.count) }
            if case .bits(let values) = try? PDU.response(bytes, to: request) { #expect(values.count == request.count) }
            #expect((1...PDU.maximumLength).contains(bank.answer(bytes).count))
        }
    }

    private func expectMalformed(_ bytes: [UInt8], to request: Request, _ location: SourceLocation = #_sourceLocation) {
        #expect(sourceLocation: location) {
            try PDU.response(bytes, to: request)
        } throws: {
            if case ModbusError.malformed = $0 { true } else { false }
        }
    }
}
