import Telemetry

@testable import Control

/// A bench for commands from outside: what was written and what the senders were told, read off in words.
struct RemoteBench {
    static let origin = "county broker east"
    /// `speed` in steps of a half, from 5 up.
    static let plans = Bench.plans.map { plan in
        var plan = plan
        if plan.point == Bench.id("speed") { (plan.minimum, plan.step) = (5, 0.5) }
        return plan
    }

    var arbiter = Arbiter(actuators: plans, directory: Bench.directory)
    private(set) var now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    private(set) var open: [PointID: CommandID] = [:]
    private(set) var writes: [String] = []
    private(set) var events: [Event] = []
    private(set) var replies: [RemoteReply] = []
    /// When the latest write left.
    private(set) var lastWrite = Monotonic.zero
    private var ticket: UInt64 = 0

    /// `a accepted`, `a refused: too many commands`
    var answers: [String] { replies.map(Self.words) }
    var last: String { answers.last ?? "" }

    static func words(_ reply: RemoteReply) -> String {
        "\(reply.answer.id) \(reply.answer.stage.rawValue)" + (reply.answer.reason.map { ": \($0)" } ?? "")
    }

    /// Everything read once, and quiet.
    static func ready() -> RemoteBench {
        var bench = RemoteBench()
        bench.sees(("run", .bool(false)), ("running", .bool(false)), ("speed", .double(10)), ("valve", .bool(false)))
        bench.after(15)
        return bench
    }

    mutating func command(
        _ id: String?, _ name: String, _ value: Value?, from origin: String = origin, issued: Duration? = nil, expires: Duration? = nil,
        for hold: Duration? = nil, isKept: Bool = false, under terms: RemoteTerms = RemoteTerms()
    ) {
        command(
            RemoteCommand(
                id: id, origin: origin, point: "station/pump/\(name)", order: value.map { .set($0) } ?? .release,
                issued: issued.map { now.wall.advanced(by: $0) }, expires: expires.map { now.wall.advanced(by: $0) }, hold: hold,
                isKept: isKept), under: terms)
    }

    mutating func command(_ command: RemoteCommand, under terms: RemoteTerms = RemoteTerms()) {
        ticket += 1
        perform(arbiter.command(command, under: terms, ticket: ticket, at: now))
    }

    mutating func want(_ name: String, _ value: Value?, _ priority: Priority = .automatic, by owner: String = "rule") {
        perform(arbiter.want(Want(point: Bench.id(name), value: value, priority: priority, owner: owner, why: "because"), at: now))
    }

    mutating func sees(_ values: (String, Value)...) {
        let samples = values.map { Sample(point: Bench.id($0.0), time: now.wall, reading: .good($0.1)) }
        perform(arbiter.observe(Batch(device: DeviceID(index: 0), received: now, samples: samples)))
    }

    mutating func answers(_ name: String, _ outcome: WriteOutcome) {
        guard let id = open.removeValue(forKey: Bench.id(name)) else { preconditionFailure("no write of \(name) is out") }
        perform(arbiter.wrote(id, outcome, at: now))
    }

    mutating func after(_ seconds: Double) {
        let end = now.monotonic + .milliseconds(Int64(seconds * 1000))
        while let wake = arbiter.nextWake, wake <= end {
            if wake > now.monotonic { now = now.advanced(by: wake - now.monotonic) }
            perform(arbiter.tick(at: now))
            precondition(arbiter.nextWake.map { $0 > now.monotonic } ?? true, "the arbiter wants to be woken now, again")
        }
        now = now.advanced(by: end - now.monotonic)
    }

    mutating func distrustClock() { now = Moment(monotonic: now.monotonic, wall: now.wall, isTrusted: false) }

    mutating func stop() { perform(arbiter.stop(at: now)) }

    private mutating func perform(_ actions: [Action]) {
        replies += arbiter.takeReplies()
        for action in actions {
            switch action {
            case .record(let event): events.append(event)
            case .write(let command, let point, let value):
                precondition(open[point] == nil, "two writes in flight")
                open[point] = command
                lastWrite = now.monotonic
                writes.append("\(Bench.names[point.index])=\(Output.bare(value))")
            }
        }
    }
}
