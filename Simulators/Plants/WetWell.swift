import Glibc

/// A well with upright walls: what comes in, less what the pumps lift and what runs over the crest, is what it holds.
package struct WetWell: Sendable {
    package let area = 40.0  // m²
    /// Where the emergency weir begins, m above the floor.
    package let crest = 5.6
    /// m³.
    package private(set) var volume: Double
    /// m³ since the beginning. `volume` is always its first value + `received` - `lifted` - `spilled`.
    package private(set) var received = 0.0
    package private(set) var lifted = 0.0
    package private(set) var spilled = 0.0
    /// True while wet. A float tips up a little above where it tips down.
    package private(set) var lowFloat: Bool
    package private(set) var highFloat = false

    private static let low = (down: 0.60, up: 0.70)
    private static let high = (down: 4.45, up: 4.55)
    private static let weirWidth = 4.0

    package init(level: Double) {
        volume = level * area
        lowFloat = level > Self.low.down
        highFloat = level > Self.high.up
    }

    /// m above the floor.
    package var level: Double { volume / area }

    /// - Parameters:
    ///   - inflow: m³/s.
    ///   - demand: what the pumps would lift, m³/s.
    /// - Returns: what they did lift, m³/s: no more than was there.
    package mutating func step(_ dt: Double, inflow: Double, demand: Double) -> Double {
        let incoming = inflow * dt
        let outgoing = min(demand * dt, volume + incoming)
        volume += incoming - outgoing
        let head = level - crest
        if head > 0 {
            // A rectangular weir, Q = 1.84 b h^1.5; no more in one step than stands above the crest.
            let over = min(1.84 * Self.weirWidth * pow(head, 1.5) * dt, head * area)
            volume -= over
            spilled += over
        }
        received += incoming
        lifted += outgoing
        let now = level
        lowFloat = now > (lowFloat ? Self.low.down : Self.low.up)
        highFloat = now > (highFloat ? Self.high.down : Self.high.up)
        return dt > 0 ? outgoing / dt : 0
    }
}

/// How much water reaches the well: the day's rhythm of a town, and the rain, slowed down by fields and ditches.
package struct Inflow: Sendable {
    /// Two linear reservoirs in a row (Nash), in m³.
    private var fields = 0.0
    private var ditch = 0.0
    /// m³/s.
    package private(set) var rate = 0.0

    /// What of 10 ha of fields and yards runs off, in m².
    package static let effectiveArea = 36_000.0
    private static let delay = 1200.0  // seconds, of each reservoir

    package init(hourOfDay: Double) { rate = Self.base(hourOfDay: hourOfDay) }

    /// Without rain, m³/s: 190 … 370 m³/h, with a peak in the morning and one in the evening.
    package static func base(hourOfDay hour: Double) -> Double {
        let morning = bump(hour - 8, width: 1.8)
        let evening = bump(hour - 19.5, width: 2.2)
        return (190 + 175 * morning + 160 * evening) / 3600
    }

    private static func bump(_ hours: Double, width: Double) -> Double {
        let away = hours - 24 * (hours / 24).rounded()
        return exp(-away * away / (2 * width * width))
    }

    package mutating func step(_ dt: Double, rainMillimetresPerHour rain: Double, hourOfDay: Double) {
        let runoff = rain / 3_600_000 * Self.effectiveArea  // m³/s
        fields += (runoff - fields / Self.delay) * dt
        ditch += (fields - ditch) / Self.delay * dt
        rate = Self.base(hourOfDay: hourOfDay) + ditch / Self.delay
    }
}
