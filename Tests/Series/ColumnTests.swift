import Telemetry
import Testing

@testable import Series

@Suite("Column")
struct ColumnTests {
    /// The paper's figure 2 has 12, 24, 24 in 64 bits, `11`:11:1:`1` in 14, and `0`. The other rows: the numbers of its table of XORs;
    /// their bytes by gorillacompression 1.0.2 of PyPI, `ValuesEncoder.encode_all(numbers)["encoded"].hex()`.
    @Test(
        "changes of bits are written as another implementation of the Gorilla paper writes them",
        arguments: [
            ([12, 24, 24], "4028000000000000d604"), ([12, 24, 15, 12, 35], "4028000000000000d60758771e91f4c0"),
            ([15.5, 14.0625, 3.25, 8.625, 13.1], "402f000000000000dc26751131ab5b33b7333333333330"),
            ([1, 1 + 0x1p-52, 1 + 0x1p-51, 1, 1 + 0x1p-20, 1], "3ff0000000000000ff000000000600000001c00000002a000000014000000000"),
            (
                [2.345, 2.345, -0.0, 1e300, .leastNonzeroMagnitude, .infinity, 2.5],
                "4002c28f5c28f5c360ff000b0a3d70a3d70efe37e43c8800759c9f8df90f22001d6767ff00000000000018ffd0000000000000"
            ),
        ] as [([Double], String)])
    func gorilla(numbers: [Double], hex: String) throws {
        var writer = ByteWriter()
        XORColumn.encode(numbers, into: &writer)
        #expect(writer.bytes.map(Self.hex).joined() == hex)
        var reader = ByteReader(writer.bytes, end: writer.bytes.count)
        #expect(try XORColumn.decode(&reader, count: numbers.count).map(\.bitPattern) == numbers.map(\.bitPattern))
        #expect(reader.remaining == 0)
    }

    /// By alp-codec 0.8.3 of PyPI: `find_best_exponents`, then `encode_value` of each.
    @Test(
        "decimals become the whole numbers that another implementation of ALP finds",
        arguments: [
            ([2.345, 2.346, 2.339, -0.001, 17], 3, [2345, 2346, 2339, -1, 17000]),
            ([25.033012, 121.456789, -33.868820], 6, [25_033_012, 121_456_789, -33_868_820]),
            ([0.1, 0.2, 0.3, 1e6 + 0.7], 1, [1, 2, 3, 10_000_007]), ([101_325, 98_000], 0, [101_325, 98_000]),
        ] as [([Double], UInt8, [Int64])])
    func decimals(numbers: [Double], places: UInt8, mantissas: [Int64]) throws {
        let form = try #require(DecimalForm.best(for: numbers))
        #expect(form.kind == .divided && form.place == places)
        #expect(numbers.map(form.mantissa(of:)) == mantissas)
    }

    @Test(
        "a decimal that was printed, scaled or sent as a float is recognised, with no more places than it has",
        arguments: 0..<20 as Range<UInt64>)
    func forms(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let places = Int.random(in: 0...7, using: &random)
        let texts = (0..<100).map { _ -> String in
            let digits = String(Int.random(in: 0..<900_000, using: &random) * 10 + 3)
            let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
            return "\(padded.dropLast(places)).\(padded.suffix(places))\(places == 0 ? "0" : "")"
        }
        let printed = try texts.map { try #require(Double($0)) }
        let form = try #require(DecimalForm.best(for: printed))
        #expect(form.kind == .divided && Int(form.place) == places)
        let scale = random.pick([0.1, 0.01, 0.001, 0.05, 0.025])
        let scaled = (0..<100).map { _ in Double(Int.random(in: -32768...32767, using: &random)) * scale }
        #expect(DecimalForm.best(for: scaled) != nil)
        let floats = texts.map { Double(Float($0.prefix(7)) ?? 0) }
        #expect(DecimalForm.best(for: floats) != nil)
        let noise = (0..<100).map { _ in Double.random(in: 0..<1, using: &random) }
        #expect(DecimalForm.best(for: noise) == nil)
    }

    @Test("numbers of every width are packed without gaps and come back", arguments: 0...64)
    func widths(width: Int) throws {
        var random = SeededRandom(seed: UInt64(width))
        for count in [1, 2, 7, 8, 63, 64, 65, 128] {
            let mask = width == 64 ? -1 : (Int64(1) << Int64(width)) &- 1
            let numbers = (0..<count).map { _ in Int64(bitPattern: random.next()) }
            var writer = ByteWriter()
            writer.append(0xA5)
            writer.append(numbers.span, width: width)
            #expect(writer.bytes.count == 1 + (count * width + 7) / 8)
            var reader = ByteReader(writer.bytes, end: writer.bytes.count)
            _ = try reader.byte()
            var back = [Int64](repeating: -1, count: count + 2)
            try reader.read(width: width, into: &back, 1..<count + 1)
            #expect(back == [-1] + numbers.map { $0 & mask } + [-1])
            #expect(reader.remaining == 0)
        }
    }

    @Test("whole numbers of any kind of series come back", arguments: 0..<60 as Range<UInt64>)
    func integers(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let numbers = Self.series(&random)
            var writer = ByteWriter()
            IntegerColumn.encode(numbers, into: &writer)
            var reader = ByteReader(writer.bytes, end: writer.bytes.count)
            #expect(try IntegerColumn.decode(&reader, count: numbers.count) == numbers)
            #expect(reader.remaining == 0)
        }
    }

    @Test("numbers at both ends of 64 bits in one block come back, near and far from each other")
    func extremes() throws {
        for far in [Int64.max, .max - 1, .max - 100, 0] as [Int64] {
            let numbers = (0..<300 as Range<Int64>).map { $0 % 40 == 7 ? $0 + .min : far - $0 % 3 }
            var writer = ByteWriter()
            IntegerColumn.encode(numbers, into: &writer)
            var reader = ByteReader(writer.bytes, end: writer.bytes.count)
            #expect(try IntegerColumn.decode(&reader, count: numbers.count) == numbers)
        }
    }

    @Test("an even series takes a few bytes, however long; one far number costs a few more")
    func exceptions() {
        func size(_ numbers: [Int64]) -> Int {
            var writer = ByteWriter()
            IntegerColumn.encode(numbers, into: &writer)
            return writer.bytes.count
        }
        let even = (0..<10_000 as Range<Int64>).map { midnight + $0 * 1000 }
        #expect(size(even) <= 14)
        var bent = even
        bent[5000] += 3_600_000
        #expect(size(bent) <= 14 + 80 * 4 + 24)
        let halted = even[..<5000] + even[5000...].map { $0 + 3_600_000 }
        #expect(size(Array(halted)) <= 14 + 40 * 4 + 24)
        #expect(size([Int64](repeating: -7, count: 1000)) <= 8)
        #expect(size((0..<1024 as Range<Int64>).map { $0 / 128 % 2 }) <= 24)
    }

    @Test("each form of doubles is chosen for the numbers it is for")
    func doubles() {
        func form(_ numbers: [Double]) -> UInt8 {
            var writer = ByteWriter()
            DoubleColumn.encode(numbers, into: &writer)
            return writer.bytes[0]
        }
        var random = SeededRandom(seed: 5)
        let noise = (0..<1000).map { _ in 2 + 0.001 * Workload.noise(&random) }
        #expect(form((0..<1000).map { Double($0 * 7919 % 1000) / 100 }) == 0)
        #expect(form(noise) == 1)
        // A device that is asked twice as often as it measures.
        #expect(form(noise.indices.map { noise[$0 * 7919 % 1000 < 600 ? $0 / 16 : $0] }) == 2)
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }

    private static func series(_ random: inout SeededRandom) -> [Int64] {
        let count = random.pick([1, 2, 3, 16, 127, 128, 129, 130, 257, 700])
        let reach = Int64(1) << Int64.random(in: 0...62, using: &random)
        var value = random.pick([0, 1, -1, midnight, .min, .max, Int64(bitPattern: random.next())])
        let step = Int64.random(in: -reach...reach, using: &random)
        let kind = Int.random(in: 0...5, using: &random)
        return (0..<count).map { index in
            switch kind {
            case 0: value &+= step
            case 1: value &+= step &+ .random(in: -3...3, using: &random)
            case 2: value = .random(in: -reach...reach, using: &random)
            case 3: value &+= step &* Int64.random(in: 0...4, using: &random)
            case 4: if Int.random(in: 0..<20, using: &random) == 0 { value &+= step }
            default: value = Int.random(in: 0..<30, using: &random) == 0 ? random.pick([.min, .max]) : Int64(index)
            }
            return value
        }
    }
}
