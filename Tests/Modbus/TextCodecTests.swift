import Testing

@testable import Modbus

@Suite("Text and bits in registers")
struct TextCodecTests {
    private func codec(_ length: Int, _ encoding: TextEncoding = .ascii, _ order: WordOrder = .abcd) throws -> TextCodec {
        try #require(TextCodec(length: length, encoding: encoding, order: order))
    }

    @Test("a text ends at its first NUL, and without the spaces that fill it up")
    func padding() throws {
        #expect(try codec(8).decode([0x4142, 0x4300, 0, 0]) == "ABC")
        #expect(try codec(8).decode([0x4142, 0x2020, 0x2020, 0x2020]) == "AB")
        #expect(try codec(8).decode([0x4120, 0x4220, 0x2000, 0x5858]) == "A B")
        #expect(try codec(8).decode([0, 0, 0, 0]) == "")
        #expect(try codec(3).decode([0x4142, 0x43FF]) == "ABC", "the last register's second byte is not the text's")
        #expect(try codec(8).decode([0x4142, 0x4300, 0]) == nil, "too few registers")
    }

    @Test("an order that swaps bytes swaps them, and no order moves a register", arguments: WordOrder.allCases)
    func orders(order: WordOrder) throws {
        let swaps = order == .badc || order == .dcba
        let words: [UInt16] = swaps ? [0x6548, 0x6461, 0x6167, 0x6574] : [0x4865, 0x6164, 0x6761, 0x7465]
        let codec = try codec(8, .ascii, order)
        #expect(codec.decode(words) == "Headgate")
        #expect(try codec.encode("Headgate") == words)
    }

    @Test("bytes that are no text are none")
    func noText() throws {
        #expect(try codec(2).decode([0xC2B5]) == nil)
        #expect(try codec(2, .utf8).decode([0xC2B5]) == "µ")
        #expect(try codec(2, .utf8).decode([0xB5C2]) == nil)
        #expect(try codec(4, .utf8).decode([0xFFFF, 0xFFFF]) == nil)
        #expect(try codec(3, .utf8).decode([0x41E7, 0x9900]) == nil, "a letter cut in two")
    }

    @Test("a text that would not be read back is not written")
    func unservable() throws {
        for text in ["ABCDE", "µ", "A ", "\0", "A\0B"] {
            let codec = try codec(4)
            #expect(throws: ModbusError.self, "\(text)") { try codec.encode(text) }
        }
        #expect(throws: ModbusError.self) { try codec(4, .utf8).encode("百合") }
        #expect(try codec(5).encode("") == [0, 0, 0])
        #expect(TextCodec(length: 0) == nil)
        #expect(TextCodec(length: 241) == nil)
        #expect(TextCodec(length: 240)?.registerCount == 120)
    }

    @Test("every text that is written is read back", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for encoding in TextEncoding.allCases {
            for order in WordOrder.allCases {
                let letters = Array(encoding == .ascii ? "Aa 9~-\t" : "Aµ 百🚰é")
                let text = String(
                    (0..<Int.random(in: 0...20, using: &dice)).compactMap { _ in letters.randomElement(using: &dice) })
                let length = max(1, text.utf8.count + Int.random(in: 0...3, using: &dice))
                let codec = try codec(length, encoding, order)
                guard !text.hasSuffix(" ") else { continue }
                #expect(codec.decode(try codec.encode(text)) == text)
            }
        }
    }

    @Test("any registers are a text or none", arguments: 0..<20 as Range<UInt64>)
    func noise(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<200 {
            let codec = try codec(Int.random(in: 1...240, using: &dice), .utf8, .badc)
            if let text = codec.decode(dice.words(Int.random(in: 0...125, using: &dice))) {
                #expect(text.utf8.count <= codec.length)
            }
        }
    }

    @Test("a bit field is what stands between its bits")
    func fields() throws {
        let field = try #require(BitField(4, 7))
        #expect(field.value(in: 0xABCD) == 0xC)
        #expect(field.mask == 0xF0)
        #expect(field.pattern(of: 0xC) == 0xC0)
        #expect(field.pattern(of: 16) == nil)
        #expect(BitField(0, 63)?.greatest == .max)
        #expect(BitField(63, 63)?.value(in: 1 << 63) == 1)
        for (low, high) in [(-1, 3), (4, 3), (0, 64)] { #expect(BitField(low, high) == nil) }
    }
}
