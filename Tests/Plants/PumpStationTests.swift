import Plants
import Testing

@Suite("Pump station")
struct PumpStationTests {
    @Test("no water is made or lost in a stormy night, whatever the pumps do", arguments: [UInt64](1...4))
    func massBalance(seed: UInt64) {
        var station = PumpStation(seed: seed, level: 3, hourOfDay: 22)
        var dice = Dice(seed: seed, stream: 99)
        station.storm(peakMillimetresPerHour: 40, minutes: 90)
        let before = station.well.volume
        for _ in 0..<900 {
            if dice.unit() < 0.05 { station.pumps[0].isCommanded.toggle() }
            if dice.unit() < 0.05 { station.pumps[1].isCommanded.toggle() }
            station.step(dice.between(0.1, 20))
            #expect(station.well.level >= 0 && station.well.level < 6)
        }
        let well = station.well
        #expect(abs(before + well.received - well.lifted - well.spilled - well.volume) < 1e-9 * well.received)
    }

    @Test("flow goes with the speed and head with its square", arguments: [0.5, 1.0, 2.0, 2.5])
    func affinity(seconds: Double) {
        var whole = Pump(runHours: 0, starts: 0)
        whole.selector = .hand
        whole.drive(3, isPermitted: true)
        whole.lift(against: 8)
        var slow = Pump(runHours: 0, starts: 0)
        slow.selector = .hand
        slow.drive(seconds, isPermitted: true)
        let n = slow.speed / whole.speed
        #expect(n < 1)
        slow.lift(against: 8 * n * n)
        #expect(abs(slow.flow - n * whole.flow) < 1e-12)
        #expect(abs(slow.head - n * n * whole.head) < 1e-12)
        #expect(abs(slow.efficiency - whole.efficiency) < 1e-12)
    }

    @Test("a pump lifts less against more head, and nothing above its shut-off head")
    func curve() {
        var pump = Pump(runHours: 0, starts: 0)
        pump.selector = .hand
        pump.drive(5, isPermitted: true)
        let flows = [0.0, 4, 8, 11.9, 12, 15].map { pump.flow(against: $0) }
        #expect(flows == flows.sorted(by: >))
        #expect(flows[4] == 0 && flows[5] == 0)
    }

    /// A controller of the test's own: starts the next pump at each of the levels, stops both at 1.5 m.
    private func keep(_ station: inout PumpStation, starts: [Double], seconds: Int) -> ClosedRange<Double> {
        var (low, high) = (station.well.level, station.well.level)
        for _ in 0..<seconds {
            station.step(1)
            let level = station.well.level
            (low, high) = (min(low, level), max(high, level))
            for (index, start) in starts.enumerated() {
                if level >= start { station.pumps[index].isCommanded = true }
                if level <= 1.5 { station.pumps[index].isCommanded = false }
            }
        }
        return low...high
    }

    @Test("one pump keeps the well in its band for a whole first day", arguments: [UInt64](1...2))
    func oneForTheDay(seed: UInt64) {
        var station = PumpStation(seed: seed)
        let levels = keep(&station, starts: [3.0], seconds: 86_400)
        #expect(levels.lowerBound > 1.4 && levels.upperBound < 3.1)
        let starts = station.pumps[0].starts - 5210
        #expect((24...90).contains(starts))
    }

    @Test("a storm is too much for one pump and not for two")
    func twoForTheStorm() {
        var single = PumpStation(seed: 7)
        single.storm(peakMillimetresPerHour: 22, minutes: 240)
        let alone = keep(&single, starts: [3.0], seconds: 14_400)
        #expect(alone.upperBound > 5.6 && single.well.spilled > 100)
        var double = PumpStation(seed: 7)
        double.storm(peakMillimetresPerHour: 22, minutes: 240)
        let together = keep(&double, starts: [3.0, 3.5], seconds: 14_400)
        #expect(together.upperBound < 4.5 && double.well.spilled == 0)
    }

    @Test("the panel's low float stops a pump even in hand, and lets it go once the well has filled")
    func lowFloat() {
        var station = PumpStation(seed: 7, level: 1)
        station.pumps[0].selector = .hand
        var lowest = 6.0
        for _ in 0..<1800 {
            station.step(1)
            lowest = min(lowest, station.well.level)
        }
        #expect(lowest > 0.55)
        #expect(station.pumps[0].starts > 5211)
    }

    @Test("a pump runs only in hand, or in auto when commanded, and never tripped")
    func selector() {
        var station = PumpStation(seed: 7)
        func runs(_ selector: Pump.Selector, commanded: Bool, tripped: Bool = false) -> Bool {
            station.pumps[1].selector = selector
            station.pumps[1].isCommanded = commanded
            station.pumps[1].isTripped = tripped
            station.step(3)
            return station.pumps[1].isRunning
        }
        #expect(!runs(.off, commanded: true))
        #expect(runs(.hand, commanded: false))
        #expect(!runs(.hand, commanded: true, tripped: true))
        #expect(runs(.auto, commanded: true))
        #expect(!runs(.auto, commanded: false))
    }

    @Test("the meter adds up the power, and the pumps take more of it than they put into the water")
    func energy() {
        var station = PumpStation(seed: 3, level: 4)
        station.pumps[0].isCommanded = true
        let before = station.supply.energy
        var sum = 0.0
        for _ in 0..<600 {
            station.step(1)
            sum += station.supply.power / 3600
        }
        #expect(abs(station.supply.energy - before - sum) < 1e-6)
        let useful = 9.81 * station.outflow * (PumpStation.canalLevel - station.well.level)
        #expect(useful > 0.2 * station.supply.power && useful < 0.7 * station.supply.power)
        #expect((25...50).contains(station.pumps[0].current))
    }
}
