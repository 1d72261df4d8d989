import Acquisition
import Control
import Gateway
import Modbus
import Rules
import Telemetry

/// One life of the gateway, from its start to its stop or crash: everything that dies with it.
struct GatewayLife: Sendable {
    /// A polled link: its poller, and what is on its way.
    struct Wire: Sendable {
        struct Flight: Sendable {
            let outgoing: LinkPoller.Outgoing
            let answer: Result<[UInt8], ModbusError>
            let lands: Instant
            let seat: Int
            let isTrue: Bool
        }

        let name: String
        let isLine: Bool
        /// By the unit's number.
        let seats: [VirtualField.Seat?]
        var poller: LinkPoller
        var flights: [Flight] = []
        var nextLanding = Instant.never
        /// When a connection that is being made succeeds or fails.
        var dialled: Instant?
    }

    /// A write on its way, and which of the arbiter's it is.
    struct Write: Sendable {
        let id: CommandID
        let wire: Int
    }

    let table: PointTable
    var wires: [Wire]
    var ingest: Ingest
    var engine: RuleEngine
    var arbiter: Arbiter
    /// The arbiter's next wake-up: asked after everything it hears, and not at every step.
    var arbiterWake: Monotonic?
    var writes: [WriteID: Write] = [:]
    var nextWrite: UInt64 = 0
    let born: Instant
    /// The points that some rule listens to, and those that `Control` does.
    let isHeard: [Bool]
    let isWatched: [Bool]
    /// How often the guards had changed when they were kept last.
    var guardsKept = 0
    /// When the rules' minds are to be kept next, and when they were last.
    var keepDue: Instant?
    var kept = Instant.longAgo
    /// Until when an orderly stop may take; nil while there is none.
    var stopping: Instant?

    init(
        _ plan: SitePlan, actuators: [ActuatorPlan], feeders: [FeederPlan], seats: [VirtualField.Seat], seed: UInt64, born: Instant,
        at now: Moment
    ) {
        table = PointTable(directory: plan.directory)
        self.born = born
        var random = SeededRandom(seed: seed)
        var first = 0
        wires = plan.links.map { link in
            var units: [VirtualField.Seat?] = Array(repeating: nil, count: 256)
            for seat in seats[first..<first + link.devices.count] { units[Int(seat.unit.rawValue)] = seat }
            first += link.devices.count
            var isLine = true
            if case .tcp = link.medium { isLine = false }
            return Wire(
                name: link.name, isLine: isLine, seats: units, poller: LinkPoller(link, seed: random.next(), at: now.monotonic))
        }
        ingest = Ingest(plan.brokers.flatMap(\.devices))
        engine = RuleEngine(rules: plan.rules)
        arbiter = Arbiter(actuators: actuators, feeders: feeders, directory: plan.directory)
        let points = plan.directory.points.indices
        isHeard = points.map { [engine] in engine.listens(to: PointID(index: $0)) }
        let watched = arbiter.watched
        isWatched = points.map { watched.contains(PointID(index: $0)) }
    }
}
