package import Modbus
package import Telemetry

extension LinkPoller {
    /// Takes the outcome of a request in. A ticket that is not on the wire (any more) is ignored.
    package mutating func answered(_ ticket: Ticket, _ result: Result<Response, ModbusError>, at now: Moment) -> [Output] {
        guard flights.indices.contains(ticket.slot), flights[ticket.slot].use == ticket.use, let work = flights[ticket.slot].work
        else { return [] }
        clock = now.monotonic
        let (unit, launched) = (flights[ticket.slot].unit, flights[ticket.slot].launched)
        flights[ticket.slot].work = nil
        free.append(ticket.slot)
        inFlight -= 1
        units[unit].inFlight -= 1
        if units[unit].pause > .zero { units[unit].readyAt = now.monotonic + units[unit].pause }
        var outputs: [Output] = []
        judgeHealth(of: unit, by: result, launched: launched, at: now, &outputs)
        conclude(work, result, unit: unit, at: now, &outputs)
        rouse(unit)
        if !probing.waiting.isEmpty { probe(at: now.monotonic) }
        return outputs
    }

    /// The next request to put on the wire, writes before reads and units in turn; nil if there is none, or no room.
    package mutating func next() -> Outgoing? {
        guard case .up = state, inFlight < most else { return nil }
        while let unit = writers.popFirst() {
            units[unit].isWriter = false
            guard mayAsk(unit), let work = units[unit].writes.popFirst() else { continue }
            if let outgoing = launch(work, unit: unit) { return outgoing }
        }
        while let unit = readers.popFirst() {
            units[unit].isReader = false
            guard mayAsk(unit), let work = units[unit].reads.popFirst() else { continue }
            if let outgoing = launch(work, unit: unit) { return outgoing }
        }
        return nil
    }

    // MARK: Inside

    private mutating func launch(_ work: Work, unit: Int) -> Outgoing? {
        guard let request = request(for: work, unit: unit) else {
            rouse(unit)
            return nil
        }
        requests += 1
        inFlight += 1
        units[unit].inFlight += 1
        let slot: Int
        if let used = free.popLast() {
            slot = used
            flights[slot].use += 1
            flights[slot].unit = unit
            flights[slot].launched = clock
            flights[slot].work = work
        } else {
            slot = flights.count
            flights.append(Flight(use: 0, unit: unit, launched: clock, work: work))
        }
        rouse(unit)
        return Outgoing(
            ticket: Ticket(slot: slot, use: flights[slot].use), unit: units[unit].id, request: request,
            timeout: units[unit].timeout)
    }

    private func request(for work: Work, unit: Int) -> Request? {
        switch work {
        case .read(let scan, let piece): scans[scan].block(piece).request
        case .probe: units[unit].probe?.request
        case .write(let id): writings[id]?.request
        case .readBack(let id): writings[id]?.readBack
        }
    }

    /// Whether a unit takes another request. If only its pause is in the way, it is roused after that.
    private mutating func mayAsk(_ unit: Int) -> Bool {
        guard units[unit].inFlight < units[unit].capacity else { return false }
        if units[unit].readyAt <= clock { return true }
        if !units[unit].isHeld { grid.add(.resume(unit), at: units[unit].readyAt) }
        units[unit].isHeld = true
        return false
    }

    /// Gives a unit that has something to ask, and may, its turn.
    mutating func rouse(_ unit: Int) {
        let hasWrites = !units[unit].writes.isEmpty
        guard hasWrites || !units[unit].reads.isEmpty, mayAsk(unit) else { return }
        if hasWrites, !units[unit].isWriter {
            units[unit].isWriter = true
            writers.append(unit)
        }
        if !units[unit].reads.isEmpty, !units[unit].isReader {
            units[unit].isReader = true
            readers.append(unit)
        }
    }

    mutating func conclude(
        _ work: Work, _ result: Result<Response, ModbusError>, unit: Int, at now: Moment, _ outputs: inout [Output]
    ) {
        switch work {
        case .read(let scan, let piece): concludeRead(scan, piece, result, at: now, &outputs)
        case .probe(let isShared): if isShared { probing.isOut = false }
        case .write(let id): concludeWrite(id, result, unit: unit, at: now, &outputs)
        case .readBack(let id): concludeReadBack(id, result, at: now, &outputs)
        }
    }
}
