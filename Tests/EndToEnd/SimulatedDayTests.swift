import Foundation
import Plants
import Telemetry
import Testing

@Suite("a simulated day of the pump station")
struct SimulatedDayTests {
    private static let isLong = ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil
    static let seeds: [UInt64] = isLong ? Array(1...20) : [7]

    @Test("the level rule keeps the wet well in its band", arguments: seeds)
    func band(seed: UInt64) throws {
        var station = try VirtualStation(seed: seed)
        var lowest = Double.infinity
        var highest = -Double.infinity
        var dryStarts = 0
        station.run(for: .seconds(86_400)) { station in
            let level = station.plant.plant.well.level
            lowest = min(lowest, level)
            highest = max(highest, level)
            if level < 1.0, station.plant.plant.pumps.contains(where: \.isRunning) { dryStarts += 1 }
        }
        // Start at 2.4 m, stop at 1.2 m; above and below stand a second of polling, the pumps' run-up and the sensor's noise.
        #expect(lowest > 1.1 && highest < 3.4, "the level went from \(lowest) to \(highest) m")
        #expect(dryStarts == 0)
        #expect(station.plant.plant.well.spilled == 0)
        let starts = station.plant.plant.pumps.map(\.starts)
        #expect(starts[0] > 5210 && starts[1] > 5166, "both pumps had their turns")
        #expect(abs((starts[0] - 5210) - (starts[1] - 5166)) <= 1, "and as many: \(starts)")
        #expect(station.diverged == 0)
        #expect(station.events.contains { $0.kind == .decision && $0.text.contains("2.4") })
    }

    @Test("a level that is no longer answered stops the pumps, and nothing starts until it is good again")
    func deadTransmitter() throws {
        var station = try VirtualStation(seed: 3)
        while !station.plant.plant.pumps.contains(where: \.isRunning) { station.run(for: .seconds(60)) }
        let isDead = station.plant.fail("well", .dead)
        #expect(isDead)
        station.run(for: .seconds(30))
        #expect(station.reading("xinzhuang-pump/well/level")?.isGood != true)
        #expect(!station.plant.plant.pumps.contains { $0.isCommanded })
        let starts = station.plant.plant.pumps.map(\.starts)
        station.run(for: .seconds(1800))
        #expect(station.plant.plant.pumps.map(\.starts) == starts)
        let isBack = station.plant.fail("well", nil)
        #expect(isBack)
        station.run(for: .seconds(3600))
        #expect(station.plant.plant.pumps.map(\.starts) != starts)
    }

    @Test("the same seed gives the same day")
    func repeatable() throws {
        let days = try (0..<2).map { _ in
            var station = try VirtualStation(seed: 11)
            station.run(for: .seconds(7200))
            return (station.events, station.samples, station.plant.plant.well.level)
        }
        #expect(days[0] == days[1])
    }
}
