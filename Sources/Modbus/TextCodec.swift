/// How a maker writes text into registers.
package enum TextEncoding: String, CaseIterable, Sendable {
    case ascii
    case utf8 = "utf-8"
}

/// Registers to text and back, by one rule for both: two bytes to a register, the rest filled with NUL.
package struct TextCodec: Hashable, Sendable {
    /// The longest text, in bytes, so that one write can carry it.
    package static let maximumLength = 240

    /// In bytes; of an odd one the last register's second byte is left over.
    package let length: Int
    package let encoding: TextEncoding
    /// Text is a run of single registers: an order that swaps bytes swaps them here, and none moves a register.
    package let order: WordOrder

    /// nil unless the length is 1 to 240 bytes.
    package init?(length: Int, encoding: TextEncoding = .ascii, order: WordOrder = .abcd) {
        guard (1...Self.maximumLength).contains(length) else { return nil }
        self.length = length
        self.encoding = encoding
        self.order = order
    }

    package var registerCount: Int { (length + 1) / 2 }

    /// The text in the first registers, up to its first NUL and without spaces at its end; nil if there are too few
    /// registers, or their bytes are no text in this encoding.
    package func decode(_ registers: some Collection<UInt16>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(registerCount * 2)
        for register in registers.prefix(registerCount) { bytes.append(word: order.swapsBytes ? register.byteSwapped : register) }
        guard bytes.count == registerCount * 2 else { return nil }
        var text = bytes.prefix(length).prefix { $0 != 0 }
        while text.last == Self.space { text.removeLast() }
        if encoding == .ascii, text.contains(where: { $0 > 0x7F }) { return nil }
        return String(validating: text, as: UTF8.self)
    }

    /// The registers that hold this text. Throws `.unservable` for one that is too long, is not of the encoding, or would
    /// not be read back: with a NUL in it, or a space at its end.
    package func encode(_ text: String) throws(ModbusError) -> [UInt16] {
        var bytes = Array(text.utf8)
        guard bytes.count <= length else { throw .unservable("a text of \(bytes.count) bytes does not fit in \(length)") }
        if encoding == .ascii, bytes.contains(where: { $0 > 0x7F }) { throw .unservable("a text with more than ASCII in it") }
        if bytes.contains(0) || bytes.last == Self.space { throw .unservable("a text with a NUL in it, or a space at its end") }
        bytes += Array(repeating: 0, count: registerCount * 2 - bytes.count)
        var reader = ByteReader(bytes)
        let words = reader.words(registerCount) ?? []
        return order.swapsBytes ? words.map(\.byteSwapped) : words
    }

    private static let space = UInt8(ascii: " ")
}
