import Acquisition
import Control
import Gateway
import Modbus
import Rules
import Telemetry

/// What a live gateway does: what `Acquisition`, `Brain` and `Control` do in threads and tasks, in the same order.
extension VirtualCounty {
    mutating func live() {
        for index in life.wires.indices {
            while isUp, life.wires[index].nextLanding <= now { land(index) }
            guard isUp else { return }
            if let dialled = life.wires[index].dialled, dialled <= now { answerDial(index) }
            if life.wires[index].poller.nextWake <= moment.monotonic {
                take(life.wires[index].poller.due(at: moment), index)
                send(index)
            }
            guard isUp else { return }
        }
        let clock = moment.monotonic
        if let wake = life.engine.nextWake, wake <= clock, life.stopping == nil { judge([]) }
        if isUp, let wake = life.arbiterWake, wake <= clock { carryOut(life.arbiter.tick(at: moment)) }
        if isUp { keepMinds() }
        let isBusy = life.arbiter.isBusy || life.wires.contains { !$0.flights.isEmpty }
        guard isUp, let end = life.stopping, end <= now || !isBusy else { return }
        isUp = false
        tally.stops += 1
        note("the gateway has stopped")
        inspector.stopped(at: now, field)
        office.lostGateway()
    }

    // MARK: Wires

    mutating func send(_ index: Int) {
        while isUp, let outgoing = life.wires[index].poller.next() {
            tally.requests += 1
            guard let seat = life.wires[index].seats[Int(outgoing.unit.rawValue)] else { continue }
            let timeout = outgoing.timeout.wholeMilliseconds
            let echo =
                field.cut.contains(life.wires[index].name)
                ? VirtualField.Echo(answer: .failure(.timeout), after: timeout, touch: nil, isTrue: false)
                : field.ask(seat, outgoing.request, timeout: timeout, isLine: life.wires[index].isLine)
            if outgoing.request.isWrite { tally.writesSent += 1 }
            if let touch = echo.touch {
                tally.writes += 1
                note("write \(touch.point) = \(touch.value)")
                inspector.touched(touch, at: now, field)
            }
            let lands = now.after(milliseconds: echo.after)
            life.wires[index].flights.append(
                .init(outgoing: outgoing, answer: echo.answer, lands: lands, seat: seat.index, isTrue: echo.isTrue))
            life.wires[index].nextLanding = min(life.wires[index].nextLanding, lands)
            if outgoing.request.isWrite, trap == .afterWrite { crash("a write is out, and its answer finds nobody") }
        }
    }

    private mutating func land(_ index: Int) {
        guard let place = life.wires[index].flights.firstIndex(where: { $0.lands <= now }) else {
            life.wires[index].nextLanding = .never
            return
        }
        let flight = life.wires[index].flights.remove(at: place)
        var next = Instant.never
        for other in life.wires[index].flights.indices { next = min(next, life.wires[index].flights[other].lands) }
        life.wires[index].nextLanding = next
        let result: Result<Response, ModbusError>
        do throws(ModbusError) {
            result = .success(try PDU.response(try flight.answer.get(), to: flight.outgoing.request))
        } catch {
            result = .failure(error)
        }
        if case .success = result {
            inspector.landed(flight.seat, flight.outgoing.request, isTrue: flight.isTrue, at: now)
        } else {
            inspector.missed(flight.seat, at: now)
        }
        take(life.wires[index].poller.answered(flight.outgoing.ticket, result, at: moment), index)
        send(index)
    }

    /// A connection is made, or is not, a little after it was asked for.
    private mutating func answerDial(_ index: Int) {
        life.wires[index].dialled = nil
        if field.cut.contains(life.wires[index].name), !life.wires[index].isLine {
            take(life.wires[index].poller.disconnected("no route to host", at: moment), index)
        } else {
            take(life.wires[index].poller.connected(at: moment), index)
        }
        send(index)
    }

    /// A connection breaks; a line cannot: what is on it just falls silent.
    mutating func breakLink(_ name: String) {
        guard isUp, let index = life.wires.firstIndex(where: { $0.name == name && !$0.isLine }) else { return }
        for flight in life.wires[index].flights { inspector.missed(flight.seat, at: now) }
        life.wires[index].flights = []
        life.wires[index].nextLanding = .never
        life.wires[index].dialled = nil
        take(life.wires[index].poller.disconnected("connection reset by peer", at: moment), index)
    }

    private mutating func take(_ outputs: [LinkPoller.Output], _ index: Int) {
        for output in outputs where isUp {
            switch output {
            case .connect: life.wires[index].dialled = now.after(milliseconds: life.wires[index].isLine ? 1 : 30)
            case .batch(let batch): hear(batch)
            case .event(let event): record(event)
            case .link(let edge): note("link \(edge.name) is \(edge.isUp ? "up" : "down")")
            case .wrote(let id, let result):
                guard let write = life.writes.removeValue(forKey: id) else { continue }
                let outcome: WriteOutcome =
                    switch result {
                    case .echoed(let value): .echoed(value)
                    case .unverified: .unverified
                    case .refused(let why): .refused(why)
                    case .failed(let why): .failed(why)
                    }
                carryOut(life.arbiter.wrote(write.id, outcome, at: moment))
            }
        }
    }

    // MARK: The two rivers

    mutating func hear(_ arrived: Batch) {
        tally.batches += 1
        if options.sabotage == .batchesAreLost, tally.batches.isMultiple(of: 1000) { return }
        let batch = options.sabotage == .feedbackIsEcho ? withEchoes(arrived) : arrived
        tally.samples += batch.samples.count
        inspector.sampled(batch)
        life.table.apply(batch)
        guard life.stopping == nil else { return carryOut(life.arbiter.observe(batch)) }
        var changed: [PointID] = []
        var isWatched = false
        for sample in batch.samples {
            if life.isHeard[sample.point.index] { changed.append(sample.point) }
            if life.isWatched[sample.point.index] { isWatched = true }
        }
        if isWatched { carryOut(life.arbiter.observe(batch)) }
        if isUp, !changed.isEmpty { judge(changed) }
    }

    mutating func judge(_ changed: [PointID]) {
        let at = moment
        let judgement = life.engine.hear(changed: changed, view: view(at: at), at: at)
        publish(judgement.derived.map(\.sample), at: at)
        for event in judgement.events { record(event) }
        if !(judgement.events.isEmpty && judgement.wants.isEmpty), life.keepDue == nil {
            // As `Brain` does: the first decision at once, the next ones five seconds later.
            life.keepDue = max(now, life.kept.after(seconds: 5))
        }
        for want in judgement.wants where isUp { pass(want, at: at) }
    }

    private mutating func pass(_ want: Want, at now: Moment) {
        let name = plan.directory[want.point].name
        switch options.sabotage {
        case .pumpsNeverStop where want.value == .bool(false) && name.point == "run": return
        case .pumpsNeverStart where want.value == .bool(true) && name.point == "run": return
        case .valvesNeverShut where name.point == "valve":
            guard want.value == .bool(true) else { return }
            // Without its expiry, which would shut the valve once the rule is silent.
            let forever = Want(point: want.point, value: want.value, priority: want.priority, owner: want.owner, why: want.why)
            return carryOut(life.arbiter.want(forever, at: now))
        case .secondWriter:
            if let value = want.value { write(value, to: want.point, for: CommandID(number: .max)) }
        default: break
        }
        carryOut(life.arbiter.want(want, at: now))
    }

    private mutating func publish(_ derived: [Sample], at now: Moment) {
        guard !derived.isEmpty else { return }
        let byDevice = Dictionary(grouping: derived) { plan.directory[$0.point].device }
        for (device, samples) in byDevice.sorted(by: { $0.key < $1.key }) {
            let batch = Batch(device: device, received: now, samples: samples)
            life.table.apply(batch)
            // What is derived may be what a guard looks at.
            if samples.contains(where: { life.isWatched[$0.point.index] }) { carryOut(life.arbiter.observe(batch)) }
        }
    }

    private mutating func keepMinds() {
        guard let due = life.keepDue, due <= now else { return }
        life.keepDue = nil
        life.kept = now
        keepsake.rules.store(life.engine.snapshot(at: moment))
    }

    /// The shell of `Control`: keeps ids ahead of their writes, then tells, then writes.
    mutating func carryOut(_ actions: [Action]) {
        life.arbiterWake = life.arbiter.nextWake
        for command in life.arbiter.takeChangedCommands() { keepsake.keep(command) }
        if life.arbiter.guardChanges != life.guardsKept {
            life.guardsKept = life.arbiter.guardChanges
            keepsake.keep(life.arbiter.guardSnapshot(at: moment))
        }
        let replies = life.arbiter.takeReplies()
        for reply in replies { hear(reply) }
        for action in actions where isUp {
            switch action {
            case .record(let event): record(event)
            case .write(let id, let point, let value):
                if trap == .beforeWrite { return crash("between a decision and its write") }
                write(value, to: point, for: id)
            }
        }
    }

    private mutating func write(_ value: Value, to point: PointID, for id: CommandID) {
        guard let index = wireOfPoint[point.index] else { return }
        life.nextWrite += 1
        let write = WriteID(number: life.nextWrite)
        life.writes[write] = GatewayLife.Write(id: id, wire: index)
        take(life.wires[index].poller.write(value, to: point, id: write, at: moment), index)
        send(index)
    }
}
