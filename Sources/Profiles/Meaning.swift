package import Modbus

/// What a point's registers mean beyond a number with its scale and offset.
package struct Meaning: Sendable, Hashable {
    /// Text, instead of a number.
    package var text: TextCodec?
    /// The bits of the number that are the point.
    package var bits: BitField?
    /// Whether these bits are one, true or false.
    package var isFlag = false
    /// The words for the numbers of an enumeration; a number without one is out of range.
    package var labels: [Int64: String] = [:]
    /// The numbers, before scale and offset, by which the device says that it does not know.
    package var invalid: Set<RawValue> = []
    /// What 4 and 20 mA stand for, where the scaled number is a current in mA.
    package var loop: CurrentLoop?
    /// The number, before scale and offset, that a counter never shows: there it begins again at zero (see `Unroller`).
    package var rollOver: UInt64?

    package init() {}
}

/// A measurement carried as a current of 4 to 20 mA.
package struct CurrentLoop: Sendable, Hashable {
    /// What 4 mA means, in the point's unit.
    package let first: Double
    /// What 20 mA means; it may be the smaller.
    package let second: Double

    /// Beyond these a transmitter signals its own failure, or the wire is broken or shorted: NAMUR NE 43.
    package static let believable = 3.6...21.0
    package static let span = 4.0...20.0

    /// nil if all currents would mean the same.
    package init?(_ first: Double, _ second: Double) {
        guard first.isFinite, second.isFinite, first != second, (second - first).isFinite else { return nil }
        self.first = first
        self.second = second
    }

    /// Both ends of the span come out exactly.
    func value(at milliamperes: Double) -> Double { (first * (20 - milliamperes) + second * (milliamperes - 4)) / 16 }

    func milliamperes(for value: Double) -> Double { (4 * (second - value) + 20 * (value - first)) / (second - first) }
}

/// The function that writes a point.
package enum WriteFunction: String, CaseIterable, Sendable {
    /// 05 for a coil, 06 for one register, 16 for more, which 06 cannot write.
    case single
    /// 15 and 16, also for one, since some devices know no others.
    case multiple
    /// 22, which changes some bits of a register and leaves the rest.
    case mask
}
