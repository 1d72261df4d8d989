import Telemetry

/// The bytes of a journal row: the batches of a commit, or a part of them.
///
/// A format byte; a varint of the number of batches; the batches; and four bytes of FNV-1a over all that, little-endian. A
/// batch is five varints, then its samples:
///
/// | varint | meaning |
/// | --- | --- |
/// | number | minus the previous batch's; the first as it is |
/// | device | its id in the file |
/// | time of reception | zigzag, in ms, minus the previous batch's; the first as it is |
/// | samples | their number, doubled, plus one if the wall clock was trusted |
/// | length | of the samples in bytes, so that a batch can be passed over |
///
/// A sample is a tag byte, then only what the tag announces:
///
/// | bits | meaning |
/// | --- | --- |
/// | 0…3 | the kind of value, see `Kind` |
/// | 4…5 | good, uncertain, bad |
/// | 6 | a zigzag varint follows: time minus the previous sample's (the first: minus the time of reception) |
/// | 7 | a zigzag varint follows: point minus the one after the previous sample's |
///
/// then the cause, a byte, unless good, and the value. A scan of neighbouring points costs a byte each and their values.
enum Payload {
    static let format: UInt8 = 2

    enum Kind {
        static let none: UInt8 = 0
        static let `false`: UInt8 = 1
        static let `true`: UInt8 = 2
        static let int: UInt8 = 3
        static let uint: UInt8 = 4
        /// Eight bytes, little-endian.
        static let double: UInt8 = 5
        /// Four bytes: a double that a float holds exactly, as devices send them.
        static let float: UInt8 = 6
        static let string: UInt8 = 7
        /// 8…15: an integer that gives the double back, bit by bit, by the `Decimal` of that place.
        static let decimal: UInt8 = 8
    }

    /// How an integer becomes a double. A scaled register was multiplied by 0.001, a printed number divided by 1000: the last
    /// bit tells them apart.
    struct Decimal {
        let power: Double
        let factor: Double?

        func value(of mantissa: Double) -> Double { factor.map { mantissa * $0 } ?? mantissa / power }
    }

    /// Places on disk: never reorder.
    static let decimals: [Decimal] = [
        Decimal(power: 1, factor: 1), Decimal(power: 10, factor: 0.1), Decimal(power: 100, factor: 0.01),
        Decimal(power: 1000, factor: 0.001), Decimal(power: 10, factor: nil), Decimal(power: 100, factor: nil),
        Decimal(power: 1000, factor: nil), Decimal(power: 1_000_000, factor: nil),
    ]

    /// Numbers on disk: never renumber, only add.
    static func code(of cause: Cause) -> UInt8 {
        switch cause {
        case .commFailure: 1
        case .stale: 2
        case .outOfRange: 3
        case .sensorFault: 4
        case .substituted: 5
        case .clockUntrusted: 6
        }
    }

    static func cause(of code: UInt8) -> Cause? {
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

    static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
        let sum: UInt32? = bytes.withContiguousStorageIfAvailable { bytes in
            var sum: UInt32 = 2_166_136_261
            for byte in bytes { sum = (sum ^ UInt32(byte)) &* 16_777_619 }
            return sum
        }
        return sum ?? bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    static func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

    static func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
}

/// Why a payload cannot be read.
struct PayloadError: Error, Hashable {
    let reason: String
}
