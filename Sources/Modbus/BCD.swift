/// Binary-coded decimal: a digit in each nibble, the first in the highest, as counters with rolls of digits have it.
enum BCD {
    /// nil if a nibble is above nine, and so no digit.
    static func number(_ pattern: UInt64) -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = pattern >> UInt64(shift) & 0xF
            guard digit <= 9 else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// nil if the number has more digits.
    static func pattern(_ number: UInt64, digits: Int) -> UInt64? {
        var pattern: UInt64 = 0
        var rest = number
        for place in 0..<digits {
            pattern |= (rest % 10) << UInt64(4 * place)
            rest /= 10
        }
        return rest == 0 ? pattern : nil
    }
}
