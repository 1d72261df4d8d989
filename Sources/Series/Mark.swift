import Telemetry

/// All of a reading but its value, in one byte: the kind of value (bits 0…2), the quality (3…4), the cause (5…7).
struct Mark: Hashable {
    /// Numbers on disk: never renumber, only add.
    enum Kind: UInt8, CaseIterable {
        case none, bool, int, uint, double, string
    }

    let byte: UInt8

    init(_ reading: Reading) {
        switch reading {
        case .good(let value): byte = Self.kind(of: value).rawValue
        case .uncertain(let value, let cause): byte = Self.kind(of: value).rawValue | 1 << 3 | Self.code(of: cause) << 5
        case .bad(let cause): byte = 2 << 3 | Self.code(of: cause) << 5
        }
    }

    /// Nil for a byte that no reading has.
    init?(byte: UInt8) {
        guard let kind = Kind(rawValue: byte & 7) else { return nil }
        let cause = Self.cause(of: byte >> 5)
        switch byte >> 3 & 3 {
        case 0: guard kind != .none, byte >> 5 == 0 else { return nil }
        case 1: guard kind != .none, cause != nil else { return nil }
        case 2: guard kind == .none, cause != nil else { return nil }
        default: return nil
        }
        self.byte = byte
    }

    var kind: Kind { Kind(rawValue: byte & 7) ?? .none }

    var cause: Cause? { Self.cause(of: byte >> 5) }

    var quality: Quality {
        switch byte >> 3 & 3 {
        case 0: .good
        case 1: .uncertain
        default: .bad
        }
    }

    /// The reading with this mark and a value.
    ///
    /// - Precondition: there is a value unless the mark is bad.
    func reading(_ value: Value?) -> Reading {
        let cause = Self.cause(of: byte >> 5)
        return switch (quality, value, cause) {
        case (.good, let value?, _): .good(value)
        case (.uncertain, let value?, let cause?): .uncertain(value, cause)
        case (.bad, _, let cause?): .bad(cause)
        default: preconditionFailure("a mark without what it announces")
        }
    }

    private static func kind(of value: Value) -> Kind {
        switch value {
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        }
    }

    /// Numbers on disk: never renumber, only add; up to 7.
    private static func code(of cause: Cause) -> UInt8 {
        switch cause {
        case .commFailure: 1
        case .stale: 2
        case .outOfRange: 3
        case .sensorFault: 4
        case .substituted: 5
        case .clockUntrusted: 6
        }
    }

    private static func cause(of code: UInt8) -> Cause? {
        switch code {
        case 1: .commFailure
        case 2: .stale
        case 3: .outOfRange
        case 4: .sensorFault
        case 5: .substituted
        case 6: .clockUntrusted
        default: nil
        }
    }
}
