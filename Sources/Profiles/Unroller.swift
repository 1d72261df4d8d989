import Modbus
package import Telemetry

/// Makes a counter that returns to zero count on.
///
/// A fall from above three quarters of the modulus to below one quarter is a roll-over. Any other fall is a reset: the
/// counter was cleared or exchanged, and counts anew from what it shows.
package struct Unroller: Sendable {
    /// The counter went back.
    package struct Reset: Sendable, Hashable {
        /// The last total before it.
        package let from: Value
        package let to: Value
    }

    private let source: RegisterSource
    private let modulus: UInt64
    /// How often it has returned to zero.
    private var turns: UInt64 = 0
    private var last: UInt64?

    /// nil for a point that does not roll over.
    /// - Parameter total: what it had come to when it was last heard, perhaps before a restart.
    package init?(_ source: RegisterSource, resuming total: Value? = nil) {
        guard let modulus = source.meaning.rollOver, modulus > 1 else { return nil }
        self.source = source
        self.modulus = modulus
        if let count = total.flatMap(Self.count(source)) {
            turns = count / modulus
            last = count % modulus
        }
    }

    /// The reading with the counter's total in place of what it shows. A reading without a value is left as it is and
    /// changes nothing, so that a counter may roll over, once, while nobody hears it.
    package mutating func unroll(_ reading: Reading) -> (reading: Reading, reset: Reset?) {
        guard let shown = reading.value, let count = Self.count(source)(shown), count < modulus else { return (reading, nil) }
        let before = total
        var isReset = false
        if let last, count < last {
            if Double(last) > 0.75 * Double(modulus), Double(count) < 0.25 * Double(modulus) {
                turns += 1
            } else {
                turns = 0
                isReset = true
            }
        }
        last = count
        if total == nil {
            // No value can hold it any more.
            turns = 0
            isReset = true
        }
        guard let total else { return (reading, nil) }
        let reset = isReset ? before.map { Reset(from: $0, to: total) } : nil
        if case .uncertain(_, let cause) = reading { return (.uncertain(total, cause), reset) }
        return (.good(total), reset)
    }

    /// What the counter has come to; nil before it was heard.
    package var total: Value? {
        guard let last else { return nil }
        let (full, overflows) = turns.multipliedReportingOverflow(by: modulus)
        let (sum, overflowsToo) = full.addingReportingOverflow(last)
        return overflows || overflowsToo ? nil : source.value(of: .uint(sum))
    }

    /// The number of counts a value stands for.
    private static func count(_ source: RegisterSource) -> (Value) -> UInt64? {
        { value in
            switch value {
            case .bool, .string: nil
            case .int(let whole) where !source.isScaled: UInt64(exactly: whole)
            case .uint(let whole) where !source.isScaled: whole
            case .int, .uint, .double: value.number.flatMap { UInt64(exactly: source.unscaled($0).rounded()) }
            }
        }
    }
}
