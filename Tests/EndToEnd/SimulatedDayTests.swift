import Control
import Foundation
import Gateway
import Plants
import Telemetry
import Testing
import VirtualCounty

@Suite("a simulated day of the pump station")
struct SimulatedDayTests {
    private static let isLong = ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil
    static let seeds: [UInt64] = isLong ? Array(1...20) : [7]

    /// The pump station of the county alone, with nothing that goes wrong by itself.
    private static func county(seed: UInt64) throws -> VirtualCounty {
        let (plan, mistakes) = SitePlan.load(LiveCounty.root.appending(path: "Simulators/county/station.yaml").path)
        let station = try #require(plan, "the station's configuration: \(mistakes)")
        var county = VirtualCounty(station, VirtualCounty.Options(seed: seed))
        county.keepsEvents = true
        return county
    }

    @Test("the level rule keeps the wet well in its band", arguments: seeds)
    func band(seed: UInt64) throws {
        var county = try Self.county(seed: seed)
        var lowest = Double.infinity
        var highest = -Double.infinity
        var dryStarts = 0
        county.run(for: .seconds(86_400)) { county in
            let level = county.station.well.level
            lowest = min(lowest, level)
            highest = max(highest, level)
            if level < 1.0, county.station.pumps.contains(where: \.isRunning) { dryStarts += 1 }
        }
        // Start at 2.4 m, stop at 1.2 m; above and below stand a second of polling, the pumps' run-up and the sensor's noise.
        #expect(lowest > 1.1 && highest < 3.4, "the level went from \(lowest) to \(highest) m")
        #expect(dryStarts == 0)
        #expect(county.station.well.spilled == 0)
        let starts = county.station.pumps.map(\.starts)
        #expect(starts[0] > 5210 && starts[1] > 5166, "both pumps had their turns")
        #expect(abs((starts[0] - 5210) - (starts[1] - 5166)) <= 1, "and as many: \(starts)")
        #expect(county.counters.diverged == 0)
        #expect(county.events.contains { $0.kind == .decision && $0.text.contains("2.4") })
    }

    @Test("a level that is no longer answered stops the pumps, and nothing starts until it is good again")
    func deadTransmitter() throws {
        var county = try Self.county(seed: 3)
        while !county.station.pumps.contains(where: \.isRunning) { county.run(for: .seconds(60)) }
        let isDead = county.fail("xinzhuang-pump/well", .dead)
        #expect(isDead)
        county.run(for: .seconds(30))
        #expect(county.reading("xinzhuang-pump/well/level")?.isGood != true)
        #expect(!county.station.pumps.contains { $0.isCommanded })
        let starts = county.station.pumps.map(\.starts)
        county.run(for: .seconds(1800))
        #expect(county.station.pumps.map(\.starts) == starts)
        let isBack = county.fail("xinzhuang-pump/well", nil)
        #expect(isBack)
        county.run(for: .seconds(3600))
        #expect(county.station.pumps.map(\.starts) != starts)
    }

    @Test("the same seed gives the same day")
    func repeatable() throws {
        let days = try (0..<2).map { _ in
            var county = try Self.county(seed: 11)
            county.run(for: .seconds(7200))
            return (county.events, county.tally, county.station.well.level, county.chronicle.fingerprint)
        }
        #expect(days[0] == days[1])
    }
}
