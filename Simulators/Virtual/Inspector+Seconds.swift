import Modbus
import Plants
import Rules
import Telemetry

/// What is judged of the plants, once a second: they do not move in between.
extension Inspector {
    mutating func second(_ county: borrowing VirtualCounty) {
        let now = county.now
        watch(county.field, at: now)
        guard let since else { return }
        if county.field.hasStation {
            leftOn(county.field, at: now)
            spills(county.field, at: now)
        }
        irrigates(at: now)
        guard now.nanoseconds / 1_000_000_000 % 60 == 0 else { return }
        unread(county.field, since, at: now)
        if let well { shows(county, well, at: now) }
    }

    private mutating func watch(_ field: VirtualField, at now: Instant) {
        for seat in field.seats {
            let isWell = field.fault(of: seat) == nil && field.ailments[seat.index] == nil && field.cut.isEmpty
            if !isWell { sights[seat.index].troubled = now }
        }
        for index in machines.indices {
            let seat = machines[index].seat
            var isOn = false
            if let number = machines[index].pump {
                let pump = field.station.plant.pumps[number]
                isOn = pump.isRunning
                if pump.starts != machines[index].contactorStarts { machines[index].closings.append(now) }
                machines[index].contactorStarts = pump.starts
                if pump.selector != .auto || pump.jam != nil || pump.isTripped || isLocked[number] { sights[seat].troubled = now }
            } else {
                isOn = field.farm.plant.measured("valve-open", on: field.seats[seat].device) == 1
            }
            if isOn { machines[index].lastOn = now } else { machines[index].lastOff = now }
            machines[index].isCommanded = isCommanded(machines[index], field)
            let isFree = isCalm(seat, for: 30, at: now) && isUp(for: 30, at: now) && !isOrdered(machines[index], at: now)
            if !machines[index].isCommanded || !isFree { machines[index].since = nil } else if machines[index].since == nil {
                machines[index].since = now
            }
        }
        recent.append(field.station.plant.well.level)
        if recent.count > 10 { recent.removeFirst() }
    }

    /// Items 2, 7 and 9: a pump that nobody ordered does not go on below its band, nor without a level.
    private mutating func leftOn(_ field: VirtualField, at now: Instant) {
        guard let well, isUp(for: 150, at: now) else { return }
        let level = field.station.plant.well.level
        let isSeen = isCalm(well, for: 90, at: now)
        let age = now.seconds(since: max(sights[well].seen, sights[well].fooled))
        for machine in machines {
            guard let pump = machine.pump, field.station.plant.pumps[pump].isCommanded, isCalm(machine.seat, for: 90, at: now),
                !isOrdered(machine, at: now)
            else { continue }
            if isSeen, !field.station.plant.well.lowFloat {
                violate(.dryRunning, at: now, "\(machine.point) is told to run, and the low float is dry: \(level) m")
            }
            if isSeen, level < band.stop - 0.15 {
                violate(.leftOn, at: now, "\(machine.point) is told to run at \(level) m, below the \(band.stop) m at which it should stop")
            }
            if age > 120 {
                violate(.staleValueDrives, at: now, "\(machine.point) is told to run, and the level was last read \(Int(age)) s ago")
            }
        }
    }

    /// Item 11.
    private mutating func spills(_ field: VirtualField, at now: Instant) {
        defer { spilled = field.station.plant.well.spilled }
        guard field.station.plant.well.spilled > spilled, let well, isUp(for: 150, at: now), isCalm(well, for: 120, at: now) else { return }
        for machine in machines {
            guard let pump = machine.pump, !field.station.plant.pumps[pump].isCommanded, isCalm(machine.seat, for: 120, at: now),
                !isOrdered(machine, at: now), !mayBeSpent(machine, at: now)
            else { continue }
            violate(.overflow, at: now, "the well spills, and \(machine.point) could run and is not told to")
        }
    }

    /// Whether the gateway may have counted as many starts as an hour allows: its own, others' at the machine, and one for each time it
    /// began to look.
    private func mayBeSpent(_ machine: Machine, at now: Instant) -> Bool {
        let counted = [machine.starts, machine.closings, beginnings].map { $0.count { now.seconds(since: $0) < 3660 } }
        return max(counted[0], counted[1]) + counted[2] >= guards.startsPerHour ?? .max
    }

    /// Item 10: a valve that a rule opened shuts after 20 minutes (`Rules/agriculture/dry-soil.yaml`).
    private mutating func irrigates(at now: Instant) {
        for machine in machines where machine.pump == nil {
            guard let since = machine.since, now.seconds(since: since) > 22 * 60 else { continue }
            violate(.flooding, at: now, "\(machine.point) has been open for \(Int(now.seconds(since: since)) / 60) min")
        }
    }

    /// Item 20: a device that is well is read.
    private mutating func unread(_ field: VirtualField, _ since: Instant, at now: Instant) {
        for seat in field.seats where seat.plant != .nobody {
            let sight = sights[seat.index]
            let quiet = now.seconds(since: max(sight.seen, sight.troubled, sight.fooled, since))
            guard quiet > 300 else { continue }
            violate(.lostData, at: now, "\(seat.name) has been well for \(Int(quiet)) s, and is not read")
        }
    }

    /// Item 24: what the console shows of the rule is what it does.
    private mutating func shows(_ county: borrowing VirtualCounty, _ well: Int, at now: Instant) {
        let shown = county.shownRules.first { $0.marks.contains { $0.word == "start" } }
        guard isUp(for: 150, at: now), let summary = shown else { return }
        let isBlind = summary.parts.contains { $0.state.phase == "cannot judge" }
        let age = now.seconds(since: max(sights[well].seen, sights[well].fooled))
        let seen = "the rule is shown as '\(summary.state)', and"
        if age > 120, !isBlind { violate(.wrongMode, at: now, "\(seen) no level was read for \(Int(age)) s") }
        if isCalm(well, for: 90, at: now), isBlind { violate(.wrongMode, at: now, "\(seen) the level is read") }
    }

    // MARK: What the gateway reads

    mutating func landed(_ seat: Int, _ request: Request, isTrue: Bool, at now: Instant) {
        if isTrue { sights[seat].seen = now } else { sights[seat].fooled = now }
        guard !request.isWrite else { return }
        balance(seat, at: now)
        if let known = yields[seat].first(where: { $0.request == request }) {
            sights[seat].owed += known.count
            return
        }
        let range = Int(request.address)..<Int(request.address) + request.count
        let count = polled[seat].count {
            $0.table == request.table && range.contains($0.addresses.lowerBound) && $0.addresses.upperBound <= range.upperBound
        }
        yields[seat].append((request, count))
        sights[seat].owed += count
    }

    mutating func missed(_ seat: Int, at now: Instant) { sights[seat].missed = now }

    /// Item 20: every sample that the field gave arrives, within a scan of its answer.
    mutating func sampled(_ batch: Batch) {
        guard batch.device.index < seatOfDevice.count, let seat = seatOfDevice[batch.device.index] else { return }
        let given = batch.samples.count { $0.reading.cause != .commFailure }
        sights[seat].owed -= given
    }

    /// Judged with every answer: what is owed is part of one scan, unless the device was silent a while ago and its scans were not whole.
    mutating func balance(_ seat: Int, at now: Instant) {
        if now.seconds(since: max(sights[seat].missed, sights[seat].troubled)) < 60 {
            sights[seat].owed = 0
            return
        }
        let most = polled[seat].count
        guard abs(sights[seat].owed) > most else { return }
        violate(.lostData, at: now, "\(sights[seat].owed) samples were answered and have not arrived, of a device of \(most) points")
    }

    mutating func message(at now: Instant, batches: Int) {
        if batches == 0 { violate(.lostData, at: now, "a message of a tracker or a bin made no samples") }
    }
}
