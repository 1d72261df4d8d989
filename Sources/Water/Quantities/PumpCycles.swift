import Rules
import Telemetry

/// Times a well as it fills and empties between two levels, and so measures the inflow and one pump's flow (`VolumeMethod`).
struct PumpCycles: Sendable {
    private enum Phase: Sendable {
        case none
        case filling(since: Monotonic)
        case emptying(since: Monotonic)
    }

    /// Who runs.
    enum Running: Sendable { case none, pump, others }

    /// In metres; best a little inside of where pumps start and stop, or the level turns before it has crossed them.
    let lower: Double
    let upper: Double
    /// Between them, in m³.
    let volume: Double
    let longestGap: Duration

    /// As last measured, in m³/s.
    var inflow: (flow: Double, at: Monotonic)?
    var pumpFlow: (flow: Double, at: Monotonic)?
    /// How long the well took to fill, in seconds, if it has not been emptied since.
    private var fill: Double?
    private var phase = Phase.none
    private var last: (level: Double, running: Running, at: Monotonic)?

    init(lower: Double, upper: Double, volume: Double, longestGap: Duration) {
        self.lower = lower
        self.upper = upper
        self.volume = volume
        self.longestGap = longestGap
    }

    mutating func hear(level: Double, running: Running, at moment: Monotonic) {
        guard let before = last else {
            last = (level, running, moment)
            return
        }
        guard moment > before.at else { return }
        last = (level, running, moment)
        // A cycle counts only if it was seen whole, and nothing changed on its way.
        guard moment - before.at <= longestGap, running == before.running else {
            phase = .none
            return
        }
        func crossing(_ threshold: Double) -> Monotonic? {
            let (a, b) = (before.level - threshold, level - threshold)
            guard a < 0 && b >= 0 || a > 0 && b <= 0 else { return nil }
            return before.at + .seconds((moment - before.at).seconds * (a / (a - b)))
        }
        switch (running, level > before.level) {
        case (.none, true):
            if let start = crossing(lower) { phase = .filling(since: start) }
            if let end = crossing(upper), case .filling(let since) = phase { fills(in: (end - since).seconds, at: end) }
        case (.pump, false):
            if let start = crossing(upper) { phase = .emptying(since: start) }
            if let end = crossing(lower), case .emptying(let since) = phase { empties(in: (end - since).seconds, at: end) }
        case (.none, false), (.pump, true), (.others, _): break
        }
    }

    /// The inflow needs nothing but a well that fills; only the pump's flow asks that it also emptied fast.
    private mutating func fills(in seconds: Double, at moment: Monotonic) {
        phase = .none
        fill = seconds
        if let flow = VolumeMethod.inflow(volume: volume, fill: seconds) { inflow = (flow, moment) }
    }

    private mutating func empties(in seconds: Double, at moment: Monotonic) {
        phase = .none
        if let fill, let flow = VolumeMethod.pumpFlow(volume: volume, drain: seconds, fill: fill) { pumpFlow = (flow, moment) }
        fill = nil
    }

    mutating func goDark() {
        phase = .none
        last = nil
    }

    /// A cycle that a restart interrupts is not measured: nobody saw what ran meanwhile.
    func keep(in memory: inout Memory, at now: Monotonic) {
        memory[number: "inflow"] = inflow?.flow
        memory.keep(inflow?.at, as: "inflow-at", at: now)
        memory[number: "pump-flow"] = pumpFlow?.flow
        memory.keep(pumpFlow?.at, as: "pump-flow-at", at: now)
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        if let flow = memory[number: "inflow"], let at = memory.moment("inflow-at", since: base) { inflow = (flow, at) }
        if let flow = memory[number: "pump-flow"], let at = memory.moment("pump-flow-at", since: base) { pumpFlow = (flow, at) }
    }
}
