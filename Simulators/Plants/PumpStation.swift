/// The drainage station at Xinzhuang: a wet well between the fields and the canal, two pumps, a panel and a meter.
///
/// One pump carries the ordinary inflow, two carry a storm. The panel's low float cuts both, whoever wants what.
package struct PumpStation: Sendable {
    package private(set) var well: WetWell
    package var pumps: [Pump]
    package private(set) var supply: PowerSupply
    package private(set) var weather: Weather
    package private(set) var inflow: Inflow
    /// What the pumps lift together, m³/s.
    package private(set) var outflow = 0.0
    /// What the level transmitter and the flow meter measure: m, m³/h.
    private(set) var measuredLevel: Double
    private(set) var measuredOutflow = 0.0
    /// Without mains every contactor falls open, and the panel forgets what it was commanded.
    package var isPowered = true {
        didSet {
            guard !isPowered else { return }
            for index in pumps.indices { pumps[index].isCommanded = false }
        }
    }
    private var dice: Dice

    /// The canal's surface above the well's floor, m.
    package static let canalLevel = 7.5
    /// Of the header both pumps share, m/(m³/s)².
    package static let header = 24.0

    package init(seed: UInt64, level: Double = 2.2, hourOfDay: Double = 9) {
        well = WetWell(level: level)
        pumps = [Pump(runHours: 1841.2, starts: 5210), Pump(runHours: 1796.9, starts: 5166)]
        supply = PowerSupply(seed: seed)
        weather = Weather(seed: seed, hourOfDay: hourOfDay)
        inflow = Inflow(hourOfDay: hourOfDay)
        measuredLevel = level
        dice = Dice(seed: seed, stream: 2)
    }

    /// Moves the station on. Longer spans go in steps of a second at most.
    package mutating func step(_ seconds: Double) {
        guard seconds > 0 else { return }
        let count = max(1, seconds.rounded(.up))
        let dt = seconds / count
        var done = 0.0
        while done < count {
            stepOnce(dt)
            done += 1
        }
        measuredLevel = min(6, max(0, well.level + 0.0015 * dice.bell()))
        measuredOutflow = outflow > 0 ? max(0, outflow * 3600 * (1 + 0.002 * dice.bell())) : 0
    }

    package mutating func storm(peakMillimetresPerHour peak: Double, minutes: Double) {
        weather.storm(peakMillimetresPerHour: peak, minutes: minutes)
    }

    private mutating func stepOnce(_ dt: Double) {
        weather.step(dt)
        inflow.step(dt, rainMillimetresPerHour: weather.rainRate, hourOfDay: weather.seconds / 3600)
        let isWet = well.lowFloat
        var load = 0.6  // kW: lights, panel, fan
        for index in pumps.indices { pumps[index].drive(dt, isPermitted: isWet, isPowered: isPowered) }
        let header = headerHead(lift: Self.canalLevel - well.level)
        var demand = 0.0
        for index in pumps.indices {
            pumps[index].lift(against: header)
            demand += pumps[index].flow
            load += pumps[index].power
        }
        outflow = well.step(dt, inflow: inflow.rate, demand: demand)
        supply.step(dt, load: load)
    }

    /// The head at which the header carries away just what the pumps bring. For pumps of one speed, n of them,
    /// h = lift + header·n²·(s²·H0 - h)/c has a solution; else it is found by halving, to a nanometre.
    private func headerHead(lift: Double) -> Double {
        let turning = pumps.count { $0.speed > 0 }
        if turning == 0 { return lift }
        let speed = pumps[0].speed > 0 ? pumps[0].speed : pumps[1].speed
        if turning == 1 || pumps[0].speed == pumps[1].speed {
            let shutOff = speed * speed * Pump.shutOffHead
            if shutOff <= lift { return lift }
            let share = Self.header * Double(turning * turning) / (Pump.curve + Pump.riser)
            return (lift + share * shutOff) / (1 + share)
        }
        var low = lift
        var high = max(lift, Pump.shutOffHead)
        for _ in 0..<34 {
            let middle = (low + high) / 2
            var total = 0.0
            for pump in pumps { total += pump.flow(against: middle) }
            if lift + Self.header * total * total > middle { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
