@testable import Modbus

/// Bytes as specifications print them: `"01 00 13 00 13"`.
func hex(_ text: String) -> [UInt8] { text.split(separator: " ").map { UInt8($0, radix: 16) ?? 0 } }

/// SplitMix64, so that a failure can be had again from its seed.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) } }

    mutating func words(_ count: Int) -> [UInt16] { (0..<count).map { _ in UInt16.random(in: .min ... .max, using: &self) } }

    /// A request within the protocol's limits.
    mutating func request() -> Request {
        let table = Table.allCases.randomElement(using: &self) ?? .coil
        let address = UInt16.random(in: 0...60000, using: &self)
        switch Int.random(in: 0..<6, using: &self) {
        case 0: return .read(table, address: address, count: UInt16.random(in: 1...UInt16(table.maximumRead), using: &self))
        case 1: return .writeCoil(address: address, Bool.random(using: &self))
        case 2: return .writeRegister(address: address, words(1)[0])
        case 3: return .writeCoils(address: address, bits(Int.random(in: 1...1968, using: &self)))
        case 4: return .writeRegisters(address: address, words(Int.random(in: 1...123, using: &self)))
        default: return .maskWrite(address: address, and: words(1)[0], or: words(1)[0])
        }
    }

    mutating func response(to request: Request) -> Response {
        guard case .read(let table, _, let count) = request else { return .written }
        return table.isBits ? .bits(bits(Int(count))) : .registers(words(Int(count)))
    }

    private mutating func bits(_ count: Int) -> [Bool] { (0..<count).map { _ in Bool.random(using: &self) } }
}
