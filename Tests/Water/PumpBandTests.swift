import Documents
import FoundationEssentials
import Rules
import Telemetry
import Testing
import Water

@Suite("A pump band")
struct PumpBandTests {
    @Test("draining, a pump starts at the upper end, runs through the band, stops at the lower end, and the next one leads")
    func draining() throws {
        var station = try Station()
        #expect(
            station.hears("1.5 2.3 2.4 2.3 1.3 1.2 1.3 2.3 2.5 1.9 1.2 1.3 1.5 2.6 1.1")
                == drawn("  0   0   1   1   1   0   0   0   2   2   0   0   0   1   0"))
        #expect(
            Array(station.told.prefix(2)) == [
                "pump-1 starts: level 2.4 m (starts at 2.4 m, stops at 1.2 m)",
                "pump-1 stops: level 1.2 m (starts at 2.4 m, stops at 1.2 m)",
            ])
        #expect(station.told.count == 6)
    }

    @Test("filling is the mirror image")
    func filling() throws {
        var station = try Station("start-at: 1.0\nstop-at: 3.0\n")
        #expect(
            station.hears("2.0 1.1 1.0 1.5 2.9 3.0 2.9 1.2 0.9 3.1")
                == drawn("  0   0   1   1   1   0   0   0   2   0"))
    }

    @Test("the second pump joins at its own level, after the stagger, and both stop together")
    func lag() throws {
        var station = try Station("start-at: 2.4\nstop-at: 1.2\nlag-at: 3.2\nstagger: 3s\n")
        #expect(
            station.hears("2.5 3.3 3.4 3.4 3.4 3.0 2.0 1.2 2.4")
                == drawn("  1   1   1  12  12  12  12   0   2"))
        #expect(station.told[2] == "pump-1 and pump-2 stop: level 1.2 m (starts at 2.4 m, stops at 1.2 m)")
    }

    @Test("a pump that becomes unavailable hands over to the next, which leads no longer once it has stopped")
    func handOver() throws {
        var station = try Station("start-at: 2.4\nstop-at: 1.2\nstagger: 1s\n")
        #expect(
            station.hears("2.4 2.3 2.2 2.1 2.0 1.2 2.4 1.2 2.4", [1: "2 2 F F 2 2 2 2 1"])
                == drawn("  1   1   2   2   2   0   1   0   2"))
        #expect(station.told[1] == "pump-1 is no longer available (selector 2, fault true)")
        #expect(station.rehearsal.events[1].kind == .alarm)
    }

    @Test("a pump not on auto, or not heard of, is passed over")
    func skipping() throws {
        var station = try Station("start-at: 2.4\nstop-at: 1.2\nstagger: 1s\n", pumps: 3)
        #expect(
            station.hears("1.5 2.4 1.2 2.4 1.2 2.4", [1: "1 1 1 1 1 1", 2: "2 2 - - - -"])
                == drawn("  0   2   0   3   0   3"))
    }

    @Test("with no pump available it says so once, with the reasons, and starts the first that comes back")
    func none() throws {
        var station = try Station()
        #expect(
            station.hears("1.5 2.4 2.5 2.6 2.7 2.7", [1: "1 1 1 1 1 1", 2: "F F F F 2 2"])
                == drawn("  0   0   0   0   2   2"))
        let said = "no pump is available (pump-1: selector 1, fault false; pump-2: selector 2, fault true): level 2.4 m"
        #expect(station.told.filter { $0.hasPrefix(said) }.count == 1)
        #expect(station.told.count == 2)
    }

    @Test("a bad level releases every want with one event, and the band begins afresh when it is back")
    func badLevel() throws {
        var station = try Station()
        #expect(station.hears("2.4 2.3 - - - 2.3 2.4") == drawn("1 1 . . . 0 1"))
        #expect(
            Array(station.told[1...2]) == [
                "lets go of pump-1 and pump-2: xinzhuang-pump/well/level is bad (comm-failure)",
                "judges again: level 2.3 m (starts at 2.4 m, stops at 1.2 m)",
            ])
        #expect(station.told.count == 4)
        #expect(station.rehearsal.events[1].kind == .alarm)
        let released = station.rehearsal.wants.filter { $0.value == nil }
        #expect(released.count == 2 && released.allSatisfy { $0.owner == "water/drain" })
    }

    @Test("a silent level releases them at the moment it goes stale")
    func staleLevel() throws {
        var station = try Station()
        #expect(station.hears("2.4 _ _ _ _ _ _") == drawn("1 1 1 1 . . ."))
        #expect(station.told.count == 2)
        #expect(station.told[1] == "lets go of pump-1 and pump-2: xinzhuang-pump/well/level is uncertain (stale)")
    }

    @Test("a pump found running inside the band goes on and leads; below the band it is stopped")
    func adoption() throws {
        var inside = try Station(running: [2])
        #expect(inside.hears("1.8 1.3 1.2 2.4") == drawn("2 2 0 1"))
        #expect(inside.told.first == "pump-2 was found running and goes on: level 1.8 m (starts at 2.4 m, stops at 1.2 m)")
        var below = try Station(running: [2])
        #expect(below.hears("1.1 1.3 2.4") == drawn("0 0 1"))
    }

    @Test("a station that has not been heard of is not commanded")
    func unheard() throws {
        var station = try Station()
        #expect(station.hears("2.5 2.5 2.5 2.5", [1: "_ _ _ 2", 2: "_ _ _ 2"]) == drawn(". . . 1"))
        #expect(station.told == ["pump-1 starts: level 2.5 m (starts at 2.4 m, stops at 1.2 m)"])
    }

    @Test("a level trembling at either end of the band starts and stops nothing twice")
    func trembling() throws {
        var station = try Station()
        #expect(
            station.hears("2.39 2.41 2.39 2.41 2.38 1.3 1.21 1.19 1.21 1.19 1.22")
                == drawn("  0    1    1    1    1   1   1    0    0    0    0"))
    }
}

@Suite("Files of kind pump-band")
struct PumpBandKindTests {
    private static let good = [
        "rule: 1", "about: A test.", "kind: pump-band", "inputs: { level: xinzhuang-pump/well/level }", "start-at: 2.4",
        "stop-at: 1.2", "pumps: [{ run: xinzhuang-pump/pump-1/run }, { run: xinzhuang-pump/pump-2/run }]",
    ]

    @Test("the county's own drain rule is good")
    func county() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Rules/water/xinzhuang-drain.yaml")
        let mistakes = Mistakes()
        let rule = Station.read(try String(contentsOf: file, encoding: .utf8), into: mistakes)
        #expect(mistakes.sorted.isEmpty)
        #expect(rule?.judges.count == 1)
        #expect(rule?.trade == "water")
    }

    @Test("five mistakes in one file are all named, each at its place")
    func five() {
        let yaml = """
            rule: 1
            about: Five mistakes.
            kind: pump-band
            inputs: { level: xinzhuang-pump/well/levle }
            start-at: 2.4
            stop-at: 2.4
            lag-at: 2.2
            pumps:
              - run: xinzhuang-pump/pump-1/fault
              - run: xinzhuang-pump/pump-2/run
                inputs: { selector: xinzhuang-pump/pump-2/selector }
                available: selektor == 2
            """
        let mistakes = Mistakes()
        #expect(Station.read(yaml, into: mistakes) == nil)
        #expect(
            mistakes.sorted.map { $0.description.prefix { $0 != "\n" } } == [
                "Rules/water/drain.yaml:4:18: error: xinzhuang-pump/well has no point 'levle'; did you mean 'level'?",
                "Rules/water/drain.yaml:6:10: error: 'start-at' and 'stop-at' are both 2.4: a band has two ends",
                "Rules/water/drain.yaml:9:10: error: 'xinzhuang-pump/pump-1/fault' is not writable; writable there: run",
                "Rules/water/drain.yaml:12:16: error: 'selektor' is not an input; did you mean 'selector'?",
            ])
    }

    @Test(
        "each thing a pump band can get wrong has its sentence",
        arguments: [
            ("start-at: 7.5", "'xinzhuang-pump/well/level' goes from 0…6; 7.5 is outside"),
            (
                "inputs: { level: xinzhuang-pump/well/high-float }",
                "'xinzhuang-pump/well/high-float' is no level: it holds no number"
            ),
            ("inputs: {}", "'inputs' needs 'level'"),
            ("lag-at: 2.0", "'lag-at' 2 must be above 2.4"),
            ("lag-at: [3.0, 3.5]", "'lag-at' names 2 levels for the pumps after the first, and there are 1"),
            ("pumps: []", "'pumps' must be a list of pumps"),
            (
                "pumps: [{ run: xinzhuang-pump/pump-1/run }, { run: xinzhuang-pump/pump-1/run }]",
                "'xinzhuang-pump/pump-1/run' is wanted by this rule twice"
            ),
        ])
    func one(change: String, sentence: String) {
        let key = change.prefix { $0 != ":" }
        let lines = Self.good.filter { !$0.hasPrefix("\(key):") } + [change]
        let mistakes = Mistakes()
        let rule = Station.read(lines.joined(separator: "\n"), into: mistakes)
        RuleFiles.checkRivals([rule].compactMap { $0 }, context: RuleContext(directory: Station.directory), into: mistakes)
        #expect(mistakes.sorted.contains { $0.message.hasPrefix(sentence) }, "\(mistakes.sorted)")
    }
}
