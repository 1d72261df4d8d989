package import Telemetry

/// A value as the wire carries it: what it means takes a data type, which data messages and commands leave out.
package enum Scalar: Hashable, Sendable {
    /// All whole numbers of up to 32 bits; signed ones in two's complement.
    case int(UInt32)
    /// Likewise of 64 bits, and times.
    case long(UInt64)
    case float(Float)
    case double(Double)
    case bool(Bool)
    case string(String)

    /// A value of a point, in the type that `DataType.init(_:)` gives it.
    package init(_ value: Value) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .long(UInt64(bitPattern: value))
        case .uint(let value): self = .long(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        }
    }

    /// What it means as this type; nil if a value of the type cannot look like this, or is more than a `Value` holds.
    package func value(as type: DataType) -> Value? {
        switch (type, self) {
        case (.int8, .int(let bits)): Self.signed(bits, Int8.self)
        case (.int16, .int(let bits)): Self.signed(bits, Int16.self)
        case (.int32, .int(let bits)): .int(Int64(Int32(bitPattern: bits)))
        case (.int64, .long(let bits)): .int(Int64(bitPattern: bits))
        case (.uint8, .int(let number)): UInt8(exactly: number).map { .uint(UInt64($0)) }
        case (.uint16, .int(let number)): UInt16(exactly: number).map { .uint(UInt64($0)) }
        case (.uint32, .int(let number)): .uint(UInt64(number))
        case (.uint64, .long(let number)), (.dateTime, .long(let number)): .uint(number)
        case (.float, .float(let number)): .double(Double(number))
        case (.double, .double(let number)): .double(number)
        case (.boolean, .bool(let value)): .bool(value)
        case (.string, .string(let text)), (.text, .string(let text)), (.uuid, .string(let text)): .string(text)
        default: nil
        }
    }

    /// The specification does not say how far a short negative number extends its sign: some fill 32 bits, others only its own.
    private static func signed<Short: FixedWidthInteger & SignedInteger>(_ bits: UInt32, _: Short.Type) -> Value? {
        if let whole = Short(exactly: Int32(bitPattern: bits)) { return .int(Int64(whole)) }
        guard bits >> UInt32(Short.bitWidth) == 0 else { return nil }
        return .int(Int64(Short(truncatingIfNeeded: bits)))
    }
}

extension Value {
    /// The same quantity as another type; nil where it has none, or would lose more than a double's rounding.
    package func converted(to type: ValueType) -> Value? {
        switch (self, type) {
        case (_, self.type): self
        case (.int(let whole), .uint): UInt64(exactly: whole).map { .uint($0) }
        case (.uint(let whole), .int): Int64(exactly: whole).map { .int($0) }
        case (.int, .double), (.uint, .double): number.map { .double($0) }
        case (.double(let number), .int): Int64(exactly: number).map { .int($0) }
        case (.double(let number), .uint): UInt64(exactly: number).map { .uint($0) }
        default: nil
        }
    }
}
