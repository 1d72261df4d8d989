import Rules
import Telemetry
import Testing

@Suite("A pump band after a restart")
struct RestartTests {
    /// Ten minutes of a well with failing pumps; the engine is replaced at the seconds told.
    private func story(seed: UInt64, restarts: Set<Int>) throws -> (shown: [String], events: [Event]) {
        var station = try Station("start-at: 2.4\nstop-at: 1.2\nlag-at: [2.7, 3.0]\n", pumps: 3)
        var random = SeededRandom(seed: seed)
        var level = 2.0
        var trouble: (pump: Int, cell: String, until: Int) = (1, "2", 0)
        var shown: [String] = []
        var blindAt = 0
        for second in 1...600 {
            if second > trouble.until, random.next() % 20 == 0 {
                trouble = (1 + Int(random.next() % 3), ["0", "1", "F", "-"][Int(random.next() % 4)], second + Int(random.next() % 30))
            }
            let isBlind = random.next() % 100 == 0
            let cell = second <= trouble.until ? trouble.cell : "2"
            shown.append(station.hears(isBlind ? "-" : "\(level)", [trouble.pump: cell]))
            if isBlind { blindAt = second }
            // A pump let go of in the dark still runs for a moment. A new engine would find it running, and let it go on.
            if restarts.contains(second), second > blindAt + 1 {
                station.rehearsal.restart(from: station.rehearsal.engine.snapshot(at: station.rehearsal.now))
            }
            let running = shown[shown.count - 1].count { "123".contains($0) }
            level = max(1.0, level + 0.03 + Double(random.next() % 90) / 1000 - 0.05 * Double(running))
        }
        return (shown, station.rehearsal.events)
    }

    @Test("goes on as if there had been none: whose turn it is, who runs, who may start when", arguments: 1...20)
    func future(seed: UInt64) throws {
        var random = SeededRandom(seed: seed &+ 1000)
        let restarts = Set((0..<30).map { _ in Int.random(in: 1...600, using: &random) })
        let without = try story(seed: seed, restarts: [])
        let with = try story(seed: seed, restarts: restarts)
        #expect(without.shown.contains { $0.count == 2 })
        let apart = zip(with.events, without.events).first { $0 != $1 }
        #expect(with.shown == without.shown)
        #expect(with.events.count == without.events.count && apart == nil, "\(apart.map { "\($0)" } ?? "")")
    }

    @Test("starts pumps that stopped meanwhile one after another, the one that led first")
    func burst() throws {
        var before = try Station("start-at: 2.4\nstop-at: 1.2\nlag-at: 2.7\n")
        #expect(before.hears("3 3 3 3 3 3 3 2 2") == drawn("1 1 1 1 1 12 12 12 12"))
        let snapshot = before.rehearsal.engine.snapshot(at: before.rehearsal.now)
        // The gateway stopped and left the pumps off; a minute later it is back, and reads them.
        var after = try Station("start-at: 2.4\nstop-at: 1.2\nlag-at: 2.7\n")
        _ = after.hears("_", [1: "_", 2: "_"])
        var engine = RuleEngine(rules: after.rehearsal.engine.rules)
        let now = Station.start.advanced(by: .seconds(60))
        #expect(engine.restore(snapshot, at: now) == [])
        let shown = (0..<8).map { second in
            let moment = now.advanced(by: .seconds(second))
            let view = View { point in
                let value: Value =
                    switch Station.directory[point].name.point {
                    case "level": .double(2)
                    case "selector": .int(2)
                    default: .bool(false)
                    }
                return View.State(reading: .good(value), time: moment.wall, age: .zero)
            }
            let points = Station.directory.points.indices.map { PointID(index: $0) }
            let wants = engine.hear(changed: points, view: view, at: moment).wants.filter { $0.value == .bool(true) }
            return wants.map { Station.directory[$0.point].name.device }.joined(separator: "+")
        }
        #expect(shown == ["pump-1", "", "", "", "", "pump-2", "", ""])
    }

    @Test("from a snapshot that says what cannot be is a beginning like any other")
    func damaged() throws {
        var station = try Station()
        var memory = Memory()
        memory[count: "lead"] = 7
        memory[count: "demand"] = -3
        memory[list: "running"] = [0, 0, 9, -1]
        let entry = RuleSnapshot.Entry(
            fingerprint: try #require(station.rehearsal.engine.rules.first?.fingerprint), judges: ["water/drain": memory])
        let snapshot = RuleSnapshot(version: 1, taken: Station.start.wall, rules: ["water/drain": entry])
        station.rehearsal.restart(from: snapshot)
        #expect(station.hears("1 2 3") == drawn("0 0 2"))
    }
}
