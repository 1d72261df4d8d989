package import Modbus
package import Telemetry

/// Everything a link decides: what to ask next, what an answer means, when to dial, when to give a silent unit up.
/// It has no clock and no socket. A shell tells it what happened and does what it says; in a simulation, so does a plant.
package struct LinkPoller: Sendable {
    /// Names one request on the wire.
    package struct Ticket: Hashable, Sendable {
        let slot: Int
        /// How often the slot has been used; an old ticket means nothing.
        let use: UInt64
    }

    package struct Outgoing: Sendable {
        package let ticket: Ticket
        package let unit: UnitID
        package let request: Request
        package let timeout: Duration
    }

    package enum Output: Sendable {
        /// Dial; tell the outcome by `connected` or `disconnected`.
        case connect
        case batch(Batch)
        case event(Event)
        case link(LinkEdge)
        case wrote(WriteID, WriteResult)
    }

    /// What a request is for.
    enum Work: Sendable {
        case read(scan: Int, piece: Int)
        /// Whether a silent unit speaks again; at the expense of the dead units' share, or to be sure of one in doubt.
        case probe(isShared: Bool)
        case write(WriteID)
        case readBack(WriteID)
    }

    /// A place for a request on the wire; used again and again.
    struct Flight: Sendable {
        var use: UInt64
        var unit: Int
        var launched: Monotonic
        /// nil: nothing is out.
        var work: Work?
    }

    enum LinkState: Sendable {
        case idle, connecting, up
        case down(retry: Monotonic, reason: String)
    }

    package let name: String
    let plan: LinkPlan
    let places: Int64
    /// The most requests that may be out at once.
    let most: Int
    let start: Monotonic
    /// From the first to the last of each device's points, so that a written one is found without looking at all.
    let spans: [ClosedRange<Int>]
    var units: [Unit] = []
    var scans: [Scan] = []
    var grid = Grid()
    var state = LinkState.idle
    /// The latest moment heard of.
    var clock: Monotonic
    var readers = Lane<Int>()
    var writers = Lane<Int>()
    var flights: [Flight] = []
    var free: [Int] = []
    var inFlight = 0
    var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
    var lost: (since: Monotonic, failures: Int)?
    var random: SeededRandom
    var probing: Probing
    var writings: [WriteID: Writing] = [:]
    var wear = Wear()
    package internal(set) var requests = 0

    /// - Parameters:
    ///   - seed: of the jitter and of the scans' places in the grid.
    ///   - now: the grid begins here.
    ///   - places: how many slots of a second the scans are spread over.
    package init(_ plan: LinkPlan, seed: UInt64, at now: Monotonic, places: Int64 = 10) {
        name = plan.name
        self.plan = plan
        self.places = max(places, 1)
        most = plan.requestsInFlight
        spans = plan.devices.map { device in
            let first = device.points.lazy.map(\.id.index).min() ?? 0
            return first...max(first, device.points.lazy.map(\.id.index).max() ?? first)
        }
        start = now
        clock = now
        random = SeededRandom(seed: seed)
        probing = Probing(share: plan.deadShare)
        for device in plan.devices { add(device) }
        probing.alive = units.count
        probing.isBounded = units.count > 1
    }

    package var missedTicks: Int { scans.reduce(0) { $0 + $1.missed } }

    /// When to call `due` again if nothing happens before.
    package var nextWake: Monotonic {
        switch state {
        case .idle: start
        case .down(let retry, _): min(grid.next, retry)
        case .connecting, .up: grid.next
        }
    }

    /// What waits, flies or is timed. It is bounded by the plan, whatever happens.
    var load: Int { inFlight + grid.count + writings.count + units.reduce(0) { $0 + $1.reads.count + $1.writes.count } }

    /// Begins what is due.
    package mutating func due(at now: Moment) -> [Output] {
        clock = now.monotonic
        var outputs: [Output] = []
        switch state {
        case .idle:
            state = .connecting
            outputs.append(.connect)
        case .down(let retry, _) where retry <= now.monotonic:
            state = .connecting
            outputs.append(.connect)
        default: break
        }
        while let item = grid.take(dueBy: now.monotonic) {
            switch item {
            case .scan(let scan):
                let begins = scans[scan].tick(at: now.monotonic)
                grid.add(item, at: scans[scan].due)
                if begins { begin(scan: scan, at: now, &outputs) }
            case .resume(let unit):
                units[unit].isHeld = false
                rouse(unit)
            case .check(let unit): check(unit, at: now.monotonic)
            case .gate: probing.isGateSet = false
            }
        }
        probe(at: now.monotonic)
        return outputs
    }

    func event(_ subject: String, _ text: String, _ now: Moment) -> Output {
        .event(Event(time: now.wall, kind: .link, subject: subject, origin: "acquisition", text: text))
    }
}
