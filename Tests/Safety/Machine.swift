import Control
import Telemetry

/// Two pumps with a well, a selector and a gate, behind the gateway's own arbiter; the field obeys, unless it is told not to.
struct Machines {
    static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    private static let described: [(name: String, device: Int, type: ValueType, isWritable: Bool)] = [
        ("pump-1/run", 0, .bool, true), ("pump-2/run", 1, .bool, true), ("pump-1/running", 0, .bool, false),
        ("well/level", 2, .double, false),
        ("gate/opening", 3, .double, false),
    ]
    static let directory = Directory(
        points: described.map { described in
            guard let name = PointName("town/\(described.name)") else { preconditionFailure("a bad name") }
            return Point(
                name: name, device: DeviceID(index: described.device), type: described.type,
                unit: described.name == "well/level" ? "m" : "",
                maximumAge: .seconds(5), isWritable: described.isWritable)
        }, devices: ["pump-1", "pump-2", "well", "gate"].map { ("town", $0) })

    static func id(_ name: String) -> PointID {
        guard let id = directory.id(of: "town/\(name)") else { preconditionFailure("no point \(name)") }
        return id
    }

    static let one = id("pump-1/run")
    static let two = id("pump-2/run")

    private let plans: [ActuatorPlan]
    private let feeders: [FeederPlan]
    var arbiter: Arbiter
    private(set) var now = start
    /// What each coil is, as the device has it.
    var coils: [PointID: Bool] = [one: false, two: false]
    /// Whether the first pump's contactor follows its coil.
    var isContactorStuck = false
    var level = 2.0
    var opening = 1.0
    /// `pump-1 on@12`, by second.
    private(set) var writes: [String] = []
    private(set) var events: [Event] = []
    private(set) var answers: [RemoteAnswer] = []

    init(_ guards: Guards = Guards(), feeders: [FeederPlan] = [], hasFeedback: Bool = false) {
        self.feeders = feeders
        plans = [Self.one, Self.two].map { point in
            var plan = ActuatorPlan(
                point: point, safe: .bool(false), feedback: hasFeedback && point == Self.one ? Self.id("pump-1/running") : nil)
            plan.guards = guards
            return plan
        }
        arbiter = Arbiter(actuators: plans, feeders: feeders, directory: Self.directory)
    }

    /// Both pumps off, and every rest that nobody knows of over.
    static func ready(_ guards: Guards = Guards(), feeders: [FeederPlan] = [], hasFeedback: Bool = false) -> Machines {
        var machines = Machines(guards, feeders: feeders, hasFeedback: hasFeedback)
        machines.run(900)
        machines.writes = []
        machines.events = []
        return machines
    }

    var seconds: Int { Int((now.monotonic - .zero).seconds) }
    var alarms: [String] { events.filter { $0.kind == .alarm }.map(\.text) }

    /// A second at a time: everything is read, and whatever is due is done.
    mutating func run(_ seconds: Int, _ each: (inout Machines) -> Void = { _ in }) {
        for _ in 0..<seconds {
            now = now.advanced(by: .seconds(1))
            each(&self)
            perform(arbiter.tick(at: now))
            read()
        }
    }

    /// The gateway dies and comes back: what is stored is all it knows. The machines go on as they were.
    mutating func restart(away seconds: Int = 30, isForgetful: Bool = false) {
        let (guards, locks, commands) = (arbiter.guardSnapshot(at: now), arbiter.lockOuts, arbiter.remembered)
        arbiter = Arbiter(actuators: plans, feeders: feeders, directory: Self.directory)
        now = now.advanced(by: .seconds(seconds))
        perform(arbiter.restore(locks, at: now))
        guard !isForgetful else { return }
        perform(arbiter.restore(guards, at: now))
        arbiter.restore(commands, at: now)
    }

    mutating func want(_ value: Bool?, of point: PointID = one, _ priority: Priority = .automatic, by owner: String = "water/drain")
    {
        perform(
            arbiter.want(Want(point: point, value: value.map(Value.bool), priority: priority, owner: owner, why: "a test"), at: now)
        )
    }

    /// - Returns: the last that was said of it at once.
    @discardableResult
    mutating func command(_ command: RemoteCommand) -> RemoteAnswer? {
        let before = answers.count
        perform(arbiter.command(command, under: RemoteTerms(), ticket: 1, at: now))
        return answers.count > before ? answers.last : nil
    }

    /// The clock on the wall, from here on.
    mutating func setClock(by span: Duration, isTrusted: Bool = true) {
        now = Moment(monotonic: now.monotonic, wall: now.wall.advanced(by: span), isTrusted: isTrusted)
    }

    mutating func perform(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .record(let event): events.append(event)
            case .write(let id, let point, let value):
                let isOn = value == .bool(true)
                coils[point] = isOn
                writes.append("\(Self.directory[point].name.device) \(isOn ? "on" : "off")@\(seconds)")
                perform(arbiter.wrote(id, .echoed(value), at: now))
            }
        }
        answers += arbiter.takeReplies().map(\.answer)
    }

    private mutating func read() {
        let follows = coils[Self.one] == true && !isContactorStuck
        let values: [(String, Value)] = [
            ("pump-1/run", .bool(coils[Self.one] == true)), ("pump-2/run", .bool(coils[Self.two] == true)),
            ("pump-1/running", .bool(follows)),
            ("well/level", .double(level)), ("gate/opening", .double(opening)),
        ]
        let samples = values.map { Sample(point: Self.id($0), time: now.wall, reading: .good($1)) }
        perform(arbiter.observe(Batch(device: DeviceID(index: 0), received: now, samples: samples)))
    }
}

extension Check {
    /// Holds while a point reads more than a number.
    static func above(_ limit: Double, _ name: String, _ says: String) -> Check {
        let point = Machines.id(name)
        return Check(points: [point], says: says) { look in
            guard case .good(let value)? = look(point), let number = value.number else { return .unseen("\(name) cannot be seen") }
            return number > limit ? .holds : .fails("\(name) is \(number)")
        }
    }

    static func below(_ limit: Double, _ name: String, _ says: String) -> Check {
        let point = Machines.id(name)
        return Check(points: [point], says: says) { look in
            guard case .good(let value)? = look(point), let number = value.number else { return .unseen("\(name) cannot be seen") }
            return number < limit ? .holds : .fails("\(name) is \(number)")
        }
    }
}
