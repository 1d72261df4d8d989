import Telemetry

@testable import Control

/// An arbiter on a bench: time and the field are drawn by hand, and what it did is read off in words.
struct Bench {
    static let names = ["run", "running", "speed", "valve", "level"]
    /// The scale of `speed`'s register.
    static let directory = Directory(
        points: [
            point("run", .bool, isWritable: true), point("running", .bool),
            point("speed", .double, range: 0...50, isWritable: true), point("valve", .bool, isWritable: true),
            point("level", .double),
        ], devices: [("station", "pump")])
    static let plans = [
        ActuatorPlan(point: id("run"), safe: .bool(false), feedback: id("running"), within: .seconds(10)),
        ActuatorPlan(point: id("speed"), range: 0...45, resolution: 0.1),
        ActuatorPlan(point: id("valve"), safe: .bool(false)),
    ]

    private static func point(
        _ name: String, _ type: ValueType, range: ClosedRange<Double>? = nil, isWritable: Bool = false
    ) -> Point {
        guard let full = PointName(site: "station", device: "pump", point: name) else { preconditionFailure("a bad name") }
        return Point(
            name: full, device: DeviceID(index: 0), type: type, unit: name == "speed" ? "Hz" : "", range: range,
            maximumAge: .seconds(30), isWritable: isWritable)
    }

    static func id(_ name: String) -> PointID {
        guard let index = names.firstIndex(of: name) else { preconditionFailure("no point \(name)") }
        return PointID(index: index)
    }

    private(set) var arbiter = Arbiter(actuators: plans, directory: directory)
    private(set) var now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    private(set) var open: [PointID: CommandID] = [:]
    /// `run=true@12.0`: every write with its second.
    private(set) var writes: [String] = []
    private(set) var events: [Event] = []

    var seconds: Double { (now.monotonic - .zero).seconds }
    var alarms: [String] { events.filter { $0.kind == .alarm }.map(\.text) }

    mutating func want(
        _ name: String, _ value: Value?, _ priority: Priority = .automatic, by owner: String = "rule", for span: Duration? = nil,
        why: String = "because"
    ) {
        let want = Want(
            point: Self.id(name), value: value, priority: priority, owner: owner, expires: span.map { now.monotonic + $0 },
            why: why)
        perform(arbiter.want(want, at: now))
    }

    mutating func sees(_ readings: (String, Reading)...) {
        let samples = readings.map { Sample(point: Self.id($0.0), time: now.wall, reading: $0.1) }
        perform(arbiter.observe(Batch(device: DeviceID(index: 0), received: now, samples: samples)))
    }

    mutating func sees(_ name: String, _ value: Value) { sees((name, .good(value))) }

    /// The outcome of the write that is out.
    mutating func answers(_ name: String, _ outcome: WriteOutcome) {
        guard let command = open.removeValue(forKey: Self.id(name)) else { preconditionFailure("no write of \(name) is out") }
        perform(arbiter.wrote(command, outcome, at: now))
    }

    /// Lets time pass, waking the arbiter when it asks to be.
    mutating func after(_ seconds: Double) {
        let end = now.monotonic + .milliseconds(Int64(seconds * 1000))
        while let wake = arbiter.nextWake, wake <= end {
            if wake > now.monotonic { now = now.advanced(by: wake - now.monotonic) }
            perform(arbiter.tick(at: now))
            precondition(arbiter.nextWake.map { $0 > now.monotonic } ?? true, "the arbiter wants to be woken now, again")
        }
        now = now.advanced(by: end - now.monotonic)
    }

    /// Time that passes without anyone looking.
    mutating func unwatched(_ span: Duration) { now = now.advanced(by: span) }

    mutating func stop() { perform(arbiter.stop(at: now)) }

    func explain(_ name: String) -> String { arbiter.explain(Self.id(name), at: now) }

    private mutating func perform(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .record(let event): events.append(event)
            case .write(let command, let point, let value):
                precondition(open[point] == nil, "two writes in flight")
                open[point] = command
                writes.append("\(Self.names[point.index])=\(Self.words(value))@\(seconds)")
            }
        }
    }

    private static func words(_ value: Value) -> String {
        switch value {
        case .bool(let value): "\(value)"
        case .double(let value): "\(value)"
        default: "\(value)"
        }
    }
}
