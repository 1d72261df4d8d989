import Rules
import Telemetry
import Testing
import Water

/// What files of quantities do with readings that come, fail, fall silent and come back.
@Suite("A file of quantities")
struct QuantityKindTests {
    @Test("computes the flow over a weir in the units of its points, good, uncertain and bad as the level is")
    func weir() throws {
        var works = try Works(QuantityBodies.weir)
        works.hears(["well/level-cm": 60], at: 1)
        #expect(isNear(works.number("well/weir-flow"), 1.38 * 0.03125 * 3600))
        works.hears(["well/level-cm": .uncertain(.double(60), .substituted)], at: 2)
        guard case .uncertain(_, .substituted) = works.reading("well/weir-flow") else {
            Issue.record("it is \(String(describing: works.reading("well/weir-flow")))")
            return
        }
        works.hears(["well/level-cm": .bad(.commFailure)], at: 3)
        #expect(works.reading("well/weir-flow") == .bad(.commFailure))
        works.hears(["well/level-cm": 20], at: 4)
        #expect(works.reading("well/weir-flow") == .good(.double(0)))
    }

    @Test("joins an overflow inside the re-activation delay (1 h 30 min) to the previous one, and logs count and volume")
    func overflow() throws {
        var works = try Works(QuantityBodies.overflow)
        // Ten minutes at 5 cm, an hour of none, ten minutes at 15 cm; then nothing for two hours, and once more.
        for second in stride(from: 0, through: 19_100, by: 10) {
            let level: Double =
                switch second {
                case 600..<1200: 5
                case 4800..<5400: 15
                case 13_000..<13_600: 5
                default: 0
                }
            works.hears(["well/level-cm": level], at: Double(second))
            if second == 1000 { #expect(works.reading("well/overflow").map { isNear($0.value?.number, 5) } == true) }
            if second == 5000 { #expect(isNear(works.number("well/overflow"), 15)) }
            if second == 5000 { #expect(works.reading("well/overflowing") == .good(.bool(true))) }
            if second == 12_000 { #expect(works.reading("well/overflows") == .good(.int(1)), "the second joined the first") }
        }
        #expect(works.reading("well/overflows") == .good(.int(2)))
        #expect(isNear(works.number("well/spilled"), (5.0 + 15 + 5) / 6))
        #expect(
            works.told == [
                "overflow 1 begins: works/well/level-cm is high enough for 5 m3/h", "overflow 1 is over after 1 h 20 min: 3.333 m3",
                "overflow 2 begins: works/well/level-cm is high enough for 5 m3/h", "overflow 2 is over after 10 min: 0.833 m3",
            ])
    }

    @Test("does not take a gap in the level for no overflow: the volume is uncertain, and the overflow goes on")
    func overflowInTheDark() throws {
        var works = try Works(QuantityBodies.overflow)
        for second in 0..<60 { works.hears(["well/level-cm": 5], at: Double(second)) }
        works.hears(["well/level-cm": .bad(.sensorFault)], at: 60)
        #expect(works.reading("well/overflow") == .bad(.sensorFault))
        #expect(works.reading("well/overflowing") == .uncertain(.bool(true), .sensorFault))
        let before = works.number("well/spilled")
        // Long after the re-activation delay it is still the same overflow, since nobody saw it end.
        for second in 8000..<8010 { works.hears(["well/level-cm": 5], at: Double(second)) }
        #expect(works.reading("well/overflows") == .good(.int(1)) && works.reading("well/overflow-gaps") == .good(.int(1)))
        #expect(isNear(works.number("well/spilled"), (before ?? 0) + 9 * 5.0 / 3600))
        works.hears(["well/level-cm": 0], at: 8010)
        works.hears(["well/level-cm": 0], at: 14_000)
        #expect(works.told.last == "overflow 1 is over after 2 h 13 min: at least 0.095 m3, since the level was not known all the while")
    }

    @Test("totals a flow, stops while it is bad or stale, and counts what is missing")
    func total() throws {
        var works = try Works(QuantityBodies.total)
        for second in 0...100 { works.hears(["meter/flow": 10], at: Double(second)) }
        #expect(works.reading("meter/passed").map { isNear($0.value?.number, 1) && $0.isGood } == true)
        works.hears(["meter/flow": .bad(.commFailure)], at: 101)
        #expect(works.reading("meter/passed").map { $0.quality == .uncertain && $0.cause == .commFailure } == true)
        for second in 105...205 { works.hears(["meter/flow": 10], at: Double(second)) }
        #expect(isNear(works.number("meter/passed"), 2) && works.reading("meter/passed-gaps") == .good(.int(1)))
        works.pass(until: 236)
        #expect(works.reading("meter/passed").map { $0.quality == .uncertain && $0.cause == .stale } == true)
        works.hears(["meter/flow": 10], at: 300)
        works.hears(["meter/flow": 10], at: 310)
        #expect(isNear(works.number("meter/passed"), 2.1) && works.reading("meter/passed-gaps") == .good(.int(2)))
    }

    @Test("adds what is uncertain, shows the total as uncertain meanwhile, and keeps apart how much of it that was")
    func estimated() throws {
        var works = try Works(QuantityBodies.total + "\n  - { quantity: estimated, point: works/meter/estimated, unit: m3 }")
        for second in stride(from: 0, through: 300, by: 10) {
            let isDoubtful = (101...200).contains(second)
            works.hears(["meter/flow": isDoubtful ? .uncertain(.double(10), .substituted) : .good(.double(10))], at: Double(second))
            if second == 150 { #expect(works.reading("meter/passed")?.cause == .substituted) }
        }
        #expect(works.reading("meter/passed")?.isGood == true)
        #expect(isNear(works.number("meter/passed"), 3) && isNear(works.number("meter/estimated"), 1))
    }

    @Test("takes a total through a restart, and through a change of its own text")
    func restart() throws {
        var works = try Works(QuantityBodies.total)
        for second in 0...100 { works.hears(["meter/flow": 10], at: Double(second)) }
        try works.restart()
        works.hears(["meter/flow": 10], at: 110)
        #expect(isNear(works.number("meter/passed"), 1.1) && works.reading("meter/passed-gaps") == .good(.int(0)))
        try works.restart(as: QuantityBodies.total + "\n# 校核过 checked by the meter's dial\n")
        #expect(works.told.last == "the rule has changed; what it has counted goes on")
        works.hears(["meter/flow": 10], at: 120)
        #expect(isNear(works.number("meter/passed"), 1.2))
        let more = QuantityBodies.total.replacing("derive:", with: "derive:\n  - { quantity: estimated, point: works/meter/e, unit: m3 }")
        try works.restart(as: more)
        works.hears(["meter/flow": 10], at: 130)
        #expect(isNear(works.number("meter/passed"), 1.3))
        // The total of another meter is another total.
        try works.restart(as: QuantityBodies.total.replacing("works/meter/flow", with: "works/pump-1/flow"))
        #expect(works.told.last == "the rule has changed, and begins anew")
        works.hears(["pump-1/flow": 36], at: 140)
        works.hears(["pump-1/flow": 36], at: 150)
        #expect(isNear(works.number("meter/passed"), 0.1))
    }

    @Test("totals a power into kW.h, a rain rate into mm, and begins where it is told to")
    func rates() throws {
        for (rate, unit, from) in [("meter/power", "kW.h", 7.0), ("meter/rain", "mm", 0)] {
            let derive = "derive: { quantity: total, point: works/meter/t, unit: \(unit) }"
            var works = try Works("kind: total\nfrom: \(from)\ninputs: { rate: works/\(rate) }\n\(derive)")
            for second in stride(from: 0, through: 3600, by: 20) { works.hears([rate: 12], at: Double(second)) }
            #expect(isNear(works.number("meter/t"), from + 12))
        }
    }

    @Test("takes a meter's total over roll-over and replacement, and says what it saw")
    func counter() throws {
        let body = """
            kind: total
            inputs: { counter: works/meter/energy }
            counter: { bits: 16, scale: 0.1, most-per-hour: 400 }
            derive:
              - { quantity: total, point: works/meter/used, unit: MW.h }
              - { quantity: replacements, point: works/meter/replaced, type: int }
            """
        var works = try Works(body)
        for (minute, count) in [6550.0, 6553.5, 0.4, 3, 1000].enumerated() { works.hears(["meter/energy": count], at: Double(minute * 60)) }
        // 3.5 to the last number, 0.5 over it, 2.6, and then a meter that shows what it cannot have counted in a minute.
        #expect(isNear(works.number("meter/used"), 0.0066) && works.reading("meter/replaced") == .good(.int(1)))
        #expect(works.told.count == 1 && works.told[0].hasPrefix("works/meter/energy went from 3 kW.h to 1000 kW.h"))
        // A bad reading loses nothing: the meter counts on.
        works.hears(["meter/energy": .bad(.commFailure)], at: 300)
        #expect(works.reading("meter/used")?.quality == .uncertain)
        works.hears(["meter/energy": 1010], at: 600)
        #expect(isNear(works.number("meter/used"), 0.0166))
        works.hears(["meter/energy": 7000], at: 660)
        #expect(works.reading("meter/used")?.cause == .outOfRange, "16 bits hold no such count")
    }

    @Test("counts run hours, starts, starts in the last hour and time since maintenance, and keeps them through a restart")
    func runTime() throws {
        let body = """
            kind: run-time
            inputs: { run: works/pump-1/running, maintained: works/pump-1/maintained }
            derive:
              - { quantity: run-time, point: works/pump-1/hours, unit: h }
              - { quantity: starts, point: works/pump-1/starts, type: int }
              - { quantity: starts-within-hour, point: works/pump-1/starts-hour, type: int }
              - { quantity: since-maintenance, point: works/pump-1/since, unit: h }
            """
        var works = try Works(body)
        func play(_ seconds: ClosedRange<Int>, _ maintained: Bool = false, _ isRunning: (Int) -> Bool) {
            for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: 10) {
                works.hears(
                    ["pump-1/running": .good(.bool(isRunning(second))), "pump-1/maintained": .good(.bool(maintained))], at: Double(second))
            }
        }
        // Ten minutes on, ten off, for two hours.
        play(0...7190) { $0 / 600 % 2 == 1 }
        #expect(isNear(works.number("pump-1/hours"), 0.9972, within: 0.001) && works.reading("pump-1/starts") == .good(.int(6)))
        #expect(works.reading("pump-1/starts-hour") == .good(.int(3)))
        try works.restart()
        play(7200...7200, true) { _ in false }
        #expect(works.told == ["works/pump-1/running was maintained, after 1 h of running since the time before"])
        play(7210...9000) { $0 >= 7800 }
        // The start of an hour ago to the second is no longer within the hour.
        #expect(works.reading("pump-1/starts") == .good(.int(7)) && works.reading("pump-1/starts-hour") == .good(.int(2)))
        #expect(isNear(works.number("pump-1/since"), 1.0 / 3) && isNear(works.number("pump-1/hours"), 4.0 / 3))
    }

    @Test("measures pump flow and inflow from the level of a well alone: 108 and 36 m3/h")
    func pumpFlow() throws {
        let body = """
            kind: pump-flow
            inputs: { level: works/well/level, pump: works/pump-1/running, others: works/pump-2/run* }
            between: [1.5, 2.0]
            area: 4
            derive:
              - { quantity: pump-flow, point: works/pump-1/computed-flow, unit: m3/h }
              - { quantity: inflow, point: works/well/inflow, unit: m3/h }
            """
        var works = try Works(body)
        var (level, isRunning) = (1.2, false)
        func play(_ seconds: Range<Int>, other: (Int) -> Bool = { _ in false }) {
            for second in seconds {
                // 36 m3/h flow in, and 108 out of a pump that runs between 1.3 m and 2.2 m: 4 m2 fall at 2 cm a second, and rise at 1.
                level += (36 - (isRunning ? 108 : 0)) / 3600 / 4 + (other(second) ? -0.001 : 0)
                if level >= 2.2 { isRunning = true } else if level <= 1.3 { isRunning = false }
                works.hears(
                    ["well/level": .good(.double(level)), "pump-1/running": .good(.bool(isRunning)),
                     "pump-2/running": .good(.bool(other(second)))], at: Double(second))
            }
        }
        play(0..<500)
        #expect(isNear(works.number("well/inflow"), 36, within: 1e-6))
        play(500..<1200)
        #expect(isNear(works.number("pump-1/computed-flow"), 108, within: 1e-6))
        #expect(works.reading("pump-1/computed-flow")?.isGood == true)
        // A cycle in which another pump helped is not measured; the last good one stands, until it is a day old.
        play(1200..<3000) { $0 % 100 < 50 }
        #expect(isNear(works.number("pump-1/computed-flow"), 108, within: 1e-6))
        works.hears(
            ["well/level": .good(.double(1.6)), "pump-1/running": .good(.bool(false)), "pump-2/running": .good(.bool(false))], at: 90_000)
        #expect(works.reading("pump-1/computed-flow")?.cause == .stale)
    }

    @Test("computes efficiency and 能源单耗 while the pump runs, and calls meters that promise more than all a fault")
    func efficiency() throws {
        let body = """
            kind: efficiency
            inputs: { flow: works/pump-1/flow, head: works/pump-1/head, power: works/pump-1/power }
            least-power: 0.5
            derive:
              - { quantity: efficiency, point: works/pump-1/efficiency, unit: "%" }
              - { quantity: unit-consumption, point: works/pump-1/consumption, unit: kW.h/(1000.t.m) }
            """
        var works = try Works(body)
        works.hears(["pump-1/flow": 360, "pump-1/head": 10, "pump-1/power": 16.344], at: 1)
        #expect(isNear(works.number("pump-1/efficiency"), 60, within: 1e-4))
        #expect(isNear(works.number("pump-1/consumption"), 4.54, within: 1e-3))
        works.hears(["pump-1/flow": 0, "pump-1/head": 10, "pump-1/power": 0.1], at: 2)
        #expect(works.reading("pump-1/efficiency").map { $0.cause == .stale && isNear($0.value?.number, 60, within: 1e-4) } == true)
        works.hears(["pump-1/flow": 3600, "pump-1/head": 10, "pump-1/power": 16.344], at: 3)
        #expect(works.reading("pump-1/efficiency") == .bad(.outOfRange))
    }

    @Test("turns electricity into water (以电折水) by the coefficient of the day, and never calls it certain")
    func electricityToWater() throws {
        // The works begin on 21 June 2026, 8:00 in Shanghai.
        let body = """
            kind: electricity-to-water
            inputs: { counter: works/meter/energy }
            coefficients:
              - { during: { dates: [2026-06-01, 2026-06-21] }, m3-per-kilowatt-hour: 4 }
              - { during: { dates: [2026-06-22, 2026-06-22] }, m3-per-kilowatt-hour: 2.5 }
            derive:
              - { quantity: volume, point: works/meter/water, unit: m3 }
              - { quantity: unconverted-energy, point: works/meter/without, unit: kW.h }
            """
        var works = try Works(body)
        let day = 86_400.0
        for (at, energy) in [(0.0, 100.0), (3600, 110), (day, 110), (day + 3600, 120), (2 * day, 120), (2 * day + 60, 127)] {
            works.hears(["meter/energy": energy], at: at)
        }
        #expect(works.reading("meter/water") == .uncertain(.double(65), .substituted))
        #expect(works.number("meter/without") == 7)
        #expect(works.told == ["no coefficient counts today: the electricity of works/meter/energy is not turned into water"])
    }

    @Test("takes of several coefficients (以电折水) the last one that counts today, and waits for a clock")
    func coefficients() throws {
        let body = """
            kind: electricity-to-water
            inputs: { counter: works/meter/energy }
            counter: { digits: 4 }
            coefficients:
              - { during: { season: [04-01, 10-31] }, m3-per-kilowatt-hour: 4 }
              - { during: { dates: [2026-06-22, 2026-06-22] }, m3-per-kilowatt-hour: 2.5 }
            derive: { quantity: volume, point: works/meter/water, unit: m3 }
            """
        var works = try Works(body)
        let day = 86_400.0
        for (at, energy) in [(0.0, 9990.0), (10, 0), (day, 0), (day + 10, 10), (2 * day, 10), (2 * day + 10, 20)] {
            works.hears(["meter/energy": energy], at: at)
        }
        #expect(isNear(works.number("meter/water"), 40 + 25 + 40))
        works.isTrusted = false
        works.hears(["meter/energy": 30], at: 2 * day + 20)
        #expect(isNear(works.number("meter/water"), 105), "nobody knows which day it is")
        works.isTrusted = true
        works.hears(["meter/energy": 40], at: 2 * day + 30)
        #expect(isNear(works.number("meter/water"), 185), "and nothing was lost by waiting")
    }

    @Test("computes energy per 1000 m3 afresh each hour")
    func energyPerVolume() throws {
        let body = """
            kind: energy-per-volume
            inputs: { energy: works/meter/energy, volume: works/meter/volume }
            derive: { point: works/meter/specific, unit: kW.h/(1000.m3) }
            """
        var works = try Works(body)
        for minute in 0...120 {
            let energy = minute <= 60 ? Double(minute) * 0.5 : 30 + Double(minute - 60)
            works.hears(["meter/energy": energy, "meter/volume": Double(minute) * 2], at: Double(minute * 60))
            if minute == 60 { #expect(isNear(works.number("meter/specific"), 250)) }
        }
        #expect(isNear(works.number("meter/specific"), 500))
        // At the next hour one of the meters has not been heard of for a while: the other one waits for it.
        works.hears(["meter/energy": 120, "meter/volume": 300], at: 9000)
        works.hears(["meter/energy": 180], at: 10_800)
        #expect(isNear(works.number("meter/specific"), 500) && works.reading("meter/specific")?.cause == .stale)
        works.hears(["meter/energy": 180, "meter/volume": 440], at: 10_810)
        #expect(isNear(works.number("meter/specific"), 450))
    }

    @Test("computes the unbalance of three voltages: 460/467/450 V = 1.96 %")
    func unbalance() throws {
        var works = try Works(
            """
            kind: voltage-unbalance
            inputs: { a: works/meter/voltage-a, b: works/meter/voltage-b, c: works/meter/voltage-c }
            derive: { point: works/meter/unbalance, unit: "%" }
            """)
        works.hears(["meter/voltage-a": 460, "meter/voltage-b": 467, "meter/voltage-c": 450], at: 1)
        #expect(works.number("meter/unbalance").map { ($0 * 100).rounded() } == 196)
    }
}
