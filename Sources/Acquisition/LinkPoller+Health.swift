import Modbus
package import Telemetry

/// When silent units may be tried. Where others wait meanwhile, one is tried at a time, and so rarely that all of them
/// together take no more than their share of the link.
struct Probing: Sendable {
    /// How often a unit in doubt is asked again, if nothing else is asked of it.
    static let confirmation = Duration.seconds(2)

    let share: Double
    /// Whether there can be others to be considered.
    var isBounded = true
    /// Units that are not down. If there are none, nobody waits.
    var alive = 0
    var isOut = false
    var isGateSet = false
    private(set) var gate = Monotonic.zero
    var waiting = Lane<Int>()

    init(share: Double) { self.share = min(max(share, 0.01), 1) }

    /// Whether a probe has to wait for its turn.
    func isShut(at now: Monotonic) -> Bool { isBounded && alive > 0 && gate > now }

    /// Takes note of time that a silent unit cost the others.
    mutating func charge(_ span: Duration, at now: Monotonic) {
        guard isBounded, alive > 0 else { return }
        gate = max(gate, now) + span * (1 / share - 1)
    }

    mutating func clear() {
        isOut = false
        _ = waiting.drain()
    }
}

extension LinkPoller {
    /// How well each device answers, by its unit.
    package var deviceStates: [(device: DeviceID, state: DeviceState)] {
        units.flatMap { unit in unit.devices.map { ($0, unit.health.state) } }
    }

    mutating func judgeHealth(
        of unit: Int, by result: Result<Response, ModbusError>, launched: Monotonic, at now: Moment, _ outputs: inout [Output]
    ) {
        switch result {
        case .failure(.disconnected), .failure(.unservable): return
        case let result where result.isAnswer:
            if let edge = units[unit].health.answered(at: now.monotonic) { turn(unit, edge, "", at: now, &outputs) }
        case .failure(let error):
            if units[unit].health.isCharged { probing.charge(now.monotonic - launched, at: now.monotonic) }
            let edge = units[unit].health.wasSilent(launched: launched, at: now.monotonic, &random)
            if let edge { turn(unit, edge, "\(error)", at: now, &outputs) }
        case .success: return
        }
        if !units[unit].isChecked, units[unit].health.state == .down || units[unit].health.isInDoubt {
            look(after: unit, at: now.monotonic)
        }
    }

    private mutating func turn(
        _ unit: Int, _ edge: UnitHealth.Edge, _ error: String, at now: Moment, _ outputs: inout [Output]
    ) {
        let names = units[unit].names
        let place = "\(names) (link \(name), unit \(units[unit].id.rawValue))"
        switch edge {
        case .lost(let hasEverAnswered):
            probing.alive -= 1
            outputs.append(event(names, "\(place) \(hasEverAnswered ? "no longer answers" : "does not answer"): \(error)", now))
            giveUpReads(of: unit, at: now, &outputs)
        case .lostAgain:
            probing.alive -= 1
            giveUpReads(of: unit, at: now, &outputs)
        case .speaks:
            probing.alive += 1
            catchUp(unit, at: now, &outputs)
            // After a silence of all, the cable is back rather than one device.
            if probing.alive == 1, probing.isBounded { hurry(at: now.monotonic) }
        case .returned(let since):
            outputs.append(event(names, "\(names) answers again after \(Int((now.monotonic - since).seconds.rounded())) s", now))
        case .doubtful(let missing):
            outputs.append(event(names, "\(place) answers unreliably: \(missing) of the last 8 requests failed (\(error))", now))
        case .reliable: outputs.append(event(names, "\(names) answers reliably again", now))
        }
    }

    private mutating func giveUpReads(of unit: Int, at now: Moment, _ outputs: inout [Output]) {
        for work in units[unit].reads.drain() { conclude(work, .failure(.timeout), unit: unit, at: now, &outputs) }
    }

    // MARK: Probes

    private mutating func look(after unit: Int, at now: Monotonic) {
        units[unit].isChecked = true
        let isDown = units[unit].health.state == .down
        grid.add(.check(unit), at: isDown ? max(units[unit].health.nextProbe, now) : now + Probing.confirmation)
    }

    /// The time has come to see how a unit does that is silent, or was of late.
    mutating func check(_ unit: Int, at now: Monotonic) {
        units[unit].isChecked = false
        // Once connected, all who need it are looked after again.
        guard case .up = state, units[unit].probe != nil else { return }
        let health = units[unit].health
        if health.state == .down {
            if health.nextProbe > now { return look(after: unit, at: now) }
            waitForProbe(unit)
        } else if health.isInDoubt {
            let isIdle = units[unit].inFlight == 0 && units[unit].reads.isEmpty && units[unit].writes.isEmpty
            if isIdle, now - health.lastOutcome >= Probing.confirmation {
                units[unit].reads.append(.probe(isShared: false))
                rouse(unit)
            }
            look(after: unit, at: now)
        }
    }

    /// There is reason to believe that silent units may speak now.
    mutating func hurry(at now: Monotonic) {
        for unit in units.indices {
            if units[unit].health.state == .down {
                units[unit].health.hurry(at: now)
                if units[unit].probe != nil { waitForProbe(unit) }
            } else if units[unit].health.isInDoubt, !units[unit].isChecked {
                look(after: unit, at: now)
            }
        }
        probe(at: now)
    }

    private mutating func waitForProbe(_ unit: Int) {
        guard !units[unit].isProbeWaiting else { return }
        units[unit].isProbeWaiting = true
        probing.waiting.append(unit)
    }

    /// Sends the probes that may go now.
    mutating func probe(at now: Monotonic) {
        guard case .up = state else { return }
        while !probing.waiting.isEmpty, !(probing.isBounded && probing.isOut) {
            guard !probing.isShut(at: now) else {
                if !probing.isGateSet { grid.add(.gate, at: probing.gate) }
                probing.isGateSet = true
                return
            }
            guard let unit = probing.waiting.popFirst() else { return }
            units[unit].isProbeWaiting = false
            guard units[unit].health.state == .down else { continue }
            probing.isOut = true
            units[unit].reads.append(.probe(isShared: true))
            rouse(unit)
        }
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
