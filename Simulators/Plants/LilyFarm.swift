/// The lily farm at Baihe: four zones behind one main, and a weather station.
package struct LilyFarm: Sendable {
    /// A motor valve that takes four seconds from shut to open.
    package struct Valve: Sendable {
        /// The coil, as last written.
        package var isCommanded = false
        /// 0 shut … 1 open.
        package internal(set) var position = 0.0
        /// The limit switch.
        package var isOpen: Bool { position > 0.97 }
    }

    package private(set) var zones: [SoilZone]
    package var valves: [Valve]
    package private(set) var weather: Weather
    /// In the main: m³/h, kPa, m³.
    package private(set) var flow = 0.0
    package private(set) var pressure = LilyFarm.supply
    package private(set) var volume = 12_045.67
    /// What the probes say of each zone, %: at 15 and at 40 cm.
    private(set) var probes: [(shallow: Double, deep: Double)]
    private var dice: Dice

    /// The booster's pressure at rest, kPa, and how it falls: kPa for each (m³/h)².
    package static let supply = 400.0
    package static let fall = 0.04
    /// m³/h for each √kPa, of a zone of 2000 m² fully open.
    package static let emitters = 1.265
    private static let valveTravel = 4.0  // s

    package init(seed: UInt64, hourOfDay: Double = 9) {
        zones = [
            SoilZone(area: 2000, topMoisture: 21.4, bottomMoisture: 27.2),
            SoilZone(area: 1800, topMoisture: 22.2, bottomMoisture: 27.6),
            SoilZone(area: 2200, topMoisture: 25.6, bottomMoisture: 29.3),
            SoilZone(area: 2000, topMoisture: 29.8, bottomMoisture: 31.0),
        ]
        valves = zones.map { _ in Valve() }
        probes = zones.map { ($0.top.moisture, $0.bottom.moisture) }
        weather = Weather(seed: seed, hourOfDay: hourOfDay)
        dice = Dice(seed: seed, stream: 4)
    }

    /// Moves the farm on. Longer spans go in steps of a second at most.
    package mutating func step(_ seconds: Double) {
        guard seconds > 0 else { return }
        let count = max(1, seconds.rounded(.up))
        let dt = seconds / count
        var done = 0.0
        while done < count {
            stepOnce(dt)
            done += 1
        }
        for (index, zone) in zones.enumerated() {
            probes[index] = (zone.top.moisture + 0.02 * dice.bell(), zone.bottom.moisture + 0.02 * dice.bell())
        }
    }

    package mutating func storm(peakMillimetresPerHour peak: Double, minutes: Double) {
        weather.storm(peakMillimetresPerHour: peak, minutes: minutes)
    }

    private mutating func stepOnce(_ dt: Double) {
        weather.step(dt)
        let hours = dt / 3600
        var opening = 0.0
        for index in valves.indices {
            let aim = valves[index].isCommanded ? 1.0 : 0
            let travel = dt / Self.valveTravel
            valves[index].position += min(travel, max(-travel, aim - valves[index].position))
            opening += emitters(of: index)
        }
        // Q = C·√P through the emitters and P = supply - fall·Q² along the main, solved for both.
        pressure = Self.supply / (1 + opening * opening * Self.fall)
        let root = pressure.squareRoot()
        flow = opening * root
        volume += flow * hours
        let rain = weather.rainRate * hours
        let evapotranspiration = weather.referenceEvapotranspiration * hours
        for index in zones.indices {
            zones[index].step(
                hours: hours, irrigation: emitters(of: index) * root * hours, rain: rain,
                evapotranspiration: evapotranspiration, airTemperature: weather.airTemperature)
        }
    }

    private func emitters(of index: Int) -> Double {
        valves[index].position * Self.emitters * zones[index].area / 2000
    }
}
