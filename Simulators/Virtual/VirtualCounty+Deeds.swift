import Control
import Plants
import Telemetry

/// Carries out what the mischief says.
extension VirtualCounty {
    mutating func perform(_ deeds: [Mischief.Deed]) {
        for deed in deeds { perform(deed) }
        if trap != nil, let end = trapCloses, end <= now { crash("killed, with nothing on its way") }
        if !isUp, let dawn, dawn <= now {
            start(machineRestarted: isColdStart)
            (self.dawn, isColdStart) = (nil, false)
        }
    }

    private mutating func perform(_ deed: Mischief.Deed) {
        switch deed {
        case .begins(let kind, let what):
            tally.faults[kind.rawValue, default: 0] += 1
            note("FAULT \(kind.rawValue): \(what)")
        case .fail(let seat, let fault):
            _ = field.fail(field.seats[seat], fault)
            if fault == nil { note("\(field.seats[seat].name) is well again") }
        case .ail(let seat, let ailment):
            field.ailments[seat] = ailment
            if ailment == nil { note("\(field.seats[seat].name) is well again") }
        case .hold(let seat, let point, let value): field.hold(point, of: field.seats[seat], at: value)
        case .cut(let link):
            field.cut.insert(link)
            breakLink(link)
        case .mend(let link):
            field.cut.remove(link)
            note("link \(link) is mended")
        case .jam(let pump, let isClosed):
            field.station.plant.pumps[pump].jam = isClosed
            if isClosed == nil { note("contactor of pump \(pump + 1) is free again") }
        case .turn(let pump, let position):
            field.station.plant.pumps[pump].selector = position
            note("selector of pump \(pump + 1) is turned to \(position)")
        case .lock(let pump, let isLocked): lock(pump, isLocked)
        case .hands(let pump, let areOn):
            inspector.hands[pump] = areOn
            note(areOn ? "someone lays hands on pump \(pump + 1)" : "pump \(pump + 1) is left alone again")
        case .crash, .stop: end(deed)
        case .power(let isOn): field.station.plant.isPowered = isOn
            note(isOn ? "power is back" : "power is gone")
        case .clock(let error, let isTrusted):
            clockError = error
            isClockTrusted = isTrusted
            inspector.clockStepped(at: now)
            note("the wall clock is off by \(error / 1000) s\(isTrusted ? "" : ", and is not believed")")
        case .storm(let peak, let minutes):
            field.station.plant.storm(peakMillimetresPerHour: peak, minutes: minutes)
            field.farm.plant.storm(peakMillimetresPerHour: peak, minutes: minutes)
        case .tracker(let name, let fault): _ = field.fleet.fail(String(name.dropFirst(Fleet.site.count + 1)), fault)
        }
    }

    /// Whoever finds no gateway to tell turns the selector instead.
    private mutating func lock(_ pump: Int, _ isLocked: Bool) {
        let subject = "\(PumpStation.site)/pump-\(pump + 1)"
        let isHeld = keepsake.locks.contains { $0.subject == subject }
        inspector.isLocked[pump] = isLocked
        guard isUp, life.stopping == nil else {
            if isLocked { field.station.plant.pumps[pump].selector = .off }
            // Taken away by whoever finds it at the next start: the file is the same.
            if !isLocked { keepsake.locks.removeAll { $0.subject == subject } }
            return
        }
        guard isLocked != isHeld else { return }
        note(isLocked ? "\(subject) is locked out" : "the lock of \(subject) is taken away")
        if isLocked {
            let lock = LockOut(subject: subject, person: "the fitter", phone: "1", reason: "work", since: moment.wall)
            if options.sabotage == .lockIsIgnored { return }
            let (_, actions) = life.arbiter.lock(lock, at: moment)
            // Stored before the person is answered.
            keepsake.locks = life.arbiter.lockOuts
            carryOut(actions)
        } else {
            let (_, actions) = life.arbiter.unlock(subject, of: "the fitter", by: "the fitter", as: .worker, reason: "", at: moment)
            keepsake.locks = life.arbiter.lockOuts
            carryOut(actions)
        }
    }

    private mutating func end(_ deed: Mischief.Deed) {
        switch deed {
        case .crash(let trap, let down):
            dawn = now.after(seconds: down)
            isColdStart = !field.station.plant.isPowered
            if trap == nil { return isColdStart ? crash("its machine has no power") : mischief.kill(soonAfter: now) }
            self.trap = trap
            trapCloses = now.after(seconds: 300)
            dawn = now.after(seconds: 300 + down)
        case .stop(let down):
            dawn = now.after(seconds: 10 + down)
            stop()
        default: break
        }
    }
}

extension VirtualCounty {
    /// Sets the gateway's wall clock wrong.
    package mutating func setClock(error: Duration, isTrusted: Bool) {
        clockError = error.wholeMilliseconds
        isClockTrusted = isTrusted
        inspector.clockStepped(at: now)
    }
}
