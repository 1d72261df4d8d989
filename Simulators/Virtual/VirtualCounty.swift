import Acquisition
package import Control
package import Gateway
import Modbus
package import Plants
import Rules
package import Telemetry

/// The whole gateway with the simulated county, in virtual time and in one process: the very site plan, pollers, ingest, table, rules
/// and arbiter that `headgate run` uses, with plants in the place of wires. It has no socket, no serial line and no folder, and so
/// nothing it does can reach a real output.
///
/// Everything follows from the seed: the plants, what goes wrong and when, what the county commands. Two runs of one seed are the same.
package struct VirtualCounty: Sendable {
    package struct Options: Sendable {
        package var seed: UInt64
        /// Whether anything goes wrong.
        package var hasFaults = false
        /// Clocks stay as they are, for a twin of a run in which they do not.
        package var hasClockFaults = true
        /// What was taken out of the gateway.
        package var sabotage: Sabotage?

        package init(seed: UInt64) { self.seed = seed }
    }

    package let options: Options
    package let plan: SitePlan
    package private(set) var now = Instant.zero
    var field: VirtualField
    var life: GatewayLife
    var isUp = true
    var keepsake = Keepsake()
    package internal(set) var chronicle = Chronicle()
    package internal(set) var tally = Tally()
    var inspector: Inspector
    var mischief: Mischief
    var office: Office
    /// When the machine's monotonic clock began, in true time; and how far its wall clock is off, in ms.
    var booted: Instant
    var clockError: Int64 = 0
    var isClockTrusted = true
    /// Armed: the gateway dies around its next write.
    var trap: Mischief.Trap?
    var trapCloses: Instant?
    /// When the gateway starts again, and whether its machine does, too.
    var dawn: Instant?
    var isColdStart = false
    /// Messages that are on their way for longer, by their arrival.
    var late: [(at: Instant, message: Fleet.Message)] = []
    private let actuators: [ActuatorPlan]
    private let feeders: [FeederPlan]
    /// The wire that leads to a point.
    let wireOfPoint: [Int?]
    private var second = Instant.zero
    private var lives = 0
    /// Steps at one moment.
    private var standing = 0
    /// Events of the gateway, as long as anyone is to look at them.
    package private(set) var events: [Event] = []
    package var keepsEvents = false

    /// 2026-06-21T00:00:00Z.
    static let start = Timestamp(milliseconds: 1_782_000_000_000)

    package init(_ plan: SitePlan, _ options: Options) {
        self.plan = plan
        self.options = options
        var actuators = plan.limitedActuators
        if options.sabotage == .noSafeValue { actuators = actuators.map(\.withoutSafeValue) }
        actuators = actuators.map { $0.without(options.sabotage) }
        self.actuators = actuators
        feeders =
            [.noStagger, .timesAreForgotten].contains(options.sabotage)
            ? plan.feeders.map { FeederPlan(name: $0.name, atMost: $0.atMost) } : plan.feeders
        let fed = plan.brokers.flatMap(\.devices).map(\.name)
        field = VirtualField(plan.links, fed: fed, seed: options.seed)
        booted = Instant(nanoseconds: -1_000_000_000)
        let first = Moment(monotonic: Monotonic(nanoseconds: 1_000_000_000), wall: Self.start)
        life = GatewayLife(
            plan, actuators: actuators, feeders: feeders, seats: field.seats, seed: options.seed, born: .zero, at: first)
        var wires: [Int?] = Array(repeating: nil, count: plan.directory.points.count)
        for (index, link) in plan.links.enumerated() {
            for point in link.devices.flatMap(\.points) { wires[point.id.index] = index }
        }
        wireOfPoint = wires
        inspector = Inspector(plan, field)
        mischief = Mischief(seed: options.seed, plan, field, isOn: options.hasFaults, withClocks: options.hasClockFaults)
        office = Office(seed: options.seed, plan, isOn: options.hasFaults)
        inspector.began(at: .zero)
    }

    package var violation: Violation? { inspector.violation }
    /// Devices of the site file that no plant stands for: they stay silent.
    package var silentDevices: [String] {
        let polled = field.seats.filter { $0.plant == .nobody }.map(\.name)
        let fed = plan.brokers.flatMap(\.devices).map(\.name).filter { !$0.hasPrefix(Fleet.site + "/") }
        return polled + fed
    }
    package var station: PumpStation { field.station.plant }
    /// What became of wants, commands and writes in the gateway's present life.
    package var counters: Counters { life.arbiter.counters }

    /// The time as the gateway has it.
    var moment: Moment {
        let monotonic = Monotonic(nanoseconds: now.nanoseconds - booted.nanoseconds)
        let wall = Timestamp(milliseconds: Self.start.milliseconds + now.nanoseconds / 1_000_000 + clockError)
        return Moment(monotonic: monotonic, wall: wall, isTrusted: isClockTrusted || options.sabotage == .clockIsTrusted)
    }

    package func reading(_ name: String) -> Reading? {
        plan.directory.id(of: name).flatMap { life.table.state(of: $0, at: moment.monotonic)?.reading }
    }

    /// Makes a device, `site/device`, fail, or with nil heals it. False: nobody has that name, or it cannot fail so.
    package mutating func fail(_ name: String, _ fault: Fault?) -> Bool {
        guard let seat = field.seats.first(where: { $0.name == name }) else { return false }
        return field.fail(seat, fault)
    }

    /// Moves everything on, step by step, until the span is over or something happened that must never happen; `look` sees the county
    /// once a second.
    package mutating func run(for span: Duration, look: (inout VirtualCounty) -> Void = { _ in }) {
        let end = Instant(nanoseconds: now.nanoseconds + span.wholeNanoseconds)
        while violation == nil {
            let next = nextInstant
            guard next <= end else { break }
            if next > now { (now, standing) = (next, 0) }
            standing += 1
            precondition(standing < 100_000, "Time stands still: a wake-up that is due is not taken.")
            tally.steps += 1
            if mischief.next <= now {
                mischief.killed()
                crash("killed")
            }
            if second <= now { tick(look) }
            if isUp { live() }
        }
        if violation == nil, end > now { now = end }
    }

    private var nextInstant: Instant {
        var next = min(second, mischief.next)
        guard isUp else { return next }
        var own = Int64.max
        for index in life.wires.indices {
            next = min(next, life.wires[index].nextLanding)
            own = min(own, life.wires[index].poller.nextWake.nanoseconds)
            if let dialled = life.wires[index].dialled { next = min(next, dialled) }
        }
        if life.stopping == nil, let wake = life.engine.nextWake { own = min(own, wake.nanoseconds) }
        if let wake = life.arbiterWake { own = min(own, wake.nanoseconds) }
        if let due = life.keepDue { next = min(next, due) }
        if let end = life.stopping { next = min(next, end) }
        let (wake, isNever) = own.addingReportingOverflow(booted.nanoseconds)
        return isNever || own == .max ? next : min(next, Instant(nanoseconds: wake))
    }

    /// A second of the plants, and whatever goes wrong in it.
    private mutating func tick(_ look: (inout VirtualCounty) -> Void) {
        field.step()
        if field.hasStation { chronicle.fold(field.station.plant.well.volume.bitPattern) }
        perform(mischief.due(at: now, field: field))
        carryMessages()
        if mischief.isOn { commandsOfTheCounty() }
        look(&self)
        inspector.second(self)
        second = second.after(seconds: 1)
    }

    // MARK: Lives

    mutating func note(_ text: String) { chronicle.note(text, at: now) }

    mutating func record(_ event: Event) {
        tally.events += 1
        note("\(event.kind.rawValue) \(event.subject) (\(event.origin)): \(event.text) [\(event.time.milliseconds)]")
        if keepsEvents { events.append(event) }
        inspector.heard(event, at: now, field)
    }

    /// The gateway is gone from one step to the next, and with it all that it did not keep.
    mutating func crash(_ why: String) {
        guard isUp else { return }
        isUp = false
        trap = nil
        tally.crashes += 1
        note("the gateway is gone: \(why)")
        inspector.ended(at: now)
        office.lostGateway()
    }

    /// As `Gateway.init` does it: the rules' minds and the ids of commands first, before anything is heard.
    mutating func start(machineRestarted: Bool) {
        guard !isUp else { return }
        if machineRestarted { booted = now.after(seconds: -5) }
        lives += 1
        life = GatewayLife(
            plan, actuators: actuators, feeders: feeders, seats: field.seats, seed: options.seed &+ UInt64(lives), born: now,
            at: moment)
        isUp = true
        note("the gateway starts")
        if options.sabotage == .timesAreForgotten { keepsake.forgetTimes() }
        for event in keepsake.rules.recall(&life.engine, at: moment) { record(event) }
        if options.sabotage != .locksAreForgotten { carryOut(life.arbiter.restore(keepsake.locks, at: moment)) }
        let forgets: [Sabotage] = [.guardsAreForgotten, .timesAreForgotten]
        if let guards = keepsake.guards, !(options.sabotage.map(forgets.contains) ?? false) {
            carryOut(life.arbiter.restore(guards, at: moment))
        }
        if options.sabotage != .idsAreForgotten { life.arbiter.restore(keepsake.recallCommands(), at: moment) }
        inspector.began(at: now)
        office.foundGateway(at: now)
    }

    /// SIGTERM: the rules' minds are kept, and every actuator is left safe; that may take five seconds.
    mutating func stop() {
        guard isUp, life.stopping == nil else { return }
        note("the gateway is told to stop")
        keepsake.rules.store(life.engine.snapshot(at: moment))
        life.stopping = now.after(seconds: 5)
        inspector.stops(at: now)
        if options.sabotage != .stopLeavesOutputs { carryOut(life.arbiter.stop(at: moment)) }
    }
}

extension ActuatorPlan {
    /// With one of its guards taken out.
    fileprivate func without(_ sabotage: Sabotage?) -> ActuatorPlan {
        var plan = self
        switch sabotage {
        case .noStartLimit: plan.guards.startsPerHour = nil
        case .noRest: plan.guards.minimumOff = nil
        // Both who wants and who guards.
        case .selectorIsIgnored: plan.guards.selector = nil
        default: break
        }
        return plan
    }

    fileprivate var withoutSafeValue: ActuatorPlan {
        ActuatorPlan(point: point, safe: nil, feedback: feedback, within: within, range: range, resolution: resolution)
    }
}
