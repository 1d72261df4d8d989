/// What a maker puts into one or more 16-bit registers.
package enum RegisterType: String, CaseIterable, Sendable {
    case bool, int16, uint16, int32, uint32, int64, uint64, float32, float64
    /// Four or eight decimal digits, one in each nibble.
    case bcd16, bcd32

    package var registerCount: Int {
        switch self {
        case .bool, .int16, .uint16, .bcd16: 1
        case .int32, .uint32, .float32, .bcd32: 2
        case .int64, .uint64, .float64: 4
        }
    }

    /// Whether all of its numbers are whole.
    package var isWhole: Bool {
        switch self {
        case .bool, .float32, .float64: false
        case .int16, .uint16, .int32, .uint32, .int64, .uint64, .bcd16, .bcd32: true
        }
    }

    /// The largest number it holds; nil if its numbers are not whole.
    package var greatest: UInt64? {
        switch self {
        case .bool, .float32, .float64: nil
        case .int16: UInt64(Int16.max)
        case .uint16: UInt64(UInt16.max)
        case .int32: UInt64(Int32.max)
        case .uint32: UInt64(UInt32.max)
        case .int64: UInt64(Int64.max)
        case .uint64: UInt64.max
        case .bcd16: 9999
        case .bcd32: 9999_9999
        }
    }
}

/// How a maker lays a number out: A is its most significant byte, and what is written first is sent first.
package enum WordOrder: String, CaseIterable, Sendable {
    /// Big endian throughout, as Modbus means it.
    case abcd = "ABCD"
    /// Bytes swapped within each register.
    case badc = "BADC"
    /// Least significant register first.
    case cdab = "CDAB"
    /// Both: little endian throughout.
    case dcba = "DCBA"

    var swapsBytes: Bool { self == .badc || self == .dcba }
    var reversesWords: Bool { self == .cdab || self == .dcba }
}

/// What was in the registers, before scale, offset and unit.
package enum RawValue: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
}

/// Registers to a number and back, by one rule for both.
package struct RegisterCodec: Hashable, Sendable {
    package let type: RegisterType
    package let order: WordOrder

    package init(_ type: RegisterType, order: WordOrder = .abcd) {
        self.type = type
        self.order = order
    }

    package var registerCount: Int { type.registerCount }

    /// The number in the first registers; nil if there are too few, or if a nibble of a BCD number is no digit. A float32 is
    /// widened exactly, NaN and infinities are left as they are, and a truth value is any register but zero.
    package func decode(_ registers: some Collection<UInt16>) -> RawValue? { decode(ArraySlice(registers.prefix(registerCount))) }

    /// The same for the one collection of the hot path: a generic is not specialised for another module, and costs thrice.
    package func decode(_ registers: ArraySlice<UInt16>) -> RawValue? {
        guard let bits = pattern(registers) else { return nil }
        switch type {
        case .bool: return .bool(bits != 0)
        case .int16: return .int(Int64(Int16(truncatingIfNeeded: bits)))
        case .int32: return .int(Int64(Int32(truncatingIfNeeded: bits)))
        case .int64: return .int(Int64(truncatingIfNeeded: bits))
        case .uint16, .uint32, .uint64: return .uint(bits)
        case .float32: return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .float64: return .double(Double(bitPattern: bits))
        case .bcd16, .bcd32: return BCD.number(bits).map { .uint($0) }
        }
    }

    /// The registers that hold this value. Whole numbers go into integers and floats, a `.double` into an integer only if
    /// it is whole; a float32 is the nearest there is. Throws `.unservable` for what does not fit.
    package func encode(_ value: RawValue) throws(ModbusError) -> [UInt16] {
        guard let bits = pattern(of: value) else { throw .unservable("\(value.words) does not fit in a \(type.rawValue)") }
        let words = (0..<registerCount).map { index in
            swapped(UInt16(truncatingIfNeeded: bits >> (16 * (registerCount - 1 - index))))
        }
        return order.reversesWords ? words.reversed() : words
    }

    private func swapped(_ word: UInt16) -> UInt16 { order.swapsBytes ? word.byteSwapped : word }

    private func pattern(_ registers: ArraySlice<UInt16>) -> UInt64? {
        var bits: UInt64 = 0
        var count = 0
        for word in registers.prefix(registerCount) {
            let place = order.reversesWords ? count : registerCount - 1 - count
            bits |= UInt64(swapped(word)) << (16 * place)
            count += 1
        }
        return count == registerCount ? bits : nil
    }

    /// The value's bits, in the low end of 64; nil if the type cannot hold it.
    private func pattern(of value: RawValue) -> UInt64? {
        switch type {
        case .bool:
            if case .bool(let flag) = value { flag ? 1 : 0 } else { nil }
        case .int16: value.whole(Int16.self).map { UInt64(UInt16(bitPattern: $0)) }
        case .int32: value.whole(Int32.self).map { UInt64(UInt32(bitPattern: $0)) }
        case .int64: value.whole(Int64.self).map { UInt64(bitPattern: $0) }
        case .uint16: value.whole(UInt16.self).map { UInt64($0) }
        case .uint32: value.whole(UInt32.self).map { UInt64($0) }
        case .uint64: value.whole(UInt64.self)
        case .float32: value.float32.map { UInt64($0.bitPattern) }
        case .float64: value.float64.map(\.bitPattern)
        case .bcd16: value.whole(UInt64.self).flatMap { BCD.pattern($0, digits: 4) }
        case .bcd32: value.whole(UInt64.self).flatMap { BCD.pattern($0, digits: 8) }
        }
    }
}

extension RawValue {
    /// The number, for messages.
    var words: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): "\(value)"
        }
    }

    /// The number as a double, rounded beyond 2⁵³; nil for a truth value.
    package var number: Double? {
        switch self {
        case .bool: nil
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .double(let value): value
        }
    }

    /// The number, if it is whole and fits.
    package func whole<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        switch self {
        case .bool: nil
        case .int(let value): Integer(exactly: value)
        case .uint(let value): Integer(exactly: value)
        case .double(let value): Integer(exactly: value)
        }
    }

    fileprivate var float64: Double? {
        switch self {
        case .bool: nil
        case .int(let value): Double(exactly: value)
        case .uint(let value): Double(exactly: value)
        case .double(let value): value
        }
    }

    /// A finite number must not become infinite.
    fileprivate var float32: Float? {
        guard let value = float64 else { return nil }
        let narrow = Float(value)
        return value.isFinite && !narrow.isFinite ? nil : narrow
    }
}
