import Rules
import Telemetry

/// How much energy a volume of water took, measured afresh over each span of time from two meters.
struct EnergyPerVolume: Sendable {
    /// How long to count before the quotient is taken; longer if no water came.
    let span: Duration

    /// The last quotient, in J/m³.
    var quotient: Double?
    private var start: (energy: Double, volume: Double, at: Monotonic)?

    init(span: Duration) { self.span = span }

    /// - Parameters:
    ///   - energy: of a meter, in J.
    ///   - volume: of a meter, in m³.
    mutating func hear(energy: Double, volume: Double, at moment: Monotonic) {
        guard let start, energy >= start.energy, volume >= start.volume else {
            // A meter that runs backwards was replaced or went round: what was counted until then is lost.
            self.start = (energy, volume, moment)
            return
        }
        guard moment - start.at >= span, volume > start.volume else { return }
        quotient = (energy - start.energy) / (volume - start.volume)
        self.start = (energy, volume, moment)
    }

    func keep(in memory: inout Memory, at now: Monotonic) {
        memory[number: "quotient"] = quotient
        memory[number: "energy"] = start?.energy
        memory[number: "volume"] = start?.volume
        memory.keep(start?.at, as: "start", at: now)
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        quotient = memory[number: "quotient"]
        if let energy = memory[number: "energy"], let volume = memory[number: "volume"], let at = memory.moment("start", since: base) {
            start = (energy, volume, at)
        }
    }
}
