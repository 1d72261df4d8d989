package import Modbus
package import Telemetry

extension RegisterSource {
    /// What one bit of the point's table reads as.
    package func reading(bit: Bool) -> Reading { .good(.bool(bit)) }

    /// What bits read as: the first is the point. None is an answer that cannot be trusted.
    package func reading(bits: some Collection<Bool>, range: ClosedRange<Double>? = nil) -> Reading {
        bits.first.map { reading(bit: $0) } ?? .bad(.commFailure)
    }

    /// What registers read as: the first of them is at the point's address. Too few are an answer that cannot be trusted;
    /// no number at all (NaN, an infinity, a digit above nine), no text, or a number by which the device says that it does
    /// not know, is a sensor's fault.
    package func reading(registers: some Collection<UInt16>, range: ClosedRange<Double>? = nil) -> Reading {
        reading(registers: ArraySlice(registers), range: range)
    }

    /// The same for the one collection of the hot path (see `RegisterCodec.decode`).
    package func reading(registers: ArraySlice<UInt16>, range: ClosedRange<Double>? = nil) -> Reading {
        if case .some(let meaning) = details {
            if let text = meaning.text {
                guard registers.count >= registerCount else { return .bad(.commFailure) }
                return text.decode(registers).map { .good(.string($0)) } ?? .bad(.sensorFault)
            }
            guard let raw = codec.decode(registers) else { return undecoded(registers.count) }
            return reading(of: raw, meaning, range)
        }
        guard let raw = codec.decode(registers) else { return undecoded(registers.count) }
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

    private func undecoded(_ count: Int) -> Reading { .bad(count < registerCount ? .commFailure : .sensorFault) }

    private func reading(of number: RawValue, _ meaning: Meaning, _ range: ClosedRange<Double>?) -> Reading {
        var raw = number
        if let bits = meaning.bits {
            guard let whole = raw.whole(UInt64.self) else { return .bad(.sensorFault) }
            raw = .uint(bits.value(in: whole))
            if meaning.isFlag { return .good(.bool(raw != .uint(0))) }
        }
        if meaning.invalid.contains(raw) { return .bad(.sensorFault) }
        guard meaning.allows(raw) else { return .bad(.outOfRange) }
        if let loop = meaning.loop { return reading(of: loop, at: raw.number.map(scaled) ?? .nan, range) }
        return value(of: raw)?.reading(in: range) ?? .bad(.sensorFault)
    }

    /// Outside the span the line is followed on, as far as the transmitter may be believed.
    private func reading(of loop: CurrentLoop, at milliamperes: Double, _ range: ClosedRange<Double>?) -> Reading {
        guard CurrentLoop.believable.contains(milliamperes) else { return .bad(.sensorFault) }
        let value = Value.double(loop.value(at: milliamperes))
        guard value.reading(in: range).isGood else { return .bad(.outOfRange) }
        return CurrentLoop.span.contains(milliamperes) ? .good(value) : .uncertain(value, .outOfRange)
    }
}

extension Meaning {
    /// Whether a number is one that the device can mean: a known one of an enumeration, or below where a counter ends.
    func allows(_ raw: RawValue) -> Bool {
        if !labels.isEmpty {
            guard let whole = raw.whole(Int64.self), labels[whole] != nil else { return false }
        }
        if let rollOver {
            guard let whole = raw.whole(UInt64.self), whole < rollOver else { return false }
        }
        return true
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
