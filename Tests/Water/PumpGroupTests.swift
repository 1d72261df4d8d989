import Rules
import Telemetry
import Testing

@Suite("A group of pumps")
struct PumpGroupTests {
    private static let band = "start-at: 2\nstop-at: 1\nstagger: 1s\n"

    @Test(
        "takes turns as its file says, each stop a turn",
        arguments: [("alternate", "1 0 2 0 3 0 1"), ("fixed", "1 0 1 0 1 0 1"), ("first-on-first-off", "1 0 2 0 3 0 1")])
    func turns(scheme: String, expected: String) throws {
        var group = try PumpGroup(Self.band + "alternate: \(scheme)", pumps: ["", "", ""])
        #expect(group.hears("2 1 2 1 2 1 2") == expected)
    }

    @Test("by hours starts whoever ran least, by starts whoever was started least")
    func use() throws {
        var hours = try PumpGroup(Self.band + "alternate: hours", pumps: (1...3).map { "hours: group/pump-\($0)/hours" })
        hours.hours = [10, 9, 12]
        #expect(hours.hears("2 1 2 1") == "2 0 2 0")
        hours.hours = [10, 11, 9]
        #expect(hours.hears("2 2 1") == "3 3 0")
        var starts = try PumpGroup(Self.band + "alternate: starts", pumps: (1...3).map { "starts: group/pump-\($0)/starts" })
        starts.starts = [4, 5, 3]
        #expect(starts.hears("2 1 2 1 2 1 2") == "3 0 1 0 3 0 1", "of two with as few starts, whose turn it is")
    }

    @Test("takes turns and says so once, where the hours were never read")
    func unseen() throws {
        var group = try PumpGroup(Self.band + "alternate: hours", pumps: (1...2).map { "hours: group/pump-\($0)/hours" })
        group.showsUse = false
        group.hours = [10, 0]
        #expect(group.hears("2 1 2 1 2 1") == "1 0 2 0 1 0")
        let said = "the hours of pump-1 and pump-2 are not known: the pumps take turns instead"
        #expect(group.told.filter { $0.contains("hours") } == [said])
        group.showsUse = true
        #expect(group.hears("2 1 2 1") == "2 0 2 0")
    }

    @Test("passes over what is faulted or locked, and puts the standby pump in its place")
    func skipping() throws {
        var group = try PumpGroup(Self.band + "lag-at: 2.5", pumps: ["", "role: standby", ""])
        #expect(
            group.hears("2 2.5 2.5 2 1 2 2.5 2.5 1 2", [1: "1 1 0 0 0 0 0 0 0 1"])
                == "1 13 23 23 0 3 23 23 0 1")
    }

    @Test("runs the flood's pumps when its level is reached, and their state survives a restart")
    func flood() throws {
        var group = try PumpGroup(Self.band + "flood-at: 3", pumps: ["", "role: flood", "role: flood"])
        #expect(group.hears("2 2.5 3 3 2.5") == "1 1 12 123 123")
        group.rehearsal.restart(from: group.rehearsal.engine.snapshot(at: group.rehearsal.now))
        #expect(group.hears("2 1.1 1 2") == "123 123 0 1")
    }

    /// What a group does and says in ten minutes of wild levels, with its gateway restarted at the seconds told.
    private func story(seed: UInt64, scheme: String, restarts: Set<Int>) throws -> (shown: [String], told: [String]) {
        let terms = """
            start-at: 2
            stop-at: 1
            lag-at: 2.5
            flood-at: 3
            alternate: \(scheme)
            profiles:
              - { name: peak, during: { hours: [[08:03, 08:06]] }, start-at: 2.4, stop-at: 1.4 }
              - { name: low, inputs: { on: group/well/forecast }, when: on, start-at: 1.6, stop-at: 0.8, lag-at: 2.2 }
            """
        let isByUse = scheme == "hours" || scheme == "starts"
        let use = (1...2).map { isByUse ? "\(scheme): group/pump-\($0)/\(scheme)" : "" }
        var group = try PumpGroup(terms, pumps: use + ["role: standby", "role: flood"])
        var random = SeededRandom(seed: seed)
        var level = 1.5
        var shown: [String] = []
        for second in 1...600 {
            level = min(max(level + Double.random(in: -0.15...0.16, using: &random), 0.5), 3.2)
            if random.next() % 25 == 0 { group.isOK[Int(random.next() % 4)].toggle() }
            if random.next() % 80 == 0 { group.forecast = .good(.bool(random.next() % 2 == 0)) }
            if random.next() % 50 == 0 { group.showsUse.toggle() }
            group.step(level: level)
            shown.append(group.runs.map { $0 ? "1" : "0" }.joined())
            if restarts.contains(second) {
                group.rehearsal.restart(from: group.rehearsal.engine.snapshot(at: group.rehearsal.now))
            }
        }
        return (shown, group.told)
    }

    @Test(
        "goes on after a restart as if there had been none, under every scheme and profile", arguments: 0..<3 as Range<UInt64>,
        ["alternate", "fixed", "hours", "starts", "first-on-first-off"])
    func restarts(seed: UInt64, scheme: String) throws {
        var random = SeededRandom(seed: seed &+ 77)
        let restarts = Set((0..<20).map { _ in Int.random(in: 1...600, using: &random) })
        let without = try story(seed: seed, scheme: scheme, restarts: [])
        let with = try story(seed: seed, scheme: scheme, restarts: restarts)
        #expect(Set(without.shown).count > 4)
        #expect(with.shown == without.shown)
        let apart = zip(with.told, without.told).first { $0 != $1 }
        #expect(with.told.count == without.told.count && apart == nil, "\(apart.map { "\($0)" } ?? "")")
    }

    @Test("tariff shift, pre-lowering by a person's word: goes by the last profile that is open, and says when that changes")
    func profiles() throws {
        // It is 8:00 when the group begins; the two profiles overlap from 8:01.
        let terms = """
            start-at: 2
            stop-at: 1
            profiles:
              - { name: peak, during: { hours: [[08:01, 08:03]] }, start-at: 2.6, stop-at: 1.8 }
              - { name: pre-lowered, inputs: { on: group/well/forecast }, when: on, start-at: 1.4, stop-at: 0.6 }
            """
        var group = try PumpGroup(terms, pumps: [""])
        func draw(_ level: Double, until second: Int) -> String {
            while group.second < second { group.step(level: level, seconds: 10) }
            return group.wants(0) ? "1" : "0"
        }
        #expect(draw(2.1, until: 30) == "1")
        #expect(draw(1.7, until: 50) == "1")
        #expect(draw(1.7, until: 70) == "0", "1.7 is below the stop of the peak hours")
        #expect(draw(2.5, until: 80) == "0")
        group.forecast = .good(.bool(true))
        #expect(draw(1.5, until: 90) == "1", "a person's word counts before the tariff")
        group.forecast = .good(.bool(false))
        #expect(draw(1.5, until: 100) == "0")
        #expect(draw(2.1, until: 200) == "1", "the peak is over")
        #expect(
            group.told.filter { $0.hasPrefix("goes by") } == [
                "goes by 'peak' from now on: starts at 2.6 m, stops at 1.8 m",
                "goes by 'pre-lowered' from now on: starts at 1.4 m, stops at 0.6 m",
                "goes by 'peak' from now on: starts at 2.6 m, stops at 1.8 m",
                "goes by its usual levels again: starts at 2 m, stops at 1 m",
            ])
    }

    @Test("changes its levels at the hour, though nothing is heard just then")
    func atTheHour() throws {
        let terms = "start-at: 2\nstop-at: 1\nprofiles: [{ name: peak, during: { hours: [[08:01, 09:00]] }, start-at: 2.6, stop-at: 1.8 }]"
        var group = try PumpGroup(terms, pumps: [""])
        group.step(level: 1.7, seconds: 30)
        // Nothing is due at the hour but the hour: what was wanted at 45 s is renewed at 65.
        group.step(level: 2.1, seconds: 15)
        group.step(level: 1.7, seconds: 5)
        #expect(group.wants(0))
        group.rehearsal.advance(to: PumpGroup.start.advanced(by: .milliseconds(59_999)))
        #expect(group.wants(0))
        group.rehearsal.advance(to: PumpGroup.start.advanced(by: .seconds(60)))
        #expect(!group.wants(0))
    }

    @Test("leaves a profile whose switch cannot be read, for its usual levels")
    func blindProfile() throws {
        let terms = """
            start-at: 2
            stop-at: 1
            profiles: [{ name: low, inputs: { on: group/well/forecast }, when: on, start-at: 1.4, stop-at: 0.6 }]
            """
        var group = try PumpGroup(terms, pumps: [""])
        group.forecast = .good(.bool(true))
        #expect(group.hears("1.5 1.5") == "1 1")
        group.forecast = .bad(.commFailure)
        #expect(group.hears("1.5 0.9 1.5") == "1 0 0")
        #expect(
            group.told.contains(
                "goes by its usual levels again: starts at 2 m, stops at 1 m (group/well/forecast is bad (comm-failure))"))
    }
}
