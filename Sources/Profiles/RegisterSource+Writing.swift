package import Modbus
package import Telemetry

extension RegisterSource {
    /// What to write for a value, by the same rule that reads it. A scaled value goes to the nearest number.
    /// Throws `.unservable` for a value of another type, one that does not fit, or one that would not read back as good.
    package func encode(_ value: Value) throws(ModbusError) -> Payload {
        if case .some(let meaning) = details, !table.isBits { return try encode(value, meaning) }
        if valueType == .bool {
            let flag = try flag(of: value)
            return table.isBits ? .bit(flag) : .registers(try codec.encode(.bool(flag)))
        }
        return .registers(try codec.encode(try raw(of: value)))
    }

    /// The request that writes a value, with the function the profile names.
    package func request(writing value: Value) throws(ModbusError) -> Request {
        guard table.isWritable else { throw .unservable("\(table.plural) cannot be written") }
        switch try encode(value) {
        case .bit(let flag):
            return function == .multiple ? .writeCoils(address: address, [flag]) : .writeCoil(address: address, flag)
        case .registers(let words):
            guard words.count == 1, let word = words.first, function != .multiple else {
                return .writeRegisters(address: address, words)
            }
            return .writeRegister(address: address, word)
        case .mask(let offset, let and, let or):
            guard function == .mask else { throw .unservable("some bits of a register are written by function 22 alone") }
            return .maskWrite(address: address &+ offset, and: and, or: or)
        }
    }

    private func encode(_ value: Value, _ meaning: Meaning) throws(ModbusError) -> Payload {
        if let text = meaning.text {
            guard case .string(let words) = value else { throw .unservable("\(value.words) where text is needed") }
            return .registers(try text.encode(words))
        }
        if let bits = meaning.bits { return try encode(value, meaning, in: bits) }
        let words = try codec.encode(try raw(of: value, meaning))
        if let held = codec.decode(words) { try check(held, value, meaning) }
        return .registers(words)
    }

    private func raw(of value: Value, _ meaning: Meaning) throws(ModbusError) -> RawValue {
        if codec.type == .bool { return .bool(try flag(of: value)) }
        if let loop = meaning.loop { return try current(for: value, in: loop) }
        return try raw(of: value)
    }

    private func encode(_ value: Value, _ meaning: Meaning, in bits: BitField) throws(ModbusError) -> Payload {
        let number: RawValue
        if meaning.isFlag {
            let flag = try flag(of: value)
            number = .uint(flag ? bits.greatest : 0)
        } else {
            number = try raw(of: value, meaning)
        }
        guard let whole = number.whole(UInt64.self), let pattern = bits.pattern(of: whole) else {
            throw .unservable("\(value.words) does not fit in \(bits.words)")
        }
        try check(.uint(whole), value, meaning)
        return try mask(bits, pattern)
    }

    private func check(_ raw: RawValue, _ value: Value, _ meaning: Meaning) throws(ModbusError) {
        if meaning.invalid.contains(raw) { throw .unservable("\(value.words) is how the device says that it does not know") }
        guard meaning.allows(raw) else { throw .unservable("\(value.words) is not one of the point's values") }
    }

    private func current(for value: Value, in loop: CurrentLoop) throws(ModbusError) -> RawValue {
        guard value.type != .bool, let number = value.number, number.isFinite else {
            throw .unservable("\(value.words) where a number is needed")
        }
        let milliamperes = loop.milliamperes(for: number)
        guard CurrentLoop.span.contains(milliamperes) else { throw .unservable("\(value.words) is beyond 4 to 20 mA") }
        return nearest(milliamperes)
    }

    /// Whether function 22 can write these bits.
    func liesInOneRegister(_ bits: BitField) -> Bool { (try? mask(bits, 0)) != nil }

    /// The codec says where the bits stand, and where what is to be in them.
    private func mask(_ bits: BitField, _ pattern: UInt64) throws(ModbusError) -> Payload {
        let places = try codec.encode(.uint(bits.mask))
        let values = try codec.encode(.uint(pattern))
        let touched = places.indices.filter { places[$0] != 0 }
        guard let place = touched.first, touched.count == 1 else {
            throw .unservable("\(bits.words) lie in two registers, and function 22 writes one")
        }
        return .mask(offset: UInt16(place), and: ~places[place], or: values[place])
    }

    private func flag(of value: Value) throws(ModbusError) -> Bool {
        guard case .bool(let flag) = value else { throw .unservable("\(value.words) where true or false is needed") }
        return flag
    }

    private func raw(of value: Value) throws(ModbusError) -> RawValue {
        switch value {
        case .bool, .string: throw .unservable("\(value.words) where a number is needed")
        case .int(let whole) where !isScaled: return .int(whole)
        case .uint(let whole) where !isScaled: return .uint(whole)
        case .int, .uint, .double: break
        }
        guard let number = value.number, number.isFinite else { throw .unservable("\(value.words) where a number is needed") }
        return isScaled ? nearest(number) : .double(number)
    }

    /// The number that stands for a scaled one.
    private func nearest(_ number: Double) -> RawValue {
        let number = unscaled(number)
        return .double(codec.type.isWhole ? number.rounded() : number)
    }
}

extension Value {
    /// For messages: what a person would write.
    fileprivate var words: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): "'\(value)'"
        }
    }
}
