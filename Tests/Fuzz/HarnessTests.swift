import FuzzHarnesses
import Modbus
import Telemetry
import Testing

/// Inputs that are nearly sound: cut, doubled, mixed, and with bytes changed.
struct Mutator {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func mutant(of seeds: [[UInt8]]) -> [UInt8] {
        guard var bytes = seeds.randomElement(using: &random), let other = seeds.randomElement(using: &random) else { return [] }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let length = Int.random(in: 0...min(24, bytes.count - place), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.removeSubrange(place..<(place + length))
            case 1: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 2: bytes.insert(contentsOf: other.prefix(Int.random(in: 0...other.count, using: &random)).suffix(24), at: place)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 4 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 5 where place < bytes.count: bytes[place] = Self.sharp.randomElement(using: &random) ?? 0
            default: break
            }
        }
        return bytes
    }

    /// Where texts turn: signs of YAML, JSON, CSV and addresses, and the edges of a byte.
    private static let sharp = Array("0:-{}[]\"',;#&*?=.$\n\r\t ".utf8) + [0x00, 0x7F, 0x80, 0xC3, 0xFF]
}

/// The repository's root.
let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

@Suite("The fuzzer's harnesses")
struct HarnessTests {
    @Test("have seeds to begin with, and hold their promises on them and on what is nearly so", arguments: Harness.allCases)
    func nearly(harness: Harness) {
        let seeds = harness.seeds(from: root)
        #expect(!seeds.isEmpty && !seeds.contains { $0.isEmpty })
        harness.run([])
        for seed in seeds { harness.run(seed) }
        var mutator = Mutator(seed: 1)
        for _ in 0..<200 { harness.run(mutator.mutant(of: seeds)) }
    }

    @Test("begin with the profiles of the repository, and with requests and answers of every function")
    func seeds() {
        let profiles = Harness.profile.seeds(from: root)
        #expect(profiles.count > 40 && profiles.allSatisfy { String(decoding: $0, as: UTF8.self).contains("profile: 1") })
        let first = Set(Harness.pdu.seeds(from: root).compactMap(\.first))
        #expect(first.isSuperset(of: [1, 3, 4, 5, 6, 15, 16, 22, 0x83, 0x90]))
    }
}
