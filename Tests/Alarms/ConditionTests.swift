import Alarms
import Telemetry
import Testing

@Suite("what raises and clears an alarm")
struct ConditionTests {
    /// STYLE's own drawing, 6.
    @Test("an alarm waits out its on-delay, then holds through its deadband")
    func onDelayAndDeadband() throws {
        var watch = try Watch(["high": "point: east/well/level\nwhen: { high: 80, deadband: 2 }\non-delay: 3s"])
        #expect(watch.hears("70 81 81 - 81 79 77", on: "east/well/level", of: "high") == drawn("A A A A B B D"))
    }

    @Test(
        "limits",
        arguments: [
            ("high: 80", "79 80 81 80 79 78 77", "A A B B B D D"), ("high-high: 80", "80 80.5 78.1 78", "A B B D"),
            ("low: 20", "21 20 19 20 21 22 23", "A A B B B D D"), ("low-low: 20", "20 19 22", "A B D"),
        ])
    func limits(_ limit: String, _ row: String, _ states: String) throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { \(limit), deadband: 2 }"])
        #expect(watch.hears(row, on: "east/well/level", of: "a") == states)
    }

    @Test("a spike shorter than the on-delay and a dip shorter than the off-delay change nothing")
    func delays() throws {
        var watch = try Watch([
            "a": "point: east/well/level\nwhen: { high: 80, deadband: 0 }\non-delay: 3s\noff-delay: 2s"
        ])
        #expect(
            watch.hears("81 81 79 81 81 81 81 79 81 79 _ _", on: "east/well/level", of: "a")
                == drawn("A  A  A  A  A  A  B  B  B  B  B D"))
    }

    @Test("a delay ends at its own instant, not with the next reading")
    func delayWakes() throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { high: 80, deadband: 0 }\non-delay: 3s"])
        watch.hear("east/well/level", 81)
        #expect(watch.desk.nextWake == Watch.start.monotonic + .seconds(3))
        watch.wait(.seconds(9))
        #expect(watch.changes.map(\.time) == [Watch.start.wall.advanced(by: .seconds(3))])
    }

    @Test("a change within the span raises, and one spread over more does not")
    func change() throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { change: 5, within: 3s, deadband: 1 }"])
        #expect(
            watch.hears("10 12 14 16 18 24 24 24 24 15", on: "east/well/level", of: "a")
                == drawn("A A  A  B  B  B  B  B  D  B"))
    }

    @Test("two that should agree and do not raise, whichever moves")
    func deviation() throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { deviation: 3, from: twin, deadband: 1 }"])
        watch.hear("east/well/level", 10)
        #expect(watch.letter("a") == "A" && watch.summary("a")?.isBlind == true)
        watch.hear("east/well/twin", 14)
        #expect(watch.letter("a") == "B")
        watch.hear(["east/well/twin": .bad(.commFailure)])
        watch.hear("east/well/level", 14)
        #expect(watch.letter("a") == "B")
        watch.hear("east/well/twin", 13)
        #expect(watch.letter("a") == "D")
    }

    @Test("truth values and texts are compared as they are")
    func equals() throws {
        var watch = try Watch([
            "off": "point: east/pump-1/running\nwhen: { is: false }", "hand": "point: east/pump-1/mode\nwhen: { is: hand }",
        ])
        watch.hear(["east/pump-1/running": .good(.bool(true)), "east/pump-1/mode": .good(.string("auto"))])
        #expect(watch.letter("off") + watch.letter("hand") == "AA")
        watch.hear(["east/pump-1/running": .good(.bool(false)), "east/pump-1/mode": .good(.string("hand"))])
        #expect(watch.letter("off") + watch.letter("hand") == "BB")
    }

    @Test("a quality alarm tells of a bad reading, of silence, and of a point never heard at all")
    func quality() throws {
        for news in [Reading.bad(.commFailure), .uncertain(.double(3), .stale)] {
            var watch = try Watch(["a": "point: east/well/level\nwhen: { quality: bad }"])
            watch.hear("east/well/level", 3)
            watch.hear(["east/well/level": news])
            #expect(watch.letter("a") == "B")
            watch.hear("east/well/level", 3)
            #expect(watch.letter("a") == "D")
        }
        var silent = try Watch(["a": "point: east/well/level\nwhen: { quality: bad }"])
        silent.wait(.seconds(10))
        #expect(silent.letter("a") == "A")
        silent.wait(.nanoseconds(1))
        #expect(silent.letter("a") == "B")
        var doubtful = try Watch([
            "bad": "point: east/well/level\nwhen: { quality: bad }",
            "any": "point: east/well/level\nwhen: { quality: uncertain }",
        ])
        doubtful.hear(["east/well/level": .uncertain(.double(3), .outOfRange)])
        #expect(doubtful.letter("bad") + doubtful.letter("any") == "AB")
    }

    @Test("what is not a number is not known", arguments: [Double.nan, .infinity])
    func notFinite(_ number: Double) throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { high: 80, deadband: 0 }"])
        watch.hear("east/well/level", number)
        #expect(watch.letter("a") == "A" && watch.summary("a")?.isBlind == true)
    }

    @Test("a reading whose time alone is in doubt still raises: a gateway without a set clock must warn")
    func clockUntrusted() throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { high: 80, deadband: 0 }"])
        watch.hear(["east/well/level": .uncertain(.double(81), .clockUntrusted)])
        #expect(watch.letter("a") == "B")
    }
}
