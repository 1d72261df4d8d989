import Rules
import Telemetry
import Testing

@Suite("The rule engine")
struct RuleEngineTests {
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

    @Test("only the judges of a changed point are asked, and nobody of one that repeats itself")
    func economy() throws {
        var drawing = try Drawing(Self.zones)
        _ = drawing.hears(["weather/rain": "1", "zone-1/soil": "30", "zone-2/soil": "30", "zone-3/soil": "30"])
        let before = drawing.rehearsal.engine.judged
        _ = drawing.hears(["weather/rain": "1 1", "zone-1/soil": "30 30", "zone-2/soil": "30 30", "zone-3/soil": "30 30"])
        #expect(drawing.rehearsal.engine.judged == before)
        let now = Drawing.start.advanced(by: .milliseconds(3500))
        drawing.play("zone-2/soil", .good(.double(29)), at: now)
        #expect(drawing.rehearsal.engine.judged == before + 1)
        drawing.play("weather/rain", .good(.double(2)), at: now)
        #expect(drawing.rehearsal.engine.judged == before + 4)
    }

    @Test("rules that hear the same batch answer in the order in which they were declared")
    func order() throws {
        let rules = (1...3).map { "inputs: { rain: farm/weather/rain }\nwhen: rain > 8.0\nsay: rule \($0)\n" }
        var drawing = try Drawing(rules[0], rules[1], rules[2])
        _ = drawing.hears(["weather/rain": "9"])
        #expect(drawing.rehearsal.events.map(\.origin) == ["farm/rule-1", "farm/rule-2", "farm/rule-3"])
    }

    @Test("one sample from the future poisons nothing: the present is heard right after it")
    func future() throws {
        var drawing = try Drawing(
            "inputs: { soil: farm/zone-1/soil }\nwhen: soil < 20.0\nthen: [{ point: farm/zone-1/valve, value: true }]\n")
        #expect(drawing.hears(["zone-1/soil": "19 19"]) == drawn("O O"))
        let now = Drawing.start.advanced(by: .seconds(2))
        drawing.play("zone-1/soil", .good(.double(18)), at: now, time: now.wall.advanced(by: .seconds(86_400 * 365)))
        #expect(drawing.hears(["zone-1/soil": "19 30 30 19"]) == drawn("O . . O"))
        #expect(drawing.hears(["zone-1/soil": "_ _ _ _"]) == drawn("O O O ."))
    }

    @Test("a stopped engine wakes for nothing: no rules, no moment to wake")
    func idle() throws {
        #expect(RuleEngine(rules: []).nextWake == nil)
    }

    @Test("whatever is read, a valve is open only on good inputs and never too long; and twice is the same", arguments: 1...10)
    func invariants(seed: UInt64) throws {
        let first = try Story(seed: seed, rules: Self.zones)
        let second = try Story(seed: seed, rules: Self.zones)
        #expect(first.events == second.events && first.wants == second.wants)
        #expect(first.wants.contains { $0.value == .bool(true) })
        // Each event is an edge: a judge never says the same thing twice in a row.
        for zone in 1...3 {
            let mine = first.events.filter { $0.subject == "farm/zone-\(zone)" }
            for (a, b) in zip(mine, mine.dropFirst()) { #expect(a.text != b.text || a.time != b.time) }
        }
    }
}

/// Five minutes of random readings, silences and failures.
private struct Story {
    let events: [Event]
    let wants: [Want]

    init(seed: UInt64, rules: String) throws {
        var drawing = try Drawing(rules)
        var random = Shuffle(state: seed)
        var openSince: [Int: Int] = [:]
        var now = Drawing.start
        for step in 1...600 {
            now = now.advanced(by: .milliseconds(500))
            for name in ["zone-1/soil", "zone-2/soil", "zone-3/soil", "weather/rain"] {
                let isRain = name == "weather/rain"
                switch random.next() % 20 {
                case 0..<7: drawing.play(name, .good(.double(isRain ? 0 : Double(random.next() % 16))), at: now)
                case 7..<9: drawing.play(name, .good(.double(isRain ? 0 : Double(15 + random.next() % 20))), at: now)
                case 9 where random.next() % 4 == 0: drawing.play(name, .good(.double(30)), at: now)
                case 10 where random.next() % 4 == 0: drawing.play(name, .bad(.sensorFault), at: now)
                case 11 where random.next() % 4 == 0: drawing.play(name, .uncertain(.double(1), .substituted), at: now)
                default: break
                }
            }
            drawing.rehearsal.advance(to: now)
            for zone in 1...3 {
                guard drawing.valve(zone) == "O" else {
                    openSince[zone] = nil
                    continue
                }
                let since = openSince[zone] ?? step
                openSince[zone] = since
                #expect(step - since <= 14, "open for more than 7 s")
                for name in ["farm/zone-\(zone)/soil", "farm/weather/rain"] {
                    let point = try #require(Drawing.farm.id(of: name))
                    let state = drawing.rehearsal.table.state(of: point, at: now.monotonic)
                    #expect(state?.reading.isGood == true, "open on \(name)")
                }
            }
        }
        events = drawing.rehearsal.events
        wants = drawing.rehearsal.wants
    }
}

/// SplitMix64: small, and the same everywhere.
private struct Shuffle {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
