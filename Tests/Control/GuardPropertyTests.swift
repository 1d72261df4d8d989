import Telemetry
import Testing

@testable import Control

@Suite("Guards, whatever happens")
struct GuardPropertyTests {
    @Test("keep their promises as seen from the machines, across restarts too", arguments: 0..<60 as Range<UInt64>)
    func promises(seed: UInt64) throws {
        var world = GuardWorld(seed)
        for _ in 0..<1500 { try world.step() }
        try world.calm()
    }
}

/// Three pumps, people and rules that pull at them, a field that fails, and a gateway that is started again now and then. What it
/// may do is judged from the writes, their times and what it was told; nothing is asked of it.
private struct GuardWorld {
    struct Pump {
        /// Whether it runs, and whether the gateway has been told so since it last ordered otherwise.
        var runs = false
        var isToldRunning = false
        var isSeen = false
        var lastStop: Duration?
        /// When a write was last to start it.
        var lastTry: Duration?
        /// Starts that a write brought about.
        var starts: [Duration] = []
        var lastAnswer: Duration?
        /// Whether a write's outcome is still unknown to the gateway.
        var isInDoubt = false
        var flying: (id: CommandID, value: Bool)?
    }

    static let (least, rest, perHour, stagger) = (Duration.seconds(60), Duration.seconds(90), 4, Duration.seconds(15))
    static let atMost = 2.0
    static let longest = Duration.seconds(2400)
    static let delay = Duration.seconds(3)

    static func plans() -> [ActuatorPlan] {
        GuardBench.pumps.enumerated().map { index, name in
            var guards = Guards()
            (guards.minimumOn, guards.minimumOff, guards.startsPerHour, guards.longestRun) = (least, rest, perHour, longest)
            guards.selector = GuardBench.check("auto", "selector") { $0 == 2 }
            guards.interlocks = [
                Interlock(GuardBench.check("dry", "level") { $0 < 1 }, for: delay),
                Interlock(GuardBench.check("fault", "fault") { $0 == 1 }, isLatched: true, whenBlind: .pass),
            ]
            guards.supply = Guards.Supply(feeder: "east", rank: index)
            return GuardBench.plan(name, guards)
        }
    }

    static func arbiter() -> Arbiter {
        Arbiter(
            actuators: plans(), feeders: [FeederPlan(name: "east", atMost: atMost, stagger: stagger)], directory: GuardBench.directory)
    }

    var random: SeededRandom
    var arbiter = GuardWorld.arbiter()
    var now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    /// From the monotonic clock of this run to that of the world.
    var offset = Duration.zero
    var pumps = [Pump](repeating: Pump(), count: 3)
    /// What was told of a point, and when; and since when there has been cause to trip.
    var told: [String: (value: Double?, at: Duration)] = [:]
    var dry: Duration?
    var isFaulty = [false, false, false]
    var tickets: UInt64 = 0

    init(_ seed: UInt64) { random = SeededRandom(seed: seed) }

    var time: Duration { now.monotonic - .zero + offset }

    mutating func chance(_ sides: Int) -> Bool { Int.random(in: 0..<sides, using: &random) == 0 }

    // MARK: Steps

    mutating func step() throws {
        switch Int.random(in: 0..<24, using: &random) {
        case 0...5: try want()
        case 6...9: try look()
        case 10...15: try answer(healthy: false)
        case 16...20: try pass(.milliseconds(Int64.random(in: 0...(chance(4) ? 900_000 : 20_000), using: &random)))
        case 21: try people()
        case 22: if chance(12) { try restart() }
        default: meddle()
        }
        try settled()
    }

    mutating func want() throws {
        let index = Int.random(in: 0..<3, using: &random)
        let owners: [(String, Priority)] = [
            ("rule-a", .automatic), ("rule-b", .automatic), ("the operator", .manual), ("flood", .lifeSafety), ("trip", .lifeSafety),
        ]
        guard let (owner, priority) = owners.randomElement(using: &random) else { return }
        let value: Bool? = [true, true, true, false, nil].randomElement(using: &random) ?? nil
        let span: Duration? = chance(2) ? .seconds(Int64.random(in: 1...600, using: &random)) : nil
        if chance(5) {
            tickets += 1
            let command = RemoteCommand(
                origin: "county", point: GuardBench.directory.points[index].name.description, order: .set(.bool(value ?? true)))
            return try take(arbiter.command(command, under: RemoteTerms(), ticket: tickets, at: now))
        }
        let want = Want(
            point: PointID(index: index), value: value.map { .bool($0) }, priority: priority, owner: owner,
            expires: span.map { now.monotonic + $0 }, why: "seeded")
        try take(arbiter.want(want, at: now))
    }

    mutating func look() throws {
        var samples: [Sample] = []
        for index in pumps.indices where !chance(4) {
            samples.append(Sample(point: PointID(index: index), time: now.wall, reading: .good(.bool(pumps[index].runs))))
            pumps[index].isSeen = true
            let isLate = pumps[index].lastAnswer.map { time < $0 + .seconds(2) } ?? false
            guard pumps[index].flying == nil, !isLate else { continue }
            pumps[index].isToldRunning = pumps[index].runs
            pumps[index].isInDoubt = false
        }
        for (name, worst) in [("selector", 1.0), ("level", 0.5), ("fault", 1.0)] where !chance(5) {
            let isBlind = chance(25)
            let value = chance(8) ? worst : name == "fault" ? 0 : 2
            told[name] = (isBlind ? nil : value, time)
            let good: Reading = .good(name == "fault" ? .bool(value == 1) : .double(value))
            samples.append(Sample(point: GuardBench.id(name), time: now.wall, reading: isBlind ? .bad(.commFailure) : good))
        }
        let isDry = told["level"].map { $0.value.map { $0 < 1 } ?? true } ?? true
        dry = isDry ? dry ?? time : nil
        if let fault = told["fault"], fault.at == time, fault.value == 1 { isFaulty = [true, true, true] }
        try take(arbiter.observe(Batch(device: DeviceID(index: 0), received: now, samples: samples)))
    }

    mutating func answer(healthy: Bool) throws {
        guard let index = pumps.indices.filter({ pumps[$0].flying != nil }).randomElement(using: &random),
            let (id, value) = pumps[index].flying
        else { return }
        pumps[index].flying = nil
        pumps[index].lastAnswer = time
        let luck = healthy ? 0 : Int.random(in: 0..<10, using: &random)
        if luck < 8 || luck == 9 && chance(2) { try obey(index, value) }
        if luck < 7 { (pumps[index].isToldRunning, pumps[index].isInDoubt) = (value, false) }
        let outcome: WriteOutcome =
            switch luck {
            case 0..<6: .echoed(.bool(value))
            case 6: .unverified
            case 8: .refused("busy (exception 06)")
            default: .failed("no answer")
            }
        try take(arbiter.wrote(id, outcome, at: now))
    }

    mutating func pass(_ span: Duration) throws {
        let end = now.monotonic + span
        while let wake = arbiter.nextWake, wake <= end {
            if wake > now.monotonic { now = now.advanced(by: wake - now.monotonic) }
            try take(arbiter.tick(at: now))
            try #require(arbiter.nextWake.map { $0 > now.monotonic } ?? true, "after a tick there is nothing left to do now")
            try settled()
        }
        now = now.advanced(by: end - now.monotonic)
    }

    mutating func people() throws {
        let index = Int.random(in: 0..<3, using: &random)
        let subject = "station/pump-\(index + 1)"
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            try ask { $0.lock(LockOut(subject: subject, person: "A", phone: "1", reason: "seal", since: $1.wall), at: $1) }
        case 1: try ask { $0.unlock(subject, of: "A", by: "A", as: .worker, reason: "", at: $1) }
        case 2:
            try reset(index)
        default:
            let answer = try ask { $0.stop(PointID(index: index), by: "the operator", for: .seconds(300), isConfirmed: true, at: $1) }
            guard case .done = answer else { return }
            let isStopped = !pumps[index].isToldRunning || pumps[index].flying != nil
            try #require(isStopped, "a person's stop is written at once")
        }
    }

    mutating func reset(_ index: Int) throws {
        let answered = arbiter.reset("fault", of: PointID(index: index), by: "A", at: now)
        if case .done = answered.answer { isFaulty[index] = false }
        try take(answered.actions)
    }

    @discardableResult
    mutating func ask(_ order: (inout Arbiter, Moment) -> Arbiter.Answered) throws -> PersonAnswer {
        let answered = order(&arbiter, now)
        try take(answered.actions)
        return answered.answer
    }

    /// Someone stops a pump at its cabinet; not while nobody knows what the last write did.
    mutating func meddle() {
        let index = Int.random(in: 0..<3, using: &random)
        guard pumps[index].runs, pumps[index].flying == nil, !pumps[index].isInDoubt, chance(3) else { return }
        pumps[index].runs = false
    }

    mutating func restart() throws {
        let (snapshot, locks) = (arbiter.guardSnapshot(at: now), arbiter.lockOuts)
        for index in pumps.indices {
            guard let (_, value) = pumps[index].flying else { continue }
            pumps[index].flying = nil
            if chance(2) { try obey(index, value) }
        }
        let gap = Duration.seconds(Int64.random(in: 1...(chance(3) ? 4000 : 60), using: &random))
        let begin = time + gap
        let isTrusted = !chance(3)
        now = Moment(
            monotonic: .zero + .seconds(7), wall: isTrusted ? now.wall.advanced(by: gap) : Timestamp(milliseconds: 0), isTrusted: isTrusted)
        offset = begin - .seconds(7)
        arbiter = GuardWorld.arbiter()
        told = [:]
        dry = time
        for index in pumps.indices { (pumps[index].isSeen, pumps[index].isToldRunning, pumps[index].lastAnswer) = (false, false, nil) }
        try take(arbiter.restore(locks, at: now))
        try take(arbiter.restore(snapshot, at: now))
    }

    // MARK: The promises

    mutating func obey(_ index: Int, _ value: Bool) throws {
        defer { pumps[index].runs = value }
        guard value != pumps[index].runs else { return }
        guard value else { return pumps[index].lastStop = time }
        if let stop = pumps[index].lastStop { try #require(time - stop >= Self.rest, "a pump rests before it starts") }
        let hour = pumps[index].starts.filter { time - $0 < .seconds(3600) }
        try #require(hour.count < Self.perHour, "never more starts in any hour")
        pumps[index].starts.append(time)
        try #require(Double(pumps.count(where: \.runs)) + 1 <= Self.atMost, "the feeder never carries more")
    }

    mutating func take(_ actions: [Action]) throws {
        _ = arbiter.takeReplies()
        for action in actions {
            guard case .write(let id, let point, let value) = action else { continue }
            let pump = pumps[point.index]
            try #require(pump.flying == nil && pump.isSeen)
            pumps[point.index].flying = (id, value == .bool(true))
            pumps[point.index].isInDoubt = true
            guard value == .bool(true) else {
                pumps[point.index].isToldRunning = false
                continue
            }
            let name = "station/pump-\(point.index + 1)"
            try #require(!arbiter.lockOuts.contains { $0.subject == name }, "nothing is started that is locked out")
            try #require(!isFaulty[point.index], "nor what a latched trip holds")
            if let dry { try #require(pump.isToldRunning && time < dry + Self.delay, "nor against an interlock") }
            guard !pump.isToldRunning else { continue }
            try #require(told["selector"].map { $0.value == 2 && time - $0.at <= .seconds(30) } ?? false, "nor unless it is permitted")
            let others = pumps.indices.filter { $0 != point.index }.compactMap { pumps[$0].lastTry }
            if let last = others.max() { try #require(time - last >= Self.stagger, "starts are never closer than the stagger") }
            pumps[point.index].lastTry = time
        }
    }

    /// What must be stopped has been ordered to, within the step.
    func settled() throws {
        for (index, pump) in pumps.enumerated() where pump.isSeen && pump.flying == nil && pump.isToldRunning {
            let name = "station/pump-\(index + 1)"
            try #require(!arbiter.lockOuts.contains { $0.subject == name }, "a lock-out stops a pump at once")
            try #require(!isFaulty[index], "and so does a trip")
            if let dry { try #require(time <= dry + max(Self.delay, .seconds(10)), "and one that waits, after its delay") }
        }
    }

    /// Once the field behaves and people are done, what is wanted starts.
    mutating func calm() throws {
        for index in pumps.indices {
            try ask { $0.unlock("station/pump-\(index + 1)", of: "A", by: "A", as: .worker, reason: "", at: $1) }
            for owner in ["rule-a", "rule-b", "the operator", "county", "flood", "trip"] {
                try take(arbiter.want(Want(point: PointID(index: index), value: nil, owner: owner, why: "calm"), at: now))
            }
        }
        for round in 0..<400 {
            while pumps.contains(where: { $0.flying != nil }) { try answer(healthy: true) }
            for (name, value) in [("selector", Value.double(2)), ("level", .double(2)), ("fault", .bool(false))] {
                told[name] = (value.number, time)
                let sample = Sample(point: GuardBench.id(name), time: now.wall, reading: .good(value))
                dry = name == "level" ? nil : dry
                try take(arbiter.observe(Batch(device: DeviceID(index: 0), received: now, samples: [sample])))
            }
            for index in pumps.indices {
                try reset(index)
                let isLate = pumps[index].lastAnswer.map { time < $0 + .seconds(2) } ?? false
                if pumps[index].flying == nil, !isLate { pumps[index].isToldRunning = pumps[index].runs }
                pumps[index].isSeen = true
                let sample = Sample(point: PointID(index: index), time: now.wall, reading: .good(.bool(pumps[index].runs)))
                try take(arbiter.observe(Batch(device: DeviceID(index: 0), received: now, samples: [sample])))
            }
            if round == 20 {
                for index in 0..<2 {
                    let want = Want(point: PointID(index: index), value: .bool(true), owner: "last", why: "calm")
                    try take(arbiter.want(want, at: now))
                }
            }
            if round > 20, pumps[0].runs, pumps[1].runs { return }
            try pass(.seconds(15))
        }
        Issue.record("\(arbiter.explain(PointID(index: 0), at: now)) \(arbiter.explain(PointID(index: 1), at: now))")
    }
}
