import Modbus
package import Telemetry

extension LinkPoller {
    package mutating func connected(at now: Moment) -> [Output] {
        clock = now.monotonic
        state = .up
        backoff.reset()
        var outputs = [Output.link(LinkEdge(name: name, isUp: true, at: now.wall))]
        if let lost {
            let span = Int((now.monotonic - lost.since).seconds.rounded())
            outputs.append(event(name, "link \(name) restored after \(span) s; \(lost.failures) scans failed meanwhile", now))
        }
        lost = nil
        for unit in units.indices where units[unit].health.state != .down { catchUp(unit, at: now, &outputs) }
        hurry(at: now.monotonic)
        return outputs
    }

    package mutating func disconnected(_ reason: String, at now: Moment) -> [Output] {
        clock = now.monotonic
        var outputs: [Output] = []
        let retry = backoff.next(&random)
        state = .down(retry: now.monotonic + retry, reason: reason)
        if lost == nil {
            lost = (now.monotonic, 0)
            outputs.append(.link(LinkEdge(name: name, isUp: false, at: now.wall, reason: reason)))
            outputs.append(event(name, "link \(name) lost: \(reason)", now))
        }
        let failure = Result<Response, ModbusError>.failure(.disconnected(reason))
        for unit in units.indices {
            for work in units[unit].writes.drain() {
                if case .write(let id) = work { neverSent(id) }
                conclude(work, failure, unit: unit, at: now, &outputs)
            }
            for work in units[unit].reads.drain() { conclude(work, failure, unit: unit, at: now, &outputs) }
            units[unit].isProbeWaiting = false
        }
        for slot in flights.indices where flights[slot].work != nil {
            outputs += answered(Ticket(slot: slot, use: flights[slot].use), failure, at: now)
        }
        probing.clear()
        return outputs
    }

    /// Whether the link is known to be down, so that a scan due now fails.
    mutating func losesScan() -> Bool {
        guard case .down = state else { return false }
        lost?.failures += 1
        return true
    }
}
