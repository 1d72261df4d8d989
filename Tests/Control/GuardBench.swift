import Telemetry

@testable import Control

/// Three pumps on a bench with guards. The field obeys at once, unless it is told to be silent or to lie.
struct GuardBench {
    static let pumps = ["one", "two", "three"]
    static let names = pumps + ["selector", "fault", "level"]
    static let directory = Directory(
        points: names.enumerated().map { index, name in
            let isPump = index < pumps.count
            guard let full = PointName(site: "station", device: isPump ? "pump-\(index + 1)" : "well", point: isPump ? "run" : name) else {
                preconditionFailure("a bad name")
            }
            return Point(
                name: full, device: DeviceID(index: isPump ? index : pumps.count), type: isPump || name == "fault" ? .bool : .double,
                maximumAge: .seconds(isPump ? 86_400 : 30), isWritable: isPump)
        }, devices: [("station", "pump-1"), ("station", "pump-2"), ("station", "pump-3"), ("station", "well")])

    static func id(_ name: String) -> PointID {
        guard let index = names.firstIndex(of: name) else { preconditionFailure("no point \(name)") }
        return PointID(index: index)
    }

    static func plan(_ name: String, _ guards: Guards) -> ActuatorPlan {
        var plan = ActuatorPlan(point: id(name), safe: .bool(false))
        plan.guards = guards
        return plan
    }

    /// Holds while the point reads one of some numbers.
    static func check(_ says: String, _ name: String, _ holds: @escaping @Sendable (Double) -> Bool) -> Check {
        Check(points: [id(name)], says: says) { look in
            guard let reading = look(id(name)) else { return .unseen("\(name) was never read") }
            guard case .good(let value) = reading, let number = value.number else {
                return .unseen("\(name) is \(reading.cause?.rawValue ?? "no number")")
            }
            return holds(number) ? .holds : .fails("\(name) is \(number)")
        }
    }

    private let plans: [ActuatorPlan]
    private let feeders: [FeederPlan]
    var arbiter: Arbiter
    private(set) var now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    private(set) var open: [PointID: (id: CommandID, value: Value)] = [:]
    /// `one on@12.0`
    private(set) var writes: [String] = []
    private(set) var events: [Event] = []
    private(set) var replies: [RemoteReply] = []
    var isSilent = false
    private var ticket: UInt64 = 0

    /// Plans for the first pumps, in order.
    init(_ guards: [Guards], feeders: [FeederPlan] = []) {
        plans = zip(Self.pumps, guards).map { Self.plan($0, $1) }
        self.feeders = feeders
        arbiter = Arbiter(actuators: plans, feeders: feeders, directory: Self.directory)
    }

    init(_ guards: Guards) { self.init([guards]) }

    /// Everything read once, safe and quiet; rests that nobody knows of are over.
    static func ready(_ guards: [Guards], feeders: [FeederPlan] = []) -> GuardBench {
        var bench = GuardBench(guards, feeders: feeders)
        for pump in pumps.prefix(guards.count) { bench.sees(pump, .bool(false)) }
        bench.after(600)
        bench.forget()
        return bench
    }

    static func ready(_ guards: Guards) -> GuardBench { ready([guards]) }

    var seconds: Double { (now.monotonic - .zero).seconds }
    var alarms: [String] { events.filter { $0.kind == .alarm }.map(\.text) }
    var texts: [String] { events.map(\.text) }
    var lastAnswer: String { replies.last.map(RemoteBench.words) ?? "" }

    /// Begins the count of seconds, writes and events anew.
    private var zero = 0.0
    mutating func forget() {
        (writes, events, zero) = ([], [], seconds)
    }

    mutating func want(
        _ name: String, _ value: Bool?, _ priority: Priority = .automatic, by owner: String = "rule", for span: Duration? = nil
    ) {
        let want = Want(
            point: Self.id(name), value: value.map { .bool($0) }, priority: priority, owner: owner,
            expires: span.map { now.monotonic + $0 }, why: "because")
        perform(arbiter.want(want, at: now))
    }

    mutating func command(_ id: String, _ name: String, _ value: Bool, isConfirmed: Bool = false) {
        ticket += 1
        let command = RemoteCommand(
            id: id, origin: "county", point: Self.directory[Self.id(name)].name.description, order: .set(.bool(value)),
            isConfirmed: isConfirmed)
        perform(arbiter.command(command, under: RemoteTerms(), ticket: ticket, at: now))
    }

    mutating func sees(_ name: String, _ value: Value) { sees(name, .good(value)) }

    mutating func sees(_ name: String, _ reading: Reading) {
        let sample = Sample(point: Self.id(name), time: now.wall, reading: reading)
        perform(arbiter.observe(Batch(device: DeviceID(index: 0), received: now, samples: [sample])))
    }

    mutating func asks(_ order: (inout Arbiter, Moment) -> Arbiter.Answered) -> PersonAnswer {
        let answered = order(&arbiter, now)
        perform(answered.actions)
        return answered.answer
    }

    mutating func locks(_ subject: String, by person: String = "the fitter") -> PersonAnswer {
        let lock = LockOut(subject: subject, person: person, phone: "555-0100", reason: "a new seal", since: now.wall)
        return asks { $0.lock(lock, at: $1) }
    }

    mutating func answers(_ name: String, _ outcome: WriteOutcome) {
        guard let write = open.removeValue(forKey: Self.id(name)) else { preconditionFailure("no write of \(name) is out") }
        perform(arbiter.wrote(write.id, outcome, at: now))
    }

    mutating func after(_ seconds: Double) {
        let end = now.monotonic + .milliseconds(Int64((seconds * 1000).rounded()))
        while let wake = arbiter.nextWake, wake <= end {
            if wake > now.monotonic { now = now.advanced(by: wake - now.monotonic) }
            perform(arbiter.tick(at: now))
            precondition(arbiter.nextWake.map { $0 > now.monotonic } ?? true, "the arbiter wants to be woken now, again")
        }
        now = now.advanced(by: end - now.monotonic)
    }

    /// The gateway is started again after some time; what guards and people left is handed on.
    mutating func restart(after gap: Duration, clock: Duration? = nil, isTrusted: Bool = true) {
        let (snapshot, locks) = (arbiter.guardSnapshot(at: now), arbiter.lockOuts)
        now = Moment(
            monotonic: .zero + .seconds(5), wall: now.wall.advanced(by: clock ?? gap), isTrusted: isTrusted)
        zero = seconds
        open = [:]
        arbiter = Arbiter(actuators: plans, feeders: feeders, directory: Self.directory)
        perform(arbiter.restore(locks, at: now))
        perform(arbiter.restore(snapshot, at: now))
    }

    mutating func perform(_ actions: [Action]) {
        replies += arbiter.takeReplies()
        for action in actions {
            switch action {
            case .record(let event): events.append(event)
            case .write(let id, let point, let value):
                precondition(open[point] == nil, "two writes in flight")
                let second = ((seconds - zero) * 1000).rounded() / 1000
                writes.append("\(Self.names[point.index]) \(value == .bool(true) ? "on" : "off")@\(second)")
                open[point] = (id, value)
            }
        }
        guard !isSilent, let (point, write) = open.first else { return }
        open[point] = nil
        perform(arbiter.wrote(write.id, .echoed(write.value), at: now))
        perform([])
    }
}
