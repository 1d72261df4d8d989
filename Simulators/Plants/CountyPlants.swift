/// The whole county in one value: what its plants do, what their devices say, and how to interfere.
package struct CountyPlants: Sendable {
    package var station: Wired<PumpStation>
    package var farm: Wired<LilyFarm>
    package var fleet: Fleet
    /// How much faster than real time water and plants live. The fleet does not: see `Fleet`.
    package let speed: Double

    /// - Parameter hourOfDay: the simulated day's time at the start, local solar time.
    package init(seed: UInt64, speed: Double = 1, hourOfDay: Double = 9) {
        station = Wired(PumpStation(seed: seed, hourOfDay: hourOfDay))
        farm = Wired(LilyFarm(seed: seed, hourOfDay: hourOfDay))
        fleet = Fleet(seed: seed, hourOfDay: hourOfDay)
        self.speed = speed
    }

    /// - Parameter seconds: real ones.
    package mutating func step(_ seconds: Double) {
        station.step(seconds * speed)
        farm.step(seconds * speed)
        fleet.step(seconds)
    }

    /// What a device says of a point, named `site/device/point`, in the point's unit; bits as 1 and 0.
    package func said(_ name: String) -> Double? {
        guard let (site, device, point) = Self.parts(name) else { return nil }
        return switch site {
        case PumpStation.site: station.said(point, on: device)
        case LilyFarm.site: farm.said(point, on: device)
        case Fleet.site: fleet.said(point, on: device)
        default: nil
        }
    }

    /// Holds a point at a value until nil lets it go. Switches, trips and coils are turned instead, and the plant feels it.
    /// False: nobody has that point, or the value is no number.
    package mutating func set(_ name: String, to value: Double?) -> Bool {
        guard let (site, device, point) = Self.parts(name), value?.isFinite != false else { return false }
        return switch site {
        case PumpStation.site: station.set(point, on: device, to: value)
        case LilyFarm.site: farm.set(point, on: device, to: value)
        case Fleet.site: fleet.set(point, on: device, to: value)
        default: false
        }
    }

    /// Makes a device, named `site/device`, fail, or with nil heals it. False: nobody has that name, or it cannot fail so.
    package mutating func fail(_ name: String, _ fault: Fault?) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        return switch String(parts[0]) {
        case PumpStation.site: station.fail(String(parts[1]), fault)
        case LilyFarm.site: farm.fail(String(parts[1]), fault)
        case Fleet.site: fleet.fail(String(parts[1]), fault)
        default: false
        }
    }

    /// A storm over the whole county, from now on.
    package mutating func storm(peakMillimetresPerHour peak: Double, minutes: Double) {
        station.plant.storm(peakMillimetresPerHour: peak, minutes: minutes)
        farm.plant.storm(peakMillimetresPerHour: peak, minutes: minutes)
    }

    private static func parts(_ name: String) -> (site: String, device: String, point: String)? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return parts.count == 3 ? (parts[0], parts[1], parts[2]) : nil
    }
}
