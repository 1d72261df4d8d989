import FoundationEssentials
import Rules
import Telemetry
import Testing

@Suite("A restart")
struct RestartTests {
    private static let zones = """
        for-each: farm/zone-*
        inputs: { soil: soil, rain: farm/weather/rain }
        when: soil < 20.0 && rain == 0.0
        until: soil > 27.0 || rain > 0.0
        hold: 2s
        at-most: 7s
        rest: 5s
        then: [{ point: valve, value: true }]
        """
    private static let spent = """
        inputs: { soil: farm/zone-1/soil }
        when: soil < 20.0
        at-most: 3s
        say: dry
        """

    /// Five minutes of readings drawn by a seed; the engine is replaced at the steps told.
    private func story(seed: UInt64, restarts: Set<Int>) throws -> (valves: [[String]], events: [Event]) {
        var drawing = try Drawing(Self.zones, Self.spent)
        var random = SeededRandom(seed: seed)
        var valves: [[String]] = []
        var now = Drawing.start
        for step in 1...400 {
            now = now.advanced(by: .milliseconds(500))
            for name in ["zone-1/soil", "zone-2/soil", "zone-3/soil", "weather/rain"] {
                let isRain = name == "weather/rain"
                switch random.next() % 16 {
                case 0..<6: drawing.play(name, .good(.double(isRain ? 0 : Double(random.next() % 19))), at: now)
                case 6..<8: drawing.play(name, .good(.double(isRain ? 0 : Double(15 + random.next() % 20))), at: now)
                case 8 where random.next() % 4 == 0: drawing.play(name, .bad(.sensorFault), at: now)
                case 9 where random.next() % 8 == 0: drawing.play(name, .good(.double(30)), at: now)
                default: break
                }
            }
            drawing.rehearsal.advance(to: now)
            if restarts.contains(step) {
                // Through bytes, as it is stored.
                let bytes = try JSONEncoder().encode(drawing.rehearsal.engine.snapshot(at: now))
                drawing.rehearsal.restart(from: try JSONDecoder().decode(RuleSnapshot.self, from: bytes))
            }
            valves.append((1...3).map { drawing.valve($0) })
        }
        return (valves, drawing.rehearsal.events)
    }

    @Test("at any step has the same future as none", arguments: 1...20)
    func future(seed: UInt64) throws {
        var random = SeededRandom(seed: seed &+ 1000)
        let restarts = Set((0..<40).map { _ in Int.random(in: 1...400, using: &random) })
        let without = try story(seed: seed, restarts: [])
        let with = try story(seed: seed, restarts: restarts)
        #expect(without.valves.contains { $0.contains("O") })
        #expect(with.valves == without.valves)
        let apart = zip(with.events, without.events).first { $0 != $1 }
        #expect(with.events.count == without.events.count && apart == nil, "\(apart.map { "\($0)" } ?? "")")
    }

    @Test("without a snapshot is another future: what a rule remembers matters")
    func forgetful() throws {
        var drawing = try Drawing(Self.zones)
        _ = drawing.hears(["weather/rain": "0 0 0 0", "zone-1/soil": "19 19 19 19"])
        #expect(drawing.valve(1) == "O")
        drawing.rehearsal.restart(from: nil)
        #expect(drawing.rehearsal.engine.nextWake.map { $0 > drawing.rehearsal.now.monotonic } == true)
        #expect(drawing.told.count == 1)
        _ = drawing.hears(["weather/rain": "0 0", "zone-1/soil": "19 19"])
        #expect(drawing.told.count == 2, "a rule that begins anew waits out its hold and says it again")
    }

    /// A rule, its snapshot taken five seconds into a watering of at most seven, and a new engine that takes it up later.
    private func takenUp(after span: Duration, isTrusted: Bool = true, change: Bool = false) throws -> (engine: RuleEngine, told: [Event]) {
        var drawing = try Drawing(Self.zones)
        _ = drawing.hears(["weather/rain": "0 0 0 0 0 0 0", "zone-1/soil": "19 19 19 19 19 19 19"])
        try #require(drawing.valve(1) == "O")
        let snapshot = drawing.rehearsal.engine.snapshot(at: drawing.rehearsal.now)
        let other = change ? try Drawing(Self.zones + "\nsay: dry\n") : try Drawing(Self.zones)
        var engine = RuleEngine(rules: other.rehearsal.engine.rules)
        // The machine was restarted as well: its monotonic clock begins anew.
        let now = Moment(
            monotonic: Monotonic(nanoseconds: 3_000_000), wall: drawing.rehearsal.now.wall.advanced(by: span), isTrusted: isTrusted)
        let told = engine.restore(snapshot, at: now)
        return (engine, told)
    }

    private func wants(of engine: RuleEngine, secondsLater: Int, soil: Double = 19) -> [Value?] {
        var engine = engine
        let monotonic = Monotonic(nanoseconds: 3_000_000) + .seconds(secondsLater)
        let now = Moment(monotonic: monotonic, wall: Drawing.start.wall.advanced(by: .seconds(100)))
        let view = View { point in
            let isRain = Drawing.farm[point].name.point == "rain"
            return View.State(reading: .good(.double(isRain ? 0 : soil)), time: now.wall, age: .zero)
        }
        return engine.hear(changed: Drawing.farm.points.indices.map { PointID(index: $0) }, view: view, at: now).wants.map(\.value)
    }

    @Test("counts the time that passed: a watering of seven seconds ends seven seconds after it began")
    func passed() throws {
        let soon = try takenUp(after: .seconds(1))
        #expect(soon.told == [])
        #expect(wants(of: soon.engine, secondsLater: 0) == [.bool(true)], "the want is told again, for Control has forgotten it")
        #expect(wants(of: soon.engine, secondsLater: 2) == [], "its seven seconds are over")
        #expect(wants(of: try takenUp(after: .seconds(3600)).engine, secondsLater: 0) == [])
        // A clock that is not believed, or runs backwards, lets no time pass.
        #expect(wants(of: try takenUp(after: .seconds(3600), isTrusted: false).engine, secondsLater: 1) == [.bool(true)])
        #expect(wants(of: try takenUp(after: .seconds(-3600)).engine, secondsLater: 1) == [.bool(true)])
    }

    @Test("waits for first readings before it lets go of what was wanted, but not for ever")
    func firstReadings() throws {
        var engine = try takenUp(after: .seconds(0)).engine
        let blind = View { _ in nil }
        let start = Moment(monotonic: Monotonic(nanoseconds: 3_000_000), wall: Drawing.start.wall)
        #expect(engine.tick(view: blind, at: start).events == [])
        #expect(wants(of: engine, secondsLater: 1) == [.bool(true)])
        let later = engine.tick(view: blind, at: start.advanced(by: .seconds(11)))
        #expect(later.events.map(\.text).contains("lets go of farm/zone-1/valve true: farm/zone-1/soil was never read"))
    }

    @Test("of a rule whose file has changed begins anew, and says so")
    func changed() throws {
        let (engine, told) = try takenUp(after: .seconds(1), change: true)
        #expect(told.map(\.text) == ["the rule has changed, and begins anew"] && told.map(\.subject) == ["farm/rule-1"])
        #expect(wants(of: engine, secondsLater: 0) == [], "it waits out its hold")
    }

    @Test("from a snapshot of another version begins anew, and says so once")
    func version() throws {
        let drawing = try Drawing(Self.zones)
        var engine = RuleEngine(rules: drawing.rehearsal.engine.rules)
        let bytes = Data(#"{"version":2,"taken":0,"rules":{}}"#.utf8)
        let told = engine.restore(try JSONDecoder().decode(RuleSnapshot.self, from: bytes), at: Drawing.start)
        #expect(told.map(\.text) == ["what the rules knew before is of version 2, not 1: all begin anew"])
    }
}
