import Telemetry
import Testing

@Suite("A well under a pump band")
struct WellTests {
    /// Twenty minutes of a small well whose inflow one pump can carry, second by second; one pump at a time may fail.
    @Test("whatever fails, the level stays near its band, and no pump is wanted that may not run", arguments: 0...4)
    func day(seed: UInt64) throws {
        var station = try Station()
        var random = Shuffle(state: seed)
        var level = 2.0
        var trouble: (pump: Int, cell: String, seconds: Int) = (1, "2", 0)
        var starts = [1: 0, 2: 0]
        var before = "0"
        for _ in 0..<1200 {
            if trouble.seconds > 0 {
                trouble.seconds -= 1
            } else if seed > 0, random.next() % 60 == 0 {
                let cell = ["0", "1", "F", "-"][Int(random.next() % 4)]
                trouble = (Int(1 + random.next() % 2), cell, Int(random.next() % 40))
            }
            let isBlind = seed > 0 && random.next() % 200 == 0
            let rows: KeyValuePairs<Int, String> = [trouble.pump: trouble.seconds > 0 ? trouble.cell : "2"]
            let shown = station.hears(isBlind ? "-" : "\(level)", rows)

            if isBlind { #expect(shown == ".") }
            if trouble.seconds > 0 { #expect(!shown.contains("\(trouble.pump)"), "pump-\(trouble.pump) at \(trouble.cell)") }
            let running = shown.filter { $0 == "1" || $0 == "2" }
            for pump in [1, 2] where running.contains("\(pump)") && !before.contains("\(pump)") { starts[pump, default: 0] += 1 }
            before = running
            level += 0.01 + Double(random.next() % 10) / 1000 - 0.05 * Double(running.count)
            #expect((1.1...2.7).contains(level))
        }
        #expect((starts[1] ?? 0) + (starts[2] ?? 0) >= 8)
        if seed == 0 { #expect(abs((starts[1] ?? 0) - (starts[2] ?? 0)) <= 1, "\(starts)") }
    }
}

/// SplitMix64: small, and the same everywhere.
private struct Shuffle {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
