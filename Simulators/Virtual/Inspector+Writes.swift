import Control
import Plants
import Telemetry

/// What reaches a plant, and what the gateway says of it.
extension Inspector {
    mutating func touched(_ touch: VirtualField.Touch, at now: Instant, _ field: VirtualField) {
        guard let index = machine(touch.point) else { return }
        let isOn = touch.value != 0
        let wasOn = machines[index].isCommanded
        machines[index].isCommanded = isOn
        fights(index, isOn, at: now, field)
        if wasOn, !isOn { machines[index].stopped = now }
        if isOn {
            workedOn(index, at: now)
            stale(index, at: now)
            if !wasOn {
                bursts(index, at: now)
                limits(index, at: now)
            }
            machines[index].started = now
        }
        jumps(index, from: wasOn, to: isOn, at: now, field)
    }

    /// Item 1.
    private mutating func workedOn(_ index: Int, at now: Instant) {
        guard let pump = machines[index].pump, hands[pump] else { return }
        violate(.startDuringWork, at: now, "\(machines[index].point) is told to run while someone has hands on it")
    }

    /// Item 2: nothing starts on a level that nobody can have read.
    private mutating func stale(_ index: Int, at now: Instant) {
        guard machines[index].pump != nil, let well, !isOrdered(machines[index], at: now) else { return }
        let age = now.seconds(since: max(sights[well].seen, sights[well].fooled))
        // Three seconds are the point's greatest age; the rest is a write's way to a slow device.
        guard age > 8 else { return }
        violate(
            .staleValueDrives, at: now,
            "\(machines[index].point) is told to run \(Int(min(age, 1e9))) s after the level was last read")
    }

    /// Item 4: what the county ordered and the gateway accepted is not overwritten by anyone of lower rank.
    private mutating func fights(_ index: Int, _ isOn: Bool, at now: Instant, _ field: VirtualField) {
        // An interlock and a lock-out stand above everyone: a well that is nearly dry, as the guard file has it, and a person at work.
        if let pump = machines[index].pump, !isOn, field.station.plant.well.level < 0.95 || isLocked[pump] || isBlind(at: now) {
            return
        }
        // A write that was on its way already may still arrive after the order.
        guard let order = orders[machines[index].point], now < order.until, now.seconds(since: order.since) > 10,
            order.value != isOn
        else {
            return
        }
        violate(.twoWriters, at: now, "\(machines[index].point) is written \(isOn) while the county holds it at \(order.value)")
    }

    /// Whether the level may not have been seen, or not truly, which trips the interlock too.
    private func isBlind(at now: Instant) -> Bool { well.map { !isCalm($0, for: 90, at: now) } ?? false }

    /// Item 8: after a start of the gateway one pump at a time.
    private mutating func bursts(_ index: Int, at now: Instant) {
        guard machines[index].pump != nil, let since, now.seconds(since: since) < 120 else { return }
        for other in machines.indices where other != index && machines[other].pump != nil {
            let gap = now.seconds(since: machines[other].started)
            guard gap < 4.5, machines[other].started > since else { continue }
            if isOrdered(machines[index], at: now) || isOrdered(machines[other], at: now) { continue }
            violate(
                .restartBurst, at: now,
                "\(machines[index].point) starts \(gap) s after \(machines[other].point), just after a restart")
        }
    }

    /// Item 8: what the guard file allows a pump, at any time and over every restart: starts in an hour, the rest before one, and one at
    /// a time.
    private mutating func limits(_ index: Int, at now: Instant) {
        guard let pump = machines[index].pump else { return }
        machines[index].starts.removeAll { now.seconds(since: $0) >= 3599 }
        machines[index].starts.append(now)
        let machine = machines[index]
        if let most = guards.startsPerHour, machine.starts.count > most {
            violate(.restartBurst, at: now, "\(machine.point) is started \(machine.starts.count) times in an hour, of \(most)")
        }
        let rest = now.seconds(since: machine.stopped)
        if let least = guards.minimumOff, rest < least - 2 {
            violate(.restartBurst, at: now, "\(machine.point) is started after \(rest) s of rest, of \(Int(least))")
        }
        for other in machines
        where other.pump != nil && other.pump != pump
            && other.starts.last.map({ now.seconds(since: $0) < guards.stagger - 2 }) ?? false
        {
            let gap = other.starts.last.map { now.seconds(since: $0) } ?? 0
            violate(.restartBurst, at: now, "\(machine.point) starts \(gap) s after \(other.point)")
        }
    }

    /// Item 18: within five seconds of a step of the wall clock nothing happens without a cause in the plant.
    private mutating func jumps(_ index: Int, from wasOn: Bool, to isOn: Bool, at now: Instant, _ field: VirtualField) {
        guard wasOn != isOn, now.seconds(since: clockStep) < 5, let well, machines[index].pump != nil else { return }
        let others = machines.filter { $0.pump != nil && $0.point != machines[index].point }
        let seats = [well] + machines.filter { $0.pump != nil }.map(\.seat)
        guard isUp(for: 120, at: now), seats.allSatisfy({ isCalm($0, for: 120, at: now) }), !isOrdered(machines[index], at: now),
            !others.contains(where: { isOrdered($0, at: now) }), let low = recent.min(), let high = recent.max()
        else { return }
        if !isOn, low > band.stop + 0.1 {
            violate(.clockJump, at: now, "\(machines[index].point) stops at \(low) m, just after the wall clock was set")
        }
        if isOn, high < band.start - 0.1 {
            violate(.clockJump, at: now, "\(machines[index].point) starts at \(high) m, just after the wall clock was set")
        }
    }

    // MARK: Words

    mutating func heard(_ event: Event, at now: Instant, _ field: VirtualField) {
        guard event.kind == .command, event.origin == "control", let index = machine(event.subject) else { return }
        if event.text.hasPrefix("confirmed: reads true") { confirmed(index, true, at: now) }
        if event.text.hasPrefix("confirmed: reads false") { confirmed(index, false, at: now) }
    }

    /// Item 6: whatever is called confirmed was so, a moment ago.
    private mutating func confirmed(_ index: Int, _ isOn: Bool, at now: Instant) {
        let machine = machines[index]
        if now.seconds(since: sights[machine.seat].fooled) < 60 { return }
        let age = now.seconds(since: isOn ? machine.lastOn : machine.lastOff)
        // A reading may be a period old, five seconds in the farm, and its answer slow.
        guard age > 12 else { return }
        violate(.falseConfirmation, at: now, "\(machine.point) is called \(isOn ? "running" : "stopped"), and is not")
    }

    mutating func delivered(_ command: Office.Command, isClockOff: Bool, isTrusted: Bool) -> UInt64 {
        tickets += 1
        deliveries[tickets] = Delivery(command: command, isClockOff: isClockOff, isTrusted: isTrusted)
        return tickets
    }

    mutating func replied(_ reply: RemoteReply, at now: Instant, _ field: VirtualField) {
        guard let delivery = deliveries[reply.ticket] else { return }
        let command = delivery.command
        let isNew = reply.answer.stage == .accepted && !reply.isLast
        if isNew {
            deliveries[reply.ticket]?.isBegun = true
            began(command, delivery, at: now)
        }
        if let index = machine(command.point), let value = command.value, isNew {
            let until = now.after(seconds: command.hold)
            orders[command.point] = Order(ticket: reply.ticket, value: value, since: now, until: until)
            machines[index].ordered = max(machines[index].ordered, until.after(seconds: 30))
        }
        switch reply.answer.stage {
        case .confirmed:
            guard isNew || delivery.isBegun else { break }
            if let index = machine(command.point), let value = command.value { confirmed(index, value, at: now) }
        case .superseded, .failed, .expired:
            if orders[command.point]?.ticket == reply.ticket { orders[command.point] = nil }
        case .released: orders[command.point] = nil
        case .accepted, .refused, .sent, .echoed, .diverged: break
        }
        if reply.isLast { deliveries[reply.ticket] = nil }
    }

    /// Item 5: begun once, in time, and never what was kept.
    private mutating func began(_ command: Office.Command, _ delivery: Delivery, at now: Instant) {
        let name = "command \(command.id ?? "without a name") for \(command.point)"
        if command.isRetained { violate(.commandReplayed, at: now, "\(name) was retained, and is begun") }
        if let expires = command.expires, expires <= now, !delivery.isClockOff {
            violate(.commandReplayed, at: now, "\(name) expired \(now.seconds(since: expires)) s ago, and is begun")
        }
        if command.expires != nil, !delivery.isTrusted {
            violate(.commandReplayed, at: now, "\(name) bears a time, and is begun by a clock that cannot be believed")
        }
        if let id = command.id, !accepted.insert(id).inserted {
            violate(.commandReplayed, at: now, "\(name) is begun a second time")
        }
    }
}
