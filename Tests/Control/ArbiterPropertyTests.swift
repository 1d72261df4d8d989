import Telemetry
import Testing

@testable import Control

@Suite("The arbiter, whatever happens")
struct ArbiterPropertyTests {
    @Test("keeps its promises through random wants, readings, outcomes and times", arguments: 0..<60 as Range<UInt64>)
    func promises(seed: UInt64) throws {
        var world = World(seed)
        for _ in 0..<400 { try world.step() }
        try world.calm()
    }
}

/// A field that lies, loses and meddles, and a model of who should be heard, kept apart from the code it judges.
private struct World {
    struct Standing {
        let owner: String
        let priority: Priority
        let value: Value
        let expires: Monotonic?
        let arrival: Int
    }

    static let owners: [(String, Priority)] = [
        ("rule-a", .automatic), ("rule-b", .automatic), ("the operator", .manual), ("the fitter", .manual), ("flood", .lifeSafety),
        ("dry-run", .lifeSafety),
    ]

    var random: Seeded
    var arbiter = Arbiter(actuators: Bench.plans, directory: Bench.directory)
    var now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    var actual: [PointID: Value] = [
        Bench.id("run"): .bool(false), Bench.id("speed"): .double(0), Bench.id("valve"): .bool(false),
        Bench.id("running"): .bool(false),
    ]
    var standing: [PointID: [Standing]] = [:]
    var arrivals = 0
    var seen: Set<PointID> = []
    var flying: [PointID: (id: CommandID, value: Value)] = [:]
    var used: Set<CommandID> = []
    /// While it is still wanted and did not fail.
    var lastWrite: [PointID: (value: Value, at: Monotonic)] = [:]
    var lastEvent = Timestamp(milliseconds: 0)
    var refusals = 0
    var writes = 0

    init(_ seed: UInt64) { random = Seeded(seed) }

    // MARK: The model

    /// Sorted from nothing each time: by level, then a safe want of life safety, then the first to come.
    mutating func wanted(_ point: PointID) -> Value? {
        let safe = Bench.plans.first { $0.point == point }?.safe
        let unexpired = (standing[point] ?? []).filter { $0.expires.map { $0 > now.monotonic } ?? true }
        standing[point] = unexpired
        let best = unexpired.min { a, b in
            func rank(_ one: Standing) -> (Int, Int, Int) {
                (one.priority.rawValue, one.priority == .lifeSafety && one.value == safe ? 0 : 1, one.arrival)
            }
            return rank(a) < rank(b)
        }
        return best?.value ?? safe
    }

    mutating func hear(_ want: Want) {
        _ = wanted(want.point)
        var list = standing[want.point] ?? []
        let former = list.first { $0.owner == want.owner }
        list.removeAll { $0.owner == want.owner }
        if let value = want.value {
            arrivals += 1
            if want.priority == .manual { list.removeAll { $0.priority == .manual } }
            let arrival = former?.priority == want.priority ? former?.arrival ?? arrivals : arrivals
            list.append(
                Standing(owner: want.owner, priority: want.priority, value: value, expires: want.expires, arrival: arrival))
        }
        standing[want.point] = list
    }

    static func isAcceptable(_ value: Value, _ point: PointID) -> Bool {
        switch (Bench.names[point.index], value) {
        case ("run", .bool), ("valve", .bool): true
        case ("speed", .double(let number)): number >= 0 && number <= 45
        default: false
        }
    }

    // MARK: Steps

    mutating func step() throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: try want()
        case 3...5: try observe(goodOnly: false)
        case 6...7: try answer(healthy: false)
        case 8: try tick(.milliseconds(Int64.random(in: 0...20_000, using: &random)))
        default: meddle()
        }
        for (point, last) in lastWrite where wanted(point) != last.value { lastWrite[point] = nil }
        try balance()
    }

    mutating func want() throws {
        guard let name = ["run", "speed", "valve", "running", "level"].randomElement(using: &random),
            let (owner, usual) = Self.owners.randomElement(using: &random)
        else { return }
        let priority =
            Int.random(in: 0..<6, using: &random) == 0 ? Priority.allCases.randomElement(using: &random) ?? usual : usual
        let number = [-1, 0, 10, 20.04, 45, 45.01, 50, .nan, .infinity].randomElement(using: &random) ?? 0
        let values: [Value?] = [
            nil, nil, .bool(true), .bool(true), .bool(false), .bool(false), .double(number), .double(number), .int(1),
        ]
        let spans: [Duration?] = [nil, nil, .seconds(30), .seconds(5), .zero, .seconds(-9)]
        let want = Want(
            point: Bench.id(name), value: values.randomElement(using: &random) ?? nil, priority: priority, owner: owner,
            expires: (spans.randomElement(using: &random) ?? nil).map { now.monotonic + $0 }, why: "seeded")
        let isActuator = Bench.plans.contains { $0.point == want.point }
        let isLate = want.value != nil && want.expires.map { $0 <= now.monotonic } ?? false
        let isRefused = !isActuator || isLate || want.value.map { !Self.isAcceptable($0, want.point) } ?? false
        if isRefused { refusals += 1 } else { hear(want) }
        let actions = arbiter.want(want, at: now)
        let refused = events(actions).filter { $0.text.hasPrefix("refused") && $0.origin == owner }
        try #require(refused.count == (isRefused ? 1 : 0), "every refusal has one event")
        try take(actions)
        guard !isRefused else { return }
        try #require(arbiter.want(want, at: now).isEmpty, "a repeated want writes nothing and says nothing")
    }

    mutating func observe(goodOnly: Bool) throws {
        var samples: [Sample] = []
        for point in actual.keys.sorted() where goodOnly || Bool.random(using: &random) {
            guard let value = actual[point] else { continue }
            let isGood = goodOnly || Int.random(in: 0..<5, using: &random) > 0
            let reading: Reading =
                isGood ? .good(value) : Bool.random(using: &random) ? .bad(.commFailure) : .uncertain(value, .stale)
            if isGood { seen.insert(point) }
            samples.append(Sample(point: point, time: now.wall, reading: reading))
        }
        // Another thread stamped it, a little before what has been heard since.
        let late = goodOnly ? .zero : Duration.milliseconds([0, 0, 5, 900].randomElement(using: &random) ?? 0)
        let received = now.advanced(by: .zero - late)
        try take(arbiter.observe(Batch(device: DeviceID(index: 0), received: received, samples: samples)))
    }

    mutating func answer(healthy: Bool) throws {
        guard let point = flying.keys.sorted().randomElement(using: &random), let (id, value) = flying.removeValue(forKey: point)
        else { return }
        let outcome: WriteOutcome
        switch healthy ? 0 : Int.random(in: 0..<8, using: &random) {
        case 0...3:
            actual[point] = value
            outcome = .echoed(value)
        case 4:
            actual[point] = value
            outcome = .unverified
        case 5:
            lastWrite[point] = nil
            outcome = .refused("illegal data address (exception 02)")
        case 6:
            lastWrite[point] = nil
            if Bool.random(using: &random) { actual[point] = value }
            outcome = .failed("no answer")
        default: outcome = .echoed(actual[point] ?? value)
        }
        try take(arbiter.wrote(id, outcome, at: now))
        try #require(arbiter.wrote(id, outcome, at: now).isEmpty, "an outcome counts once")
    }

    mutating func tick(_ span: Duration) throws {
        now = now.advanced(by: span)
        try take(arbiter.tick(at: now))
        try #require(arbiter.nextWake.map { $0 > now.monotonic } ?? true, "after a tick there is nothing left to do now")
    }

    /// The machine follows its coil, or trips; someone turns a switch in the field.
    mutating func meddle() {
        if Bool.random(using: &random) { actual[Bench.id("running")] = actual[Bench.id("run")] }
        guard Int.random(in: 0..<3, using: &random) == 0 else { return }
        actual[Bench.id("valve")] = .bool(Bool.random(using: &random))
        actual[Bench.id("run")] = .bool(Bool.random(using: &random))
    }

    // MARK: The promises

    func events(_ actions: [Action]) -> [Event] {
        actions.compactMap { if case .record(let event) = $0 { event } else { nil } }
    }

    mutating func take(_ actions: [Action]) throws {
        for event in events(actions) {
            try #require(event.time >= lastEvent, "nothing is said to have happened before what came before it")
            lastEvent = event.time
        }
        for (index, action) in actions.enumerated() {
            guard case .write(let id, let point, let value) = action else { continue }
            writes += 1
            try #require(used.insert(id).inserted, "no command runs twice")
            try #require(flying[point] == nil, "never two commands in flight for one point")
            try #require(seen.contains(point), "no write before a first good reading")
            try #require(Self.isAcceptable(value, point), "no write out of range or of the wrong type")
            try #require(value == wanted(point), "the most urgent want that has not expired is what is written")
            if let last = lastWrite[point], last.value == value {
                try #require(now.monotonic - last.at >= .seconds(10), "what was written is written again at most every 10 s")
            }
            let said = events(Array(actions[index...])).first
            try #require(said?.text.hasPrefix("writes ") == true && said?.subject == "station/pump/\(Bench.names[point.index])")
            flying[point] = (id, value)
            lastWrite[point] = (value, now.monotonic)
        }
    }

    func balance() throws {
        let counters = arbiter.counters
        try #require(counters.wants == counters.accepted + counters.repeated + counters.released + counters.refused)
        try #require(counters.refused == refusals)
        try #require(counters.sent == writes)
        try #require(counters.sent == counters.echoed + counters.unverified + counters.rejected + counters.failed + flying.count)
        try #require(arbiter.writesInFlight == flying.count)
        try #require(counters.decided == counters.confirmed + counters.diverged + counters.superseded + arbiter.openCommands)
    }

    /// Once the field behaves, everything comes to what is wanted, and then nothing is written any more.
    mutating func calm() throws {
        for _ in 0..<200 {
            while !flying.isEmpty { try answer(healthy: true) }
            actual[Bench.id("running")] = actual[Bench.id("run")]
            try tick(.seconds(1))
            while !flying.isEmpty { try answer(healthy: true) }
            try observe(goodOnly: true)
            try balance()
        }
        let before = writes
        for plan in Bench.plans {
            guard let wanted = wanted(plan.point) else { continue }
            try #require(
                actual[plan.point] == wanted, "\(Bench.names[plan.point.index]): \(arbiter.explain(plan.point, at: now))")
            try #require(arbiter.explain(plan.point, at: now).contains("The command is confirmed."))
        }
        for _ in 0..<100 {
            try tick(.seconds(1))
            try observe(goodOnly: true)
        }
        #expect(writes == before)
    }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
