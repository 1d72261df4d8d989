import Modbus
import Profiles
import Telemetry
import Testing

@Suite("A point in registers")
struct RegisterSourceTests {
    private static let kinds = RegisterType.allCases.flatMap { type in WordOrder.allCases.map { RegisterCodec(type, order: $0) } }

    private func source(_ codec: RegisterCodec, scale: Double = 1, offset: Double = 0) -> RegisterSource {
        RegisterSource(table: .holding, address: 100, codec: codec, scale: scale, offset: offset)
    }

    @Test("reads any registers as a value of its type or as a cause, and never anything else", arguments: 0..<8 as Range<UInt64>)
    func anyRegisters(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for codec in Self.kinds {
            for (scale, offset) in [(1.0, 0.0), (0.1, 0), (0.001, -40), (1e308, 0), (-2, 0.5)] {
                let source = source(codec, scale: codec.type == .bool ? 1 : scale, offset: codec.type == .bool ? 0 : offset)
                let words: [UInt16] = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    let edges: [UInt16] = [0, 0x7FFF, 0x8000, 0xFFFF, UInt16.random(in: 0 ... .max, using: &random)]
                    return edges.randomElement(using: &random) ?? 0
                }
                switch source.reading(registers: words, range: -1e6...1e6) {
                case .good(let value):
                    #expect(value.type == source.valueType)
                    if value.type != .bool { #expect(value.number.map { (-1e6...1e6).contains($0) } == true) }
                case .bad(.commFailure): #expect(words.count < source.registerCount)
                case .bad(.sensorFault):
                    #expect(!codec.type.isWhole || codec.type == .bcd16 || codec.type == .bcd32 || source.isScaled)
                case .bad(.outOfRange): #expect(words.count >= source.registerCount)
                case let other: Issue.record("\(other)")
                }
            }
        }
    }

    @Test("writes what it would read: to write a reading gives the registers back", arguments: 0..<8 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for codec in Self.kinds where codec.type != .bool {
            let isWide = codec.type == .int64 || codec.type == .uint64
            let scales: [(Double, Double)] =
                isWide ? [(1, 0)] : [(1, 0), (0.1, 0), (0.001, 0), (0.02, 0), (0.5, -40), (10, 5), (0.25, 1)]
            for (scale, offset) in codec.type == .float32 || codec.type == .float64 ? [(1, 0)] : scales {
                let source = source(codec, scale: scale, offset: offset)
                let words = (0..<source.registerCount).map { _ in UInt16.random(in: 0...(.max), using: &random) }
                guard let value = source.reading(registers: words).value else { continue }
                #expect(try source.encode(value) == .registers(words), "\(codec) × \(scale) + \(offset): \(value)")
            }
        }
    }

    @Test(
        "shows a scaled whole number as the decimal it stands for",
        arguments: [(0.1, 10), (0.01, 100), (0.001, 1000), (0.02, 50)])
    func decimals(scale: Double, divisor: Int) {
        let source = source(RegisterCodec(.int16), scale: scale)
        for raw in Int16.min ... .max {
            let value = source.reading(registers: [UInt16(bitPattern: raw)]).value
            if value != .double(Double(raw) / Double(divisor)) {
                Issue.record("\(raw) × \(scale) reads as \(String(describing: value))")
            }
        }
        #expect(source.reading(registers: [3]).value == .double(3 / Double(divisor)))
    }

    @Test("refuses to write what its registers cannot hold")
    func unservable() throws {
        let word = source(RegisterCodec(.int16))
        for value in [
            Value.int(32768), .int(-32769), .uint(.max), .double(0.5), .double(.nan), .double(.infinity), .bool(true),
            .string("1"),
        ] {
            #expect(throws: ModbusError.self, "\(value)") { try word.encode(value) }
        }
        let tenths = source(RegisterCodec(.uint16), scale: 0.1)
        for value in [Value.double(-0.1), .double(6553.6), .double(1e300), .double(.nan), .int(6554)] {
            #expect(throws: ModbusError.self, "\(value)") { try tenths.encode(value) }
        }
        #expect(try tenths.encode(.double(12.34)) == .registers([123]))
        #expect(try tenths.encode(.int(12)) == .registers([120]))
        #expect(try word.encode(.double(5)) == .registers([5]))
        #expect(try word.encode(.uint(5)) == .registers([5]))
        #expect(throws: ModbusError.self) { try source(RegisterCodec(.float32)).encode(.double(1e39)) }
    }

    @Test("is written by the function its table and width ask for")
    func requests() throws {
        let coil = RegisterSource(table: .coil, address: 7, codec: RegisterCodec(.bool))
        #expect(try coil.request(writing: .bool(true)) == .writeCoil(address: 7, true))
        #expect(throws: ModbusError.self) { try coil.request(writing: .int(1)) }
        #expect(try source(RegisterCodec(.uint16)).request(writing: .int(9)) == .writeRegister(address: 100, 9))
        #expect(try source(RegisterCodec(.bool)).request(writing: .bool(true)) == .writeRegister(address: 100, 1))
        #expect(
            try source(RegisterCodec(.int32, order: .cdab)).request(writing: .int(65538))
                == .writeRegisters(address: 100, [2, 1]))
        for table in [Table.discrete, .input] {
            let source = RegisterSource(table: table, address: 0, codec: RegisterCodec(.bool))
            #expect(throws: ModbusError.self) { try source.request(writing: .bool(true)) }
        }
    }

    @Test("finds itself within a longer answer, and is not good where the answer does not cover it")
    func withinResponse() {
        let level = RegisterSource(table: .input, address: 10, codec: RegisterCodec(.int32))
        #expect(level.reading(in: .registers([9, 9, 0, 7, 9]), from: 8) == .good(.int(7)))
        #expect(level.reading(in: .registers([9, 9, 0]), from: 8) == .bad(.commFailure))
        #expect(level.reading(in: .registers([0, 7]), from: 11) == .bad(.commFailure))
        #expect(level.reading(in: .bits([true, true]), from: 10) == .bad(.commFailure))
        #expect(level.reading(in: .written, from: 10) == .bad(.commFailure))
        let float = RegisterSource(table: .discrete, address: 1, codec: RegisterCodec(.bool))
        #expect(float.reading(in: .bits([false, true]), from: 0) == .good(.bool(true)))
        #expect(float.reading(in: .bits([false]), from: 0) == .bad(.commFailure))
        #expect(float.reading(in: .registers([0, 1]), from: 0) == .bad(.commFailure))
    }
}
