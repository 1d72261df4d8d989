/// Some neighbouring bits of a number, counted from its lowest, which is 0.
package struct BitField: Hashable, Sendable {
    package let low: Int
    package let high: Int

    /// nil unless the bits are within 64, the lower first.
    package init?(_ low: Int, _ high: Int) {
        guard 0 <= low, low <= high, high < 64 else { return nil }
        self.low = low
        self.high = high
    }

    /// The largest number that fits.
    package var greatest: UInt64 { UInt64.max >> UInt64(63 - (high - low)) }

    /// The field's bits where they stand, all of them set.
    package var mask: UInt64 { greatest << UInt64(low) }

    /// What the field holds within a number.
    package func value(in number: UInt64) -> UInt64 { number >> UInt64(low) & greatest }

    /// A value moved to where the field stands; nil if it does not fit.
    package func pattern(of value: UInt64) -> UInt64? { value <= greatest ? value << UInt64(low) : nil }
}
