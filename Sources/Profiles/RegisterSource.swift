package import Modbus
package import Telemetry

/// Where a point lies in a device's tables, and what its number means there: value = number × scale + offset.
package struct RegisterSource: Sendable, Hashable {
    package let table: Table
    /// From zero, as on the wire.
    package let address: UInt16
    /// For text, a single register's.
    package let codec: RegisterCodec
    package let scale: Double
    package let offset: Double
    /// How many addresses the point covers; a bit is one.
    package let registerCount: Int
    package var function: WriteFunction
    /// 10 where the scale is 0.1. Dividing by a whole number is rounded once, so that 3 × 0.1 is 0.3 and not
    /// 0.30000000000000004.
    let divisor: Double?
    let details: Details

    /// Boxed, since most points have none, and every reading passes by here.
    indirect enum Details: Sendable, Hashable {
        case none
        case some(Meaning)
    }

    /// What a value is on the wire.
    package enum Payload: Hashable, Sendable {
        case bit(Bool)
        case registers([UInt16])
        /// Bits of the point's register at an offset from its first, for function 22.
        case mask(offset: UInt16, and: UInt16, or: UInt16)
    }

    package init(
        table: Table, address: UInt16, codec: RegisterCodec, scale: Double = 1, offset: Double = 0,
        meaning: Meaning = Meaning(), function: WriteFunction = .single
    ) {
        self.table = table
        self.address = address
        self.codec = codec
        self.scale = scale
        self.offset = offset
        self.function = function
        registerCount = table.isBits ? 1 : meaning.text?.registerCount ?? codec.registerCount
        details = meaning == Meaning() ? .none : .some(meaning)
        let whole = (1 / scale).rounded()
        divisor = abs(whole) > 1 && whole.isFinite && 1 / whole == scale ? whole : nil
    }

    package var isScaled: Bool { scale != 1 || offset != 0 }

    package var meaning: Meaning {
        if case .some(let meaning) = details { meaning } else { Meaning() }
    }

    /// All of the point's addresses. `Int`, since one may end at 65536.
    package var addresses: Range<Int> { Int(address)..<Int(address) + registerCount }

    package var valueType: ValueType {
        if table.isBits { return .bool }
        if case .some(let meaning) = details {
            if meaning.text != nil { return .string }
            if meaning.isFlag { return .bool }
            if meaning.loop != nil { return .double }
        }
        switch codec.type {
        case .bool: return .bool
        case .float32, .float64: return .double
        case .uint64: return isScaled ? .double : .uint
        case .int16, .uint16, .int32, .uint32, .int64, .bcd16, .bcd32: return isScaled ? .double : .int
        }
    }

    /// The `type` of a profile.
    package var typeWord: String { meaning.text == nil ? codec.type.rawValue : PointType.text.rawValue }
}

extension RegisterSource {
    func scaled(_ number: Double) -> Double { (divisor.map { number / $0 } ?? (number * scale)) + offset }

    func unscaled(_ number: Double) -> Double { (number - offset) * (divisor ?? 1) / (divisor == nil ? scale : 1) }

    /// A number of the registers as a value; nil if it is none.
    func value(of raw: RawValue) -> Value? {
        switch raw {
        case .bool(let flag): return .bool(flag)
        case .int(let whole) where !isScaled: return .int(whole)
        case .uint(let whole) where !isScaled:
            return codec.type == .uint64 ? .uint(whole) : Int64(exactly: whole).map { .int($0) }
        case .int, .uint, .double: break
        }
        guard let number = raw.number.map(scaled), number.isFinite else { return nil }
        return .double(number)
    }
}
