/// The village feeder at the station's main switch, as its meter sees it.
package struct PowerSupply: Sendable {
    /// V, each phase against neutral.
    package private(set) var voltages = [231.0, 230.4, 232.1]
    /// kW.
    package private(set) var power = 0.0
    /// kW.h since the meter was mounted.
    package private(set) var energy = 48_213.4
    /// Hz.
    package private(set) var frequency = 50.0
    private var dice: Dice
    private var feeder = 231.2
    /// How unevenly the village loads the phases, V.
    private static let lean = [0, -0.9, 0.8]

    package init(seed: UInt64) { dice = Dice(seed: seed, stream: 3) }

    package mutating func step(_ dt: Double, load: Double) {
        power = load
        energy += load * dt / 3600
        let root = dt.squareRoot()
        feeder += (231.2 - feeder) * dt / 900 + 0.03 * root * dice.bell()
        frequency += (50 - frequency) * dt / 120 + 0.0015 * root * dice.bell()
        // The transformer's impedance: 0.09 V a kilowatt.
        let loaded = feeder - 0.09 * load
        for phase in voltages.indices { voltages[phase] = loaded + Self.lean[phase] + 0.05 * dice.bell() }
    }
}
