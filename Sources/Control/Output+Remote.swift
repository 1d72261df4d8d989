import Telemetry

/// A remote command that has been accepted; its slot may outlive it.
struct RemoteOrder: Sendable {
    let ticket: UInt64
    let id: String
    let origin: String
    let value: Value
    /// Nothing is begun for it from then on.
    let deadline: Monotonic
    /// How long its slot stands; nil lets go as soon as the command is over.
    let hold: Duration?
    /// A stop against life safety, confirmed.
    var isOverride = false
    var stage = RemoteStage.accepted

    var name: String { "command '\(id)'" }
}

/// Remote commands: how far the latest has come is read off the point's own state after each thing that happens to it.
extension Output {
    /// Why a remote command cannot be heard, whatever it reads; the value as the point takes it if it can.
    func judge(_ value: Value, from origin: String, isConfirmed: Bool, at now: Moment) -> Result<Value, RemoteRefusal> {
        guard let fitted = value.fitted(to: point.type) else {
            return .failure(RemoteRefusal("the point takes \(point.type.rawValue), and \(Self.bare(value)) is none"))
        }
        if let refusal = Self.refusal(of: fitted, plan, point) ?? plan.objection(to: fitted) {
            return .failure(RemoteRefusal(refusal))
        }
        if let why = refusalOfStart(to: fitted, by: origin, at: now) { return .failure(RemoteRefusal(why)) }
        if let holder = overridden(by: fitted, of: origin) {
            return isConfirmed ? .success(fitted) : .failure(RemoteRefusal(Self.toBeConfirmed(holder)))
        }
        if let winner = slots.winner, winner.priority == .lifeSafety, winner.value != fitted {
            return .failure(RemoteRefusal("\(winner.who) holds it at \(words(winner.value)): \(winner.why)"))
        }
        return .success(fitted)
    }

    /// - Precondition: `judge` has found nothing against it, at the same time.
    mutating func hear(_ order: RemoteOrder, at now: Moment, _ ledger: inout Ledger) {
        end(.superseded, "\(order.name) took its place", at: now, &ledger)
        self.order = order
        ledger.answer(order, .accepted, point: name, value: order.value, at: now)
        let before = ledger.actions.count
        let expires = order.hold.map { now.monotonic + $0 }
        if order.isOverride {
            override(by: order.origin, until: expires, why: order.name, at: now, &ledger)
        } else {
            want(
                Want(point: plan.point, value: order.value, priority: .manual, owner: order.origin, expires: expires, why: order.name),
                at: now, &ledger)
        }
        if ledger.actions.count == before {
            let text = "\(order.origin) wants \(words(order.value)) as before: \(order.name); \(standing(of: order.origin))"
            ledger.record(name, by: order.origin, at: now, text)
        }
    }

    /// Lets go of what an origin holds. Returns what that was.
    mutating func release(_ origin: String, by name: String, at now: Moment, _ ledger: inout Ledger) -> Value? {
        let held = slots.slots.first { $0.owner == origin }
        if order?.origin == origin { end(.superseded, "\(name) lets go of the point", at: now, &ledger) }
        ledger.counters.wants += 1
        want(Want(point: plan.point, value: nil, priority: .manual, owner: origin, why: name), at: now, &ledger)
        return held?.value
    }

    /// To be asked before anything else happens at this time: what was not begun in time is no longer begun.
    mutating func expireOrder(at now: Moment, _ ledger: inout Ledger) {
        guard let order, order.deadline <= now.monotonic, isPending(order) else { return }
        if case .retrying(let command, _, let cause) = state, command.value == order.value, order.stage == .sent {
            giveUp(.failed, "it could not be written in time: \(cause)", at: now, &ledger)
        } else {
            giveUp(.expired, "its time was over before it could be begun; \(standing(of: order.origin))", at: now, &ledger)
        }
    }

    /// To be asked after anything has happened: tells how far the command has come.
    mutating func attend(at now: Moment, _ ledger: inout Ledger) {
        guard let order, !order.stage.isFinal else { return }
        guard slots.slots.contains(where: { $0.owner == order.origin }) else {
            let taker = slots.slots.first { $0.priority == .manual }
            if let taker { return end(.superseded, "\(taker.who) took its place", at: now, &ledger) }
            let stage = order.stage == .accepted ? RemoteStage.expired : .failed
            return end(stage, "the time it was to stand for is over", at: now, &ledger)
        }
        guard let winner = slots.winner, winner.value == order.value else {
            guard order.stage != .accepted, let winner = slots.winner else { return }
            return end(.superseded, "\(winner.who) is heard first and wants \(words(winner.value))", at: now, &ledger)
        }
        if isWork(order.value), let force { return end(.superseded, "\(force.by): \(force.why)", at: now, &ledger) }
        // What waits for its guards finds the point at its safe value, and that is not what was commanded.
        guard state.command?.value == order.value else { return }
        switch state {
        case .unknown, .idle: break
        case .sent, .retrying, .unread: move(to: .sent, at: now, &ledger)
        case .echoed: move(to: .echoed, at: now, &ledger)
        case .confirmed: end(.confirmed, nil, at: now, &ledger)
        case .diverged: end(.diverged, trouble, at: now, &ledger)
        }
    }

    /// The device will not take it: another attempt would fare no better.
    mutating func refused(_ command: Command, _ cause: String, at now: Moment, _ ledger: inout Ledger) -> Bool {
        guard let order, !order.stage.isFinal, command.value == order.value, slots.winner?.owner == order.origin else { return false }
        state = .retrying(command, until: now.monotonic, cause: cause)
        giveUp(.failed, "the device refused: \(cause)", at: now, &ledger)
        return true
    }

    /// The gateway is leaving: nobody here can answer for what was commanded from afar.
    mutating func releaseOrder(at now: Moment, _ ledger: inout Ledger) {
        guard let order else { return }
        end(.failed, "the gateway stops", at: now, &ledger)
        guard let slot = slots.slots.first(where: { $0.owner == order.origin }) else { return }
        _ = slots.hear(Want(point: plan.point, value: nil, owner: order.origin, why: "the gateway stops"))
        ledger.record(name, by: order.origin, at: now, "the gateway stops: \(slot.who) lets go of \(words(slot.value))")
    }

    /// When `expireOrder` has something to do.
    var orderWake: Monotonic? { order.flatMap { isPending($0) ? $0.deadline : nil } }

    /// A command that is written once is written even if the point seems to read so: nobody will look again.
    var owesWrite: Bool {
        guard let order, order.hold == nil, order.stage == .accepted else { return false }
        return slots.winner?.owner == order.origin
    }

    /// Whether nothing is on the wire for it, nor has been taken by the device.
    private func isPending(_ order: RemoteOrder) -> Bool {
        if order.stage.isFinal { return false }
        guard let winner = slots.winner, winner.value == order.value else { return true }
        guard state.command?.value == order.value else { return true }
        return switch state {
        case .unknown, .idle, .retrying: true
        case .sent, .unread, .echoed, .confirmed, .diverged: false
        }
    }

    private mutating func giveUp(_ stage: RemoteStage, _ reason: String, at now: Moment, _ ledger: inout Ledger) {
        guard let order else { return }
        ledger.record(name, by: order.origin, at: now, "gives \(order.name) (\(words(order.value))) up: \(reason)")
        end(stage, reason, at: now, &ledger)
        _ = slots.hear(Want(point: plan.point, value: nil, owner: order.origin, why: reason))
        settle(at: now, &ledger)
    }

    private mutating func move(to stage: RemoteStage, at now: Moment, _ ledger: inout Ledger) {
        guard let order, order.stage == .accepted || order.stage == .sent, order.stage != stage else { return }
        self.order?.stage = stage
        ledger.answer(order, stage, point: name, value: stage == .echoed ? present?.value : order.value, at: now)
    }

    /// The last that is said of it. Where it was to be written once, its slot goes with it.
    mutating func end(_ stage: RemoteStage, _ reason: String?, at now: Moment, _ ledger: inout Ledger) {
        guard let order, !order.stage.isFinal else { return }
        self.order?.stage = stage
        let isRead = stage == .confirmed || stage == .diverged
        ledger.answer(order, stage, reason, point: name, value: isRead ? present?.value : order.value, at: now)
        guard order.hold == nil else { return }
        _ = slots.hear(Want(point: plan.point, value: nil, owner: order.origin, why: "over"))
        if isRead { settle(at: now, &ledger) }
    }
}

/// Why a remote command was not heard.
struct RemoteRefusal: Error, Hashable {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
