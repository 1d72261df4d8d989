package import Modbus
package import Telemetry

/// Where a point lies in a device's tables, and what its number means there: value = number × scale + offset.
package struct RegisterSource: Sendable, Hashable {
    package let table: Table
    /// From zero, as on the wire.
    package let address: UInt16
    package let codec: RegisterCodec
    package let scale: Double
    package let offset: Double
    /// 10 where the scale is 0.1. Dividing by a whole number is rounded once, so that 3 × 0.1 is 0.3 and not
    /// 0.30000000000000004.
    private let divisor: Double?

    /// What a value is on the wire.
    package enum Payload: Hashable, Sendable {
        case bit(Bool)
        case registers([UInt16])
    }

    package init(table: Table, address: UInt16, codec: RegisterCodec, scale: Double = 1, offset: Double = 0) {
        self.table = table
        self.address = address
        self.codec = codec
        self.scale = scale
        self.offset = offset
        let whole = (1 / scale).rounded()
        divisor = abs(whole) > 1 && whole.isFinite && 1 / whole == scale ? whole : nil
    }

    package var isScaled: Bool { scale != 1 || offset != 0 }

    /// How many addresses the point covers; a bit is one.
    package var registerCount: Int { table.isBits ? 1 : codec.registerCount }

    /// All of the point's addresses. `Int`, since one may end at 65536.
    package var addresses: Range<Int> { Int(address)..<Int(address) + registerCount }

    package var valueType: ValueType {
        if table.isBits { return .bool }
        switch codec.type {
        case .bool: return .bool
        case .float32, .float64: return .double
        case .uint64: return isScaled ? .double : .uint
        case .int16, .uint16, .int32, .uint32, .int64: return isScaled ? .double : .int
        }
    }

    /// What one bit of the point's table reads as.
    package func reading(bit: Bool) -> Reading { .good(.bool(bit)) }

    /// What bits read as: the first is the point. None is an answer that cannot be trusted.
    package func reading(bits: some Collection<Bool>, range: ClosedRange<Double>? = nil) -> Reading {
        bits.first.map { reading(bit: $0) } ?? .bad(.commFailure)
    }

    /// What registers read as: the first of them is at the point's address. Too few are an answer that cannot be trusted;
    /// no number at all (NaN, an infinity) is a sensor's fault.
    package func reading(registers: some Collection<UInt16>, range: ClosedRange<Double>? = nil) -> Reading {
        guard let raw = codec.decode(registers) else { return .bad(.commFailure) }
        guard let value = value(of: raw) else { return .bad(.sensorFault) }
        return value.reading(in: range)
    }

    /// What a whole answer says of the point, if it covers it: `start` is the first address that was asked for.
    package func reading(in response: Response, from start: UInt16, range: ClosedRange<Double>? = nil) -> Reading {
        guard address >= start else { return .bad(.commFailure) }
        let skipped = Int(address - start)
        switch response {
        case .bits(let bits) where table.isBits: return reading(bits: bits.dropFirst(skipped), range: range)
        case .registers(let words) where !table.isBits: return reading(registers: words.dropFirst(skipped), range: range)
        case .bits, .registers, .written: return .bad(.commFailure)
        }
    }

    /// What to write for a value, by the same rule that reads it. A scaled value goes to the nearest number.
    /// Throws `.unservable` for a value of another type, or one that does not fit.
    package func encode(_ value: Value) throws(ModbusError) -> Payload {
        if valueType == .bool {
            guard case .bool(let flag) = value else { throw .unservable("\(value) where true or false is needed") }
            return table.isBits ? .bit(flag) : .registers(try codec.encode(.bool(flag)))
        }
        return .registers(try codec.encode(try raw(of: value)))
    }

    /// The request that writes a value: function 05 for a coil, 06 for one register, 16 for more.
    package func request(writing value: Value) throws(ModbusError) -> Request {
        guard table.isWritable else { throw .unservable("\(table.plural) cannot be written") }
        switch try encode(value) {
        case .bit(let flag): return .writeCoil(address: address, flag)
        case .registers(let words):
            guard words.count == 1, let word = words.first else { return .writeRegisters(address: address, words) }
            return .writeRegister(address: address, word)
        }
    }

    private func value(of raw: RawValue) -> Value? {
        let number: Double
        switch raw {
        case .bool(let flag): return .bool(flag)
        case .int(let whole) where !isScaled: return .int(whole)
        case .uint(let whole) where !isScaled: return valueType == .uint ? .uint(whole) : Int64(exactly: whole).map { .int($0) }
        case .int(let whole): number = Double(whole)
        case .uint(let whole): number = Double(whole)
        case .double(let real): number = real
        }
        let scaled = (divisor.map { number / $0 } ?? (number * scale)) + offset
        return scaled.isFinite ? .double(scaled) : nil
    }

    private func raw(of value: Value) throws(ModbusError) -> RawValue {
        switch value {
        case .bool, .string: throw .unservable("\(value) where a number is needed")
        case .int(let whole) where !isScaled: return .int(whole)
        case .uint(let whole) where !isScaled: return .uint(whole)
        case .int, .uint, .double: break
        }
        guard let number = value.number, number.isFinite else { throw .unservable("\(value) where a number is needed") }
        guard isScaled else { return .double(number) }
        let unscaled = (number - offset) * (divisor ?? 1) / (divisor == nil ? scale : 1)
        return .double(codec.type == .float32 || codec.type == .float64 ? unscaled : unscaled.rounded())
    }
}

extension Value {
    /// Good, unless it is a number outside the range.
    func reading(in range: ClosedRange<Double>?) -> Reading {
        if type == .bool || type == .string { return .good(self) }
        guard let range, let number else { return .good(self) }
        return range.contains(number) ? .good(self) : .bad(.outOfRange)
    }
}
