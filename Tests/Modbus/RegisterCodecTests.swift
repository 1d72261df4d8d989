import Testing

@testable import Modbus

/// A number and its bytes as others publish them, most significant first.
struct CodecFact: Sendable, CustomTestStringConvertible {
    let type: RegisterType
    let value: RawValue
    let bytes: String
    let source: String

    var testDescription: String { "\(type.rawValue) \(bytes)" }

    private static let words = "simplymodbus.ca, FAQ: AE41 5652"
    private static let floats = "IEEE 754, binary32 and binary64"

    static let all = [
        CodecFact(type: .uint16, value: .uint(44609), bytes: "AE 41", source: "binary"),
        CodecFact(type: .int16, value: .int(-20927), bytes: "AE 41", source: "two's complement"),
        CodecFact(type: .uint32, value: .uint(2_923_517_522), bytes: "AE 41 56 52", source: words),
        CodecFact(type: .int32, value: .int(-1_371_449_774), bytes: "AE 41 56 52", source: words),
        CodecFact(type: .float32, value: .double(0.15625), bytes: "3E 20 00 00", source: floats),
        CodecFact(type: .float32, value: .double(-2), bytes: "C0 00 00 00", source: floats),
        CodecFact(type: .float32, value: .double(Double(Float.infinity)), bytes: "7F 80 00 00", source: floats),
        CodecFact(type: .float32, value: .double(Double(Float.pi.nextUp)), bytes: "40 49 0F DB", source: floats),
        CodecFact(type: .float64, value: .double(.pi), bytes: "40 09 21 FB 54 44 2D 18", source: floats),
        CodecFact(type: .float64, value: .double(1), bytes: "3F F0 00 00 00 00 00 00", source: floats),
        CodecFact(type: .int64, value: .int(.min), bytes: "80 00 00 00 00 00 00 00", source: "two's complement"),
        CodecFact(type: .int64, value: .int(-2), bytes: "FF FF FF FF FF FF FF FE", source: "two's complement"),
        CodecFact(type: .uint64, value: .uint(.max), bytes: "FF FF FF FF FF FF FF FF", source: "binary"),
        CodecFact(type: .uint64, value: .uint(0x0102_0304_0506_0708), bytes: "01 02 03 04 05 06 07 08", source: "binary"),
    ]
}

@Suite("Register codecs")
struct RegisterCodecTests {
    /// The makers' letters spelled out: which byte of the number comes when.
    private static let places: [WordOrder: [Int: [Int]]] = [
        .abcd: [2: [0, 1], 4: [0, 1, 2, 3], 8: [0, 1, 2, 3, 4, 5, 6, 7]],
        .badc: [2: [1, 0], 4: [1, 0, 3, 2], 8: [1, 0, 3, 2, 5, 4, 7, 6]],
        .cdab: [2: [0, 1], 4: [2, 3, 0, 1], 8: [6, 7, 4, 5, 2, 3, 0, 1]],
        .dcba: [2: [1, 0], 4: [3, 2, 1, 0], 8: [7, 6, 5, 4, 3, 2, 1, 0]],
    ]

    @Test("published numbers are read and written in every order", arguments: CodecFact.all, WordOrder.allCases)
    func published(fact: CodecFact, order: WordOrder) throws {
        let big = hex(fact.bytes)
        let sent = try #require(Self.places[order]?[big.count]).map { big[$0] }
        let registers = stride(from: 0, to: sent.count, by: 2).map { UInt16(sent[$0]) << 8 | UInt16(sent[$0 + 1]) }
        let codec = RegisterCodec(fact.type, order: order)
        #expect(codec.decode(registers) == fact.value)
        #expect(try codec.encode(fact.value) == registers)
    }

    @Test("any registers decode, and encode to themselves", arguments: RegisterType.allCases, WordOrder.allCases)
    func identity(type: RegisterType, order: WordOrder) throws {
        var dice = Dice(seed: 6)
        let codec = RegisterCodec(type, order: order)
        for _ in 0..<200 {
            let registers = dice.words(type.registerCount)
            let isDecimal = type == .bcd16 || type == .bcd32
            if isDecimal, registers.contains(where: { $0.nibbles.contains { $0 > 9 } }) {
                #expect(codec.decode(registers) == nil)
                continue
            }
            let value = try #require(codec.decode(registers))
            if case .double(let number) = value, number.isNaN { continue }
            if type == .bool { continue }
            #expect(try codec.encode(value) == registers)
        }
    }

    @Test("too few registers are no number; more than enough are not looked at", arguments: RegisterType.allCases)
    func counts(type: RegisterType) {
        let codec = RegisterCodec(type, order: .cdab)
        #expect(codec.decode(Array(repeating: 1, count: type.registerCount - 1)) == nil)
        #expect(codec.decode(Array(repeating: 0, count: type.registerCount) + [9, 9]) != nil)
    }

    @Test("a truth value is any register but zero")
    func truth() throws {
        let codec = RegisterCodec(.bool)
        #expect(codec.decode([0]) == .bool(false))
        #expect(codec.decode([0x8000]) == .bool(true))
        #expect(try codec.encode(.bool(true)) == [1])
    }

    @Test("a number is never cut to fit")
    func doesNotFit() {
        let misfits: [(RegisterType, RawValue)] = [
            (.int16, .int(32768)), (.int16, .int(-32769)), (.uint16, .int(-1)), (.uint16, .double(65536)),
            (.int32, .uint(1 << 31)),
            (.uint32, .double(0.5)), (.uint64, .double(.infinity)), (.int64, .double(.nan)), (.int64, .uint(.max)),
            (.bcd16, .int(10000)), (.bcd16, .int(-1)), (.bcd32, .uint(100_000_000)), (.bcd32, .double(.nan)),
            (.float32, .double(1e300)), (.float32, .int(.max)), (.float64, .int(.max)), (.bool, .int(1)), (.int16, .bool(true)),
        ]
        for (type, value) in misfits {
            #expect {
                try RegisterCodec(type).encode(value)
            } throws: {
                if case ModbusError.unservable = $0 { true } else { false }
            }
        }
    }

    @Test("a decimal number has its digits in its nibbles, and a nibble above nine is no digit")
    func decimals() throws {
        #expect(RegisterCodec(.bcd16).decode([0x1234]) == .uint(1234))
        #expect(RegisterCodec(.bcd32).decode([0x1234, 0x5678]) == .uint(12_345_678))
        #expect(RegisterCodec(.bcd32, order: .cdab).decode([0x5678, 0x1234]) == .uint(12_345_678))
        #expect(RegisterCodec(.bcd32, order: .dcba).decode([0x7856, 0x3412]) == .uint(12_345_678))
        #expect(RegisterCodec(.bcd16, order: .badc).decode([0x3412]) == .uint(1234))
        for word in [0x000A, 0x00F0, 0x0A00, 0xA000, 0xFFFF] as [UInt16] { #expect(RegisterCodec(.bcd16).decode([word]) == nil) }
        for number in 0...9999 {
            let digits = try #require(UInt16("\(number)", radix: 16))
            let words = try RegisterCodec(.bcd16).encode(.int(Int64(number)))
            if words != [digits] { Issue.record("\(number) became \(words)") }
        }
        #expect(try RegisterCodec(.bcd32).encode(.uint(99_999_999)) == [0x9999, 0x9999])
    }

    @Test("whole numbers change kind freely where nothing is lost")
    func kinds() throws {
        #expect(try RegisterCodec(.int16).encode(.double(-5)) == [0xFFFB])
        #expect(try RegisterCodec(.float32).encode(.int(1)) == [0x3F80, 0])
        #expect(try RegisterCodec(.float32).encode(.double(0.1)) == [0x3DCC, 0xCCCD])
    }
}

extension UInt16 {
    var nibbles: [UInt16] { [self >> 12, self >> 8 & 15, self >> 4 & 15, self & 15] }
}
