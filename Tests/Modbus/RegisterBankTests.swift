import Testing

@testable import Modbus

@Suite("A register bank")
struct RegisterBankTests {
    @Test("answers the specification's worked examples as printed", arguments: WorkedExample.all)
    func workedExample(_ example: WorkedExample) {
        var bank = RegisterBank()
        let run = Array(repeating: UInt16(0), count: example.request.count)
        bank.set(example.request.table, example.request.address, run)
        switch example.response {
        case .bits(let bits): bank.set(example.request.table, example.request.address, bits.map { $0 ? 1 : 0 })
        case .registers(let words): bank.set(example.request.table, example.request.address, words)
        case .written: break
        }
        #expect(bank.answer(hex(example.asked)) == hex(example.answered))
    }

    @Test("a mask write does what §6.16 works out: 12 becomes 17")
    func maskWrite() {
        var bank = RegisterBank()
        bank[.holding, 4] = 0x12
        _ = bank.answer(hex("16 00 04 00 F2 00 25"))
        #expect(bank[.holding, 4] == 0x17)
    }

    @Test(
        "what it cannot do is refused with the exception the specification names",
        arguments: [
            ("2B 0E 01 00", "AB 01"), ("00 00 00 00 00", "80 01"), ("03 00 09 00 02", "83 02"), ("03 FF FF 00 02", "83 02"),
            ("03 00 00 00 00", "83 03"), ("03 00 00 00 7E", "83 03"), ("01 00 00 07 D1", "81 03"), ("05 00 00 00 01", "85 03"),
            ("10 00 00 00 02 02 00 01", "90 03"), ("0F 00 00 00 09 01 FF", "8F 03"), ("03 00 00", "83 03"),
            ("06 00 0A 00 01", "86 02"),
        ])
    func refusals(asked: String, answered: String) {
        var bank = RegisterBank()
        bank.set(.holding, 0, Array(repeating: 1, count: 10))
        bank.set(.coil, 0, Array(repeating: 1, count: 10))
        let before = bank
        #expect(bank.answer(hex(asked)) == hex(answered))
        #expect(bank == before)
    }

    @Test("tells its plant what was written, in order, and only once")
    func writes() throws {
        var bank = RegisterBank()
        bank.set(.coil, 0, false)
        bank.set(.holding, 7, [0, 0])
        _ = bank.answer(try Request.writeCoil(address: 0, true).encode())
        _ = bank.answer(try Request.writeRegisters(address: 7, [1, 2]).encode())
        let expected = [
            RegisterBank.Write(table: .coil, address: 0, values: [1]),
            RegisterBank.Write(table: .holding, address: 7, values: [1, 2]),
        ]
        #expect(bank.takeWrites() == expected)
        #expect(bank.takeWrites() == [])
        for _ in 0..<2000 { _ = bank.answer(try Request.writeCoil(address: 0, true).encode()) }
        #expect(bank.writes.count == RegisterBank.maximumWrites)
    }

    @Test("holds numbers as a codec lays them out, and leaves out what lies past 65535")
    func numbers() throws {
        var bank = RegisterBank()
        let codec = RegisterCodec(.float32, order: .cdab)
        try bank.set(.input, 10, .double(0.15625), as: codec)
        #expect(bank[.input, 10] == 0)
        #expect(bank[.input, 11] == 0x3E20)
        #expect(bank.value(.input, 10, as: codec) == .double(0.15625))
        #expect(bank.value(.input, 11, as: codec) == nil)
        bank.set(.holding, 65534, [1, 2, 3])
        #expect(bank[.holding, 65535] == 2)
        #expect(bank[.holding, 0] == nil)
    }
}
