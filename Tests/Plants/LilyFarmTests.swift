import Plants
import Testing

@Suite("Lily farm")
struct LilyFarmTests {
    @Test("no water is made or lost in the soil, in sun, rain and irrigation", arguments: [UInt64](1...3))
    func soilBalance(seed: UInt64) {
        var farm = LilyFarm(seed: seed)
        var dice = Dice(seed: seed, stream: 99)
        let before = farm.zones.map(\.water)
        farm.storm(peakMillimetresPerHour: 60, minutes: 120)
        for _ in 0..<1000 {
            if dice.unit() < 0.1 { farm.valves[Int(dice.unit() * 4)].isCommanded.toggle() }
            farm.step(dice.between(0.2, 30))
        }
        for (zone, start) in zip(farm.zones, before) {
            let balance = start + zone.irrigated + zone.rained - zone.evaporated - zone.percolated - zone.ranOff
            #expect(abs(balance - zone.water) < 1e-9 * zone.water)
            #expect((0...46.0001).contains(zone.top.moisture) && (0...46.0001).contains(zone.bottom.moisture))
            #expect(zone.rained > 70 && zone.evaporated > 0 && zone.percolated > 0)
        }
    }

    @Test("what the main's meter counts is what lies on the beds: flow × time = depth × area")
    func depth() {
        var farm = LilyFarm(seed: 1)
        let before = farm.volume
        farm.valves[0].isCommanded = true
        farm.step(1800)
        farm.valves[2].isCommanded = true
        farm.step(600)
        let onTheBeds = farm.zones.reduce(0) { $0 + $1.irrigated / 1000 * $1.area }
        #expect(abs(farm.volume - before - onTheBeds) < 1e-9 * farm.volume)
        // Half an hour of a 2000 m² zone alone: about 12 m³, 6 mm.
        #expect((6...9).contains(farm.zones[0].irrigated))
    }

    @Test("each further valve takes pressure from the others, and all together give less than four times one")
    func main() {
        var farm = LilyFarm(seed: 1)
        var flows: [Double] = []
        var pressures = [farm.pressure]
        for index in farm.valves.indices {
            farm.valves[index].isCommanded = true
            farm.step(10)
            flows.append(farm.flow)
            pressures.append(farm.pressure)
        }
        #expect(pressures == pressures.sorted(by: >))
        #expect(flows == flows.sorted())
        #expect(flows[3] < 4 * flows[0])
        #expect(pressures[4] > 150)
    }

    @Test("a dry bed is wetted in an hour or two at 15 cm, and later at 40")
    func wetting() {
        var farm = LilyFarm(seed: 1)
        let deep = farm.zones[0].bottom.moisture
        farm.valves[0].isCommanded = true
        var minutes = 0
        while farm.zones[0].top.moisture < 27, minutes < 300 {
            farm.step(60)
            minutes += 1
        }
        #expect((45...150).contains(minutes))
        #expect(abs(farm.zones[0].bottom.moisture - deep) < 1)
    }

    @Test("a valve is neither open nor shut while it travels")
    func valve() {
        var farm = LilyFarm(seed: 1)
        farm.valves[1].isCommanded = true
        farm.step(2)
        #expect(!farm.valves[1].isOpen && farm.flow > 0)
        farm.step(3)
        #expect(farm.valves[1].isOpen)
    }

    @Test("a day of June takes 2 … 8 mm, none of it in the dark", arguments: [UInt64](1...2))
    func day(seed: UInt64) {
        var weather = Weather(seed: seed, hourOfDay: 0)
        var (day, night) = (0.0, 0.0)
        for minute in 0..<1440 {
            weather.step(60)
            let depth = weather.referenceEvapotranspiration / 60
            day += depth
            if minute < 240 || minute > 1300 { night += depth }
            #expect((10...42).contains(weather.airTemperature) && (20...100).contains(weather.humidity))
            #expect((0...1100).contains(weather.radiation))
        }
        #expect((2...8).contains(day) && night < 0.15 * day)
    }
}
