/// A bed of lilies: two layers of soil that take up water, pass it on, and lose it to the plants.
///
/// Depths of water are in mm, that is litres on each square metre.
package struct SoilZone: Sendable {
    package struct Layer: Sendable {
        /// mm of soil.
        package let depth: Double
        /// mm of water.
        package internal(set) var water: Double

        /// Of the soil's volume, %.
        package var moisture: Double { 100 * water / depth }
        fileprivate var saturation: Double { 0.46 * depth }
        fileprivate var fieldCapacity: Double { 0.33 * depth }
        fileprivate var wiltingPoint: Double { 0.14 * depth }

        /// FAO-56, equation 84 with p = 0.30 (onion: for lily nothing is published): 1 without stress, 0 at wilting.
        fileprivate var stress: Double {
            let available = (water - wiltingPoint) / (fieldCapacity - wiltingPoint)
            return min(1, max(0, available / 0.7))
        }

        /// What drains in so many hours from above field capacity, mm.
        fileprivate func drainage(hours: Double) -> Double {
            max(0, water - fieldCapacity) * min(1, hours / 3)
        }
    }

    package let area: Double  // m²
    /// 0…30 cm, with the probe at 15; 30…50 cm, with the probe at 40.
    package private(set) var top: Layer
    package private(set) var bottom: Layer
    /// °C, at 15 cm.
    package private(set) var temperature = 22.5
    /// mm since the beginning: what the zone holds has changed by `irrigated` + `rained` - the other three.
    package private(set) var irrigated = 0.0
    package private(set) var rained = 0.0
    package private(set) var evaporated = 0.0
    package private(set) var percolated = 0.0
    package private(set) var ranOff = 0.0

    /// Crop coefficient of the middle of the season.
    package static let Kc = 0.95  // swift-format-ignore: AlwaysUseLowerCamelCase
    /// Below field capacity water still moves to where it is drier: mm/h for each percent of difference.
    private static let exchange = 0.015

    package init(area: Double, topMoisture: Double, bottomMoisture: Double) {
        self.area = area
        top = Layer(depth: 300, water: 3 * topMoisture)
        bottom = Layer(depth: 200, water: 2 * bottomMoisture)
    }

    /// mm in both layers.
    package var water: Double { top.water + bottom.water }

    /// - Parameters:
    ///   - irrigation: m³ brought in this step.
    ///   - rain: mm fallen in this step.
    ///   - evapotranspiration: of the reference surface, mm in this step.
    package mutating func step(
        hours: Double, irrigation: Double, rain: Double, evapotranspiration: Double, airTemperature: Double
    ) {
        let depth = irrigation * 1000 / area
        irrigated += depth
        rained += rain
        top.water += depth + rain
        let over = max(0, top.water - top.saturation)
        top.water -= over
        ranOff += over

        let down = top.drainage(hours: hours) + Self.exchange * (top.moisture - bottom.moisture) * hours
        let moved = min(max(down, -bottom.water), top.water)
        top.water -= moved
        bottom.water += moved
        let below = bottom.drainage(hours: hours)
        bottom.water -= below
        percolated += below

        // Seven parts of ten are taken where most roots are and the sun dries the ground.
        let crop = Self.Kc * evapotranspiration
        let fromTop = min(0.7 * crop * top.stress, top.water)
        let fromBottom = min(0.3 * crop * bottom.stress, bottom.water)
        top.water -= fromTop
        bottom.water -= fromBottom
        evaporated += fromTop + fromBottom
        temperature += (airTemperature - 2 - temperature) * min(1, hours / 6)
    }
}
