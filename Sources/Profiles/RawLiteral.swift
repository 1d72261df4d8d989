import Modbus

extension RawValue {
    /// A number as a profile writes it: decimal as the number itself, hexadecimal as the bits that a manual prints, so that
    /// `0x8000` in an int16 is -32768. nil if it is no number, or the type (or the field of it) can never hold it.
    init?(_ text: String, in type: RegisterType, _ bits: BitField?) {
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            guard let pattern = UInt64(text.dropFirst(2), radix: 16) else { return nil }
            self.init(pattern: pattern, in: type, bits)
            return
        }
        let number: RawValue? =
            Int64(text).map { .int($0) } ?? UInt64(text).map { .uint($0) } ?? Double(text).map { .double($0) }
        guard let number else { return nil }
        if let bits {
            guard let whole = number.whole(UInt64.self), whole <= bits.greatest else { return nil }
            self = .uint(whole)
        } else {
            let codec = RegisterCodec(type)
            guard let held = (try? codec.encode(number)).flatMap({ codec.decode($0) }) else { return nil }
            self = held
        }
    }

    private init?(pattern: UInt64, in type: RegisterType, _ bits: BitField?) {
        if let bits {
            guard pattern <= bits.greatest else { return nil }
            self = .uint(pattern)
            return
        }
        let count = type.registerCount
        guard count == 4 || pattern >> UInt64(16 * count) == 0 else { return nil }
        let words = (0..<count).map { UInt16(truncatingIfNeeded: pattern >> UInt64(16 * (count - 1 - $0))) }
        guard let held = RegisterCodec(type).decode(words) else { return nil }
        self = held
    }
}
