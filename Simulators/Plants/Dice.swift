/// Chance that can be repeated: PCG32 (O'Neill: "PCG: a family of simple fast space-efficient statistically good
/// algorithms for random number generation", 2014). The same seed gives the same county.
package struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64
    private let increment: UInt64

    /// - Parameter stream: two dice of one seed and different streams are independent of each other.
    package init(seed: UInt64, stream: UInt64) {
        state = 0
        increment = stream << 1 | 1
        _ = roll()
        state &+= seed
        _ = roll()
    }

    package mutating func roll() -> UInt32 {
        let old = state
        state = old &* 6_364_136_223_846_793_005 &+ increment
        let mixed = UInt32(truncatingIfNeeded: ((old >> 18) ^ old) >> 27)
        let turn = UInt32(truncatingIfNeeded: old >> 59)
        return mixed >> turn | mixed << ((0 &- turn) & 31)
    }

    package mutating func next() -> UInt64 { UInt64(roll()) << 32 | UInt64(roll()) }

    /// Evenly within [0, 1).
    package mutating func unit() -> Double { Double(roll()) * 0x1p-32 }

    package mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

    /// About normal, of mean 0 and deviation 1: four even ones, summed. Never beyond ±3.47.
    package mutating func bell() -> Double { (unit() + unit() + unit() + unit() - 2) * 1.732_050_807_568_877_2 }
}
