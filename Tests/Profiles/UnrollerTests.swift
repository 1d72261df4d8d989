import Modbus
import Profiles
import Telemetry
import Testing

@Suite("A counter that rolls over")
struct UnrollerTests {
    private func source(_ modulus: UInt64, _ type: RegisterType = .uint16, scale: Double = 1) -> RegisterSource {
        var meaning = Meaning()
        meaning.rollOver = modulus
        return RegisterSource(
            table: .input, address: 0, codec: RegisterCodec(type, order: .abcd), scale: scale, meaning: meaning)
    }

    /// What is heard, and what comes out: `R` marks a reset.
    private func expect(_ modulus: UInt64, hears: [Int64], shows: [String], _ location: SourceLocation = #_sourceLocation) throws
    {
        var unroller = try #require(Unroller(source(modulus)))
        let shown = hears.map { count in
            let (reading, reset) = unroller.unroll(.good(.int(count)))
            guard case .good(.int(let total)) = reading else { return "\(reading)" }
            return "\(total)" + (reset == nil ? "" : "R")
        }
        #expect(shown == shows, sourceLocation: location)
    }

    @Test("goes on counting from above three quarters to below one")
    func rollsOver() throws {
        try expect(65536, hears: [65530, 65535, 0, 4], shows: ["65530", "65535", "65536", "65540"])
        try expect(10000, hears: [7501, 2499, 7501, 2499], shows: ["7501", "12499", "17501", "22499"])
        try expect(10000, hears: [9999, 9999, 0, 0], shows: ["9999", "9999", "10000", "10000"])
    }

    @Test("begins anew at any other fall, and says so once")
    func resets() throws {
        try expect(10000, hears: [5000, 20, 30, 9000], shows: ["5000", "20R", "30", "9000"])
        try expect(10000, hears: [7500, 100], shows: ["7500", "100R"])
        try expect(10000, hears: [9000, 2500], shows: ["9000", "2500R"])
        try expect(10000, hears: [9000, 8999], shows: ["9000", "8999R"])
        try expect(10000, hears: [9999, 1, 0, 1], shows: ["9999", "10001", "0R", "1"])
        var unroller = try #require(Unroller(source(10000)))
        for count in [9999, 5] as [Int64] { #expect(unroller.unroll(.good(.int(count))).reset == nil) }
        let reset = unroller.unroll(.good(.int(3))).reset
        #expect(reset?.from == .int(10005))
        #expect(reset?.to == .int(3))
    }

    @Test("leaves a reading without a value as it is, and keeps the doubt of one that has some")
    func quality() throws {
        var unroller = try #require(Unroller(source(10000)))
        #expect(unroller.unroll(.good(.int(9999))).reading == .good(.int(9999)))
        #expect(unroller.unroll(.bad(.commFailure)).reading == .bad(.commFailure))
        #expect(unroller.unroll(.uncertain(.int(1), .clockUntrusted)).reading == .uncertain(.int(10001), .clockUntrusted))
        #expect(Unroller(RegisterSource(table: .input, address: 0, codec: RegisterCodec(.uint16))) == nil)
    }

    @Test("counts in the register's own counts, so that decimals stay decimals")
    func scaled() throws {
        var unroller = try #require(Unroller(source(65536, scale: 0.1)))
        #expect(unroller.unroll(.good(.double(6553.5))).reading == .good(.double(6553.5)))
        #expect(unroller.unroll(.good(.double(0.5))).reading == .good(.double(6554.1)))
        var bcd = try #require(Unroller(source(10000, .bcd16, scale: 0.01)))
        for shown in [99.99, 0, 99.99, 0.01] { _ = bcd.unroll(.good(.double(shown))) }
        #expect(bcd.total == .double(200.01))
    }

    @Test("takes up after a restart where it was, whatever the counter did meanwhile")
    func resumes() throws {
        var unroller = try #require(Unroller(source(10000), resuming: .int(39_990)))
        #expect(unroller.total == .int(39_990))
        #expect(unroller.unroll(.good(.int(5))).reading == .good(.int(40_005)))
        var cleared = try #require(Unroller(source(10000), resuming: .int(35_000)))
        #expect(cleared.unroll(.good(.int(5))).reset?.from == .int(35_000))
    }

    @Test("begins anew where a total would be more than a value holds")
    func overflow() throws {
        var unroller = try #require(Unroller(source(1 << 63, .uint64), resuming: .uint(.max)))
        let (reading, reset) = unroller.unroll(.good(.uint(3)))
        #expect(reading == .good(.uint(3)))
        #expect(reset?.from == .uint(.max))
    }

    @Test("a steady counter's total is never behind it, whatever it is read at", arguments: 0..<20 as Range<UInt64>)
    func property(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let modulus = UInt64.random(in: 16...70000, using: &random)
        let source = source(modulus, .uint32)
        var unroller = try #require(Unroller(source))
        var count: UInt64 = 0
        for _ in 0..<500 {
            count += UInt64.random(in: 0...modulus / 4, using: &random)
            let words = try RegisterCodec(.uint32).encode(.uint(count % modulus))
            let (reading, _) = unroller.unroll(source.reading(registers: words))
            // Read often enough, nothing is missed: a quarter of the modulus is where a fall is sure to be a roll-over.
            #expect(reading.value?.number.map { UInt64($0) % modulus } == count % modulus)
        }
    }
}
