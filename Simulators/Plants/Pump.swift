/// One of the station's submersible pumps, 22 kW, with its contactor, soft starter and selector switch.
///
/// Its curve is H = n²·H0 - a·Q² (n: speed over rated speed), which obeys the affinity laws: Q goes with n, H with n².
package struct Pump: Sendable {
    package enum Selector: Int, Sendable { case off, hand, auto }

    /// The run coil, as last written.
    package var isCommanded = false
    package var selector = Selector.auto
    /// The motor protection has tripped. Only a person resets it.
    package var isTripped = false
    /// The contactor is stuck: closed for good, whatever the panel says, or open for good. nil: it does as it is told.
    package var jam: Bool?

    package private(set) var isContactorClosed = false
    /// Over rated speed.
    package private(set) var speed = 0.0
    /// m³/s, and m of water across the pump.
    package private(set) var flow = 0.0
    package private(set) var head = 0.0
    /// A, and kW from the supply.
    package private(set) var current = 0.0
    package private(set) var power = 0.0
    package private(set) var runHours: Double
    package private(set) var starts: Int

    package static let shutOffHead = 12.0
    package static let curve = 150.0  // m/(m³/s)²
    /// Of the pump's own riser.
    package static let riser = 60.0
    private static let bestFlow = 0.165
    private static let runUp = 3.0  // s
    private static let runDown = 2.0

    package init(runHours: Double, starts: Int) {
        self.runHours = runHours
        self.starts = starts
    }

    /// From the contactor's auxiliary contact and the starter's "up to speed".
    package var isRunning: Bool { isContactorClosed && speed > 0.3 }

    /// - Parameters:
    ///   - isPermitted: what the panel's hard-wired float relay says.
    ///   - isPowered: whether there is mains.
    package mutating func drive(_ dt: Double, isPermitted: Bool, isPowered: Bool = true) {
        let isWanted =
            switch selector {
            case .off: false
            case .hand: true
            case .auto: isCommanded
            }
        let closes = isPowered && (jam ?? (isWanted && isPermitted && !isTripped))
        if closes && !isContactorClosed { starts += 1 }
        isContactorClosed = closes
        speed = closes ? min(1, speed + dt / Self.runUp) : max(0, speed - dt / Self.runDown)
        if closes { runHours += dt / 3600 }
    }

    /// What it would lift into a header at this head above the water in the well, m³/s. The check valve lets nothing back.
    package func flow(against header: Double) -> Double {
        let spare = speed * speed * Self.shutOffHead - header
        return spare > 0 ? (spare / (Self.curve + Self.riser)).squareRoot() : 0
    }

    package mutating func lift(against header: Double) {
        flow = flow(against: header)
        head = speed > 0 ? speed * speed * Self.shutOffHead - Self.curve * flow * flow : 0
        load()
    }

    /// The pump's efficiency at its present flow and speed, 0.2 … 0.74: affine points are equally good.
    package var efficiency: Double {
        guard speed > 0 else { return 0 }
        let off = flow / speed / Self.bestFlow - 1
        return max(0.2, 0.74 * (1 - 0.8 * off * off))
    }

    private mutating func load() {
        guard isContactorClosed else {
            power = 0
            current = 0
            return
        }
        let hydraulic = 9.81 * flow * max(0, head)  // kW
        let shaft = (flow > 0 ? hydraulic / efficiency : 0) + 1.4 * speed * speed * speed
        power = shaft / 0.9
        // Active and magnetising current of a 400 V motor; the starter holds it to three times the rated 42 A.
        let active = power / (1.732 * 0.4)
        let running = (active * active + 14 * 14).squareRoot()
        current = speed < 1 ? max(running, 42 * (3 - 2 * speed)) : running
    }
}
