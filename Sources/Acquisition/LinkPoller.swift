package import Modbus
package import Telemetry

/// Everything a link decides: what to ask next, what an answer means, when to dial, when to give a silent unit up.
/// It has no clock and no socket. A shell tells it what happened and does what it says; in a simulation, so does a plant.
package struct LinkPoller: Sendable {
    /// Names one request on the wire.
    package struct Ticket: Hashable, Sendable {
        let number: UInt64
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

    enum Purpose: Sendable {
        case read(scan: Int, block: Int)
        case write(WriteID, Writing)
        case readBack(WriteID, Writing)
    }

    struct Pending: Sendable {
        let request: Request
        let purpose: Purpose
    }

    struct Unit: Sendable {
        let id: UnitID
        var capacity: Int
        var names: [String] = []
        var inFlight = 0
        var reads: [Pending] = []
        var writes: [Pending] = []
        var health = UnitHealth()
    }

    enum LinkState: Sendable {
        case idle, connecting, up
        case down(retry: Monotonic, reason: String)
    }

    /// The fixed grid on which scans are placed, so that what is due together leaves together.
    package static let slot = Duration.milliseconds(100)

    package let name: String
    let plan: LinkPlan
    var units: [Unit] = []
    var scans: [Scan] = []
    var state = LinkState.idle
    var inFlight: [Ticket: (unit: Int, pending: Pending)] = [:]
    private var nextTicket: UInt64 = 0
    private var turn = 0
    private var backoff = Backoff(base: .seconds(1), limit: .seconds(30))
    private var lost: (since: Monotonic, failures: Int)?
    var random: SeededRandom
    package private(set) var requests = 0

    /// - Parameters:
    ///   - seed: of the jitter and of the scans' places in the grid.
    ///   - now: the grid begins here.
    package init(_ plan: LinkPlan, seed: UInt64, at now: Monotonic) {
        name = plan.name
        self.plan = plan
        random = SeededRandom(seed: seed)
        for device in plan.devices {
            let unit = index(of: device)
            let classes = Dictionary(grouping: device.points, by: \.every).sorted { $0.key < $1.key }
            for (period, points) in classes {
                let blocks = ReadPlan.blocks(
                    for: points, maximumRegisters: device.maximumRegisters, gap: plan.worthwhileGap)
                let places = max(min(period, .seconds(1)).wholeMilliseconds / Self.slot.wholeMilliseconds, 1)
                let place = Int64.random(in: 0..<places, using: &random)
                scans.append(
                    Scan(device: device.id, unit: unit, blocks: blocks, period: period, first: now + Self.slot * Double(place)))
            }
        }
    }

    /// Requests are grouped by physical unit id, however many devices the configuration makes of it.
    private mutating func index(of device: PolledDevice) -> Int {
        if let known = units.firstIndex(where: { $0.id == device.unit }) {
            units[known].capacity = min(units[known].capacity, device.requestsInFlight)
            units[known].names.append(device.name)
            return known
        }
        units.append(Unit(id: device.unit, capacity: max(device.requestsInFlight, 1), names: [device.name]))
        return units.count - 1
    }

    package var missedTicks: Int { scans.reduce(0) { $0 + $1.missed } }

    /// When to call `due` again if nothing happens before.
    package var nextWake: Monotonic {
        let scan = scans.lazy.map(\.due).min() ?? Monotonic(nanoseconds: .max)
        if case .down(let retry, _) = state { return min(scan, retry) }
        return scan
    }

    // MARK: What happened

    /// Begins what is due.
    package mutating func due(at now: Moment) -> [Output] {
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
        for index in scans.indices where scans[index].due <= now.monotonic {
            if scans[index].tick(at: now.monotonic) { begin(scan: index, at: now, &outputs) }
        }
        return outputs
    }

    package mutating func connected(at now: Moment) -> [Output] {
        state = .up
        backoff.reset()
        let edge = Output.link(LinkEdge(name: name, isUp: true, at: now.wall))
        guard let lost else { return [edge] }
        self.lost = nil
        let span = now.monotonic - lost.since
        return [
            edge,
            event(
                name, "link \(name) restored after \(Int(span.seconds.rounded())) s; \(lost.failures) scans failed meanwhile", now),
        ]
    }

    package mutating func disconnected(_ reason: String, at now: Moment) -> [Output] {
        var outputs: [Output] = []
        let retry = backoff.next(&random)
        state = .down(retry: now.monotonic + retry, reason: reason)
        if lost == nil {
            lost = (now.monotonic, 0)
            outputs.append(.link(LinkEdge(name: name, isUp: false, at: now.wall, reason: reason)))
            outputs.append(event(name, "link \(name) lost: \(reason)", now))
        }
        for unit in units.indices {
            let waiting = units[unit].writes + units[unit].reads
            units[unit].writes = []
            units[unit].reads = []
            for pending in waiting { conclude(pending, .failure(.disconnected(reason)), unit: unit, at: now, &outputs) }
        }
        let flying = inFlight.sorted { $0.key.number < $1.key.number }
        for (ticket, _) in flying { outputs += answered(ticket, .failure(.disconnected(reason)), at: now) }
        return outputs
    }

    /// The next request to put on the wire, writes before reads and units in turn; nil if there is none, or no room.
    package mutating func next() -> Outgoing? {
        guard case .up = state, inFlight.count < max(plan.requestsInFlight, 1) || plan.isShared else { return nil }
        for isWrite in [true, false] {
            for step in units.indices {
                let unit = (turn + step) % units.count
                guard units[unit].inFlight < units[unit].capacity else { continue }
                let pending: Pending
                if isWrite {
                    guard !units[unit].writes.isEmpty else { continue }
                    pending = units[unit].writes.removeFirst()
                } else {
                    guard !units[unit].reads.isEmpty else { continue }
                    pending = units[unit].reads.removeFirst()
                }
                turn = unit + 1
                return launch(pending, unit: unit)
            }
        }
        return nil
    }

    private mutating func launch(_ pending: Pending, unit: Int) -> Outgoing {
        nextTicket += 1
        requests += 1
        let ticket = Ticket(number: nextTicket)
        units[unit].inFlight += 1
        inFlight[ticket] = (unit, pending)
        return Outgoing(ticket: ticket, unit: units[unit].id, request: pending.request, timeout: plan.timeout)
    }

    /// Takes the outcome of a request in. A ticket that is not on the wire (any more) is ignored.
    package mutating func answered(_ ticket: Ticket, _ result: Result<Response, ModbusError>, at now: Moment) -> [Output] {
        guard let (unit, pending) = inFlight.removeValue(forKey: ticket) else { return [] }
        units[unit].inFlight -= 1
        var outputs: [Output] = []
        judgeHealth(of: unit, by: result, at: now, &outputs)
        conclude(pending, result, unit: unit, at: now, &outputs)
        return outputs
    }

    // MARK: Inside

    private mutating func begin(scan: Int, at now: Moment, _ outputs: inout [Output]) {
        let unit = scans[scan].unit
        let blocks = scans[scan].blocks
        let failure: ModbusError
        if case .down(_, let reason) = state {
            failure = .disconnected(reason)
            lost?.failures += 1
        } else if units[unit].health.allowsScan(at: now.monotonic) {
            for block in blocks.indices {
                units[unit].reads.append(Pending(request: blocks[block].request, purpose: .read(scan: scan, block: block)))
            }
            return
        } else {
            failure = .timeout
        }
        let probe = units[unit].health.wantsProbe(at: now.monotonic) && units[unit].reads.isEmpty && units[unit].inFlight == 0
        for block in blocks.indices.reversed() {
            let purpose = Purpose.read(scan: scan, block: block)
            let pending = Pending(request: blocks[block].request, purpose: purpose)
            if probe, block == 0, case .timeout = failure {
                units[unit].reads.append(pending)
            } else {
                conclude(pending, .failure(failure), unit: unit, at: now, &outputs)
            }
        }
    }

    private mutating func conclude(
        _ pending: Pending, _ result: Result<Response, ModbusError>, unit: Int, at now: Moment, _ outputs: inout [Output]
    ) {
        switch pending.purpose {
        case .read(let scan, let block):
            if let batch = scans[scan].take(result, of: block, at: now) { outputs.append(.batch(batch)) }
        case .write(let id, let writing):
            concludeWrite(id, writing, result, unit: unit, &outputs)
        case .readBack(let id, let writing):
            concludeReadBack(id, writing, result, at: now, &outputs)
        }
    }

    private mutating func judgeHealth(
        of unit: Int, by result: Result<Response, ModbusError>, at now: Moment, _ outputs: inout [Output]
    ) {
        let names = units[unit].names.joined(separator: ", ")
        switch result {
        case .failure(.disconnected), .failure(.unservable):
            return
        case let result where result.isAnswer:
            let since = units[unit].health.downSince
            if units[unit].health.answered(), let since {
                let span = Int((now.monotonic - since).seconds.rounded())
                outputs.append(event(names, "\(names) answers again after \(span) s", now))
            }
        case .failure(let error):
            guard units[unit].health.wasSilent(at: now.monotonic, &random) else { return }
            outputs.append(
                event(names, "\(names) (link \(name), unit \(units[unit].id.rawValue)) no longer answers: \(error)", now))
            let waiting = units[unit].reads
            units[unit].reads = []
            for pending in waiting { conclude(pending, .failure(.timeout), unit: unit, at: now, &outputs) }
        case .success: return
        }
    }

    private func event(_ subject: String, _ text: String, _ now: Moment) -> Output {
        .event(Event(time: now.wall, kind: .link, subject: subject, origin: "acquisition", text: text))
    }
}

extension LinkPlan {
    /// Several unit ids behind one connection: each has its own share in flight, so that one slow unit stops no other.
    var isShared: Bool {
        if case .serial = medium { return false }
        return Set(devices.map(\.unit)).count > 1
    }
}

extension Result where Success == Response, Failure == ModbusError {
    /// The device spoke, even if to refuse. In exceptions 10 and 11 a gateway before it says that it did not.
    fileprivate var isAnswer: Bool {
        switch self {
        case .success: true
        case .failure(.exception(let code)): code != 0x0A && code != 0x0B
        case .failure: false
        }
    }
}
