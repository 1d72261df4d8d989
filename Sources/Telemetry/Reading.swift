/// What a point can hold, once scaled to its unit.
package enum Value: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)

    package var type: ValueType {
        switch self {
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        }
    }

    /// The value as a number, 1 or 0 for a truth value; nil for text. Integers beyond 2⁵³ are rounded.
    package var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .double(let value): value
        case .string: nil
        }
    }
}

package enum ValueType: String, Sendable, CaseIterable {
    case bool, int, uint, double, string
}

/// Why a reading is less than good. The raw value is the word shown to people and sent upstream.
package enum Cause: String, Sendable, CaseIterable {
    /// No answer, or one that cannot be trusted: link down, timeout, exception, a broken frame.
    case commFailure = "comm-failure"
    /// Older than the point's largest age.
    case stale
    /// The device answered with a number outside the point's range.
    case outOfRange = "out-of-range"
    /// The device answered, but says, or shows, that it does not know: NaN, a fault code, a broken loop.
    case sensorFault = "sensor-fault"
    /// Put there by a person or a computation in place of a measurement.
    case substituted
    /// Good but for its time: the device's or the gateway's clock cannot be believed.
    case clockUntrusted = "clock-untrusted"
}

/// A value and how far to believe it. There is no way to ask a bad reading for a number.
package enum Reading: Hashable, Sendable {
    case good(Value)
    case uncertain(Value, Cause)
    case bad(Cause)

    package var value: Value? {
        switch self {
        case .good(let value), .uncertain(let value, _): value
        case .bad: nil
        }
    }

    package var cause: Cause? {
        switch self {
        case .good: nil
        case .uncertain(_, let cause), .bad(let cause): cause
        }
    }

    package var quality: Quality {
        switch self {
        case .good: .good
        case .uncertain: .uncertain
        case .bad: .bad
        }
    }

    package var isGood: Bool {
        if case .good = self { true } else { false }
    }
}

package enum Quality: String, Sendable, CaseIterable {
    case good, uncertain, bad
}
