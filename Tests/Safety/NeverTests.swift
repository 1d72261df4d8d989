import Control
import Documents
import Foundation
import Rules
import Telemetry
import Testing

/// DOMAIN, section 7: what must never happen, each with a test of its number. Some stand where the thing itself is tested;
/// `never.md` beside this file lists all of them, and a test below sees to it that they are there.
@Suite("What must never happen")
struct NeverTests {
    private static let lock = LockOut(
        subject: "town/pump-1", person: "the fitter", phone: "13800000000", reason: "a new seal", since: Machines.start.wall)

    @Test("never 1: a remote start while someone works on the pump", arguments: Priority.allCases)
    func lockedOut(priority: Priority) {
        var machines = Machines.ready()
        machines.want(true, priority, by: "whoever")
        #expect(machines.coils[Machines.one] == true)
        machines.perform(machines.arbiter.lock(Self.lock, at: machines.now).actions)
        #expect(machines.coils[Machines.one] == false, "the lock stops it")
        let answer = machines.command(RemoteCommand(id: "1", origin: "county", point: "town/pump-1/run", order: .set(.bool(true))))
        #expect(
            answer?.stage == .refused && answer?.reason?.contains("the fitter") == true
                && answer?.reason?.contains("13800000000") == true)
        #expect(answer?.reason?.contains("not an isolation") == true)
        machines.restart()
        machines.want(true, priority, by: "whoever")
        machines.run(7200)
        #expect(machines.coils[Machines.one] == false, "and so it is after a restart")
        let byOther = machines.arbiter.unlock(
            Self.lock.subject, of: "the fitter", by: "the operator", as: .worker, reason: "done", at: machines.now)
        if case .refused = byOther.answer {} else { Issue.record("anybody may take a lock away") }
        let own = machines.arbiter.unlock(
            Self.lock.subject, of: "the fitter", by: "the fitter", as: .worker, reason: "", at: machines.now)
        machines.perform(own.actions)
        machines.run(60)
        #expect(
            machines.coils[Machines.one] == (priority != .manual), "what a person had ordered does not come back to life by itself")
    }

    @Test(
        "never 2: a stale or bad value drives a rule",
        arguments: [Reading.bad(.commFailure), .uncertain(.double(2.9), .substituted), nil])
    func blind(reading: Reading?) throws {
        let mistakes = Mistakes()
        let yaml = """
            rule: 1
            about: A test.
            inputs: { level: town/well/level }
            when: level > 2.4
            then: [{ point: town/pump-1/run, value: true }]
            """
        let rule = RuleFiles.read(
            yaml: yaml, file: "r.yaml", name: "r", kinds: [], context: RuleContext(directory: Machines.directory), into: mistakes)
        try #require(mistakes.isEmpty)
        var rehearsal = Rehearsal(rules: [rule].compactMap { $0 }, directory: Machines.directory, start: Machines.start)
        func hear(_ second: Int, _ reading: Reading) {
            let now = Machines.start.advanced(by: .seconds(second))
            let sample = Sample(point: Machines.id("well/level"), time: now.wall, reading: reading)
            rehearsal.play(Batch(device: DeviceID(index: 2), received: now, samples: [sample]))
        }
        hear(1, .good(.double(2.9)))
        #expect(rehearsal.wanted(Machines.one) == .bool(true))
        if let reading { hear(2, reading) }
        rehearsal.advance(to: Machines.start.advanced(by: .seconds(7)))
        #expect(rehearsal.wanted(Machines.one) == nil, "never the last value, and never zero")
    }

    @Test("never 4: two writers fight over one actuator")
    func twoWriters() {
        var machines = Machines.ready()
        machines.want(true, by: "water/drain")
        machines.run(60) { $0.want(false, by: "water/save") }
        #expect(machines.writes.count == 1, "the first is heard, the other waits: \(machines.writes)")
        #expect(machines.arbiter.explain(Machines.one, at: machines.now).contains("water/save (automatic) waits with false"))
        machines.command(
            RemoteCommand(id: "1", origin: "county", point: "town/pump-1/run", order: .set(.bool(false)), hold: .seconds(60)))
        machines.run(59) { $0.want(true, by: "water/drain") }
        #expect(machines.writes.count == 2, "a person goes before both, for as long as he said")
        machines.want(false, .lifeSafety, by: "trip")
        machines.run(300) { $0.want(true, .lifeSafety, by: "flood") }
        #expect(machines.coils[Machines.one] == false, "and a trip before everyone")
    }

    @Test("never 5: a command is replayed after a reconnect or a restart")
    func replay() {
        var machines = Machines.ready()
        func order(_ id: String, expires: Duration? = nil, isKept: Bool = false) -> RemoteCommand {
            RemoteCommand(
                id: id, origin: "county", point: "town/pump-1/run", order: .set(.bool(true)),
                expires: expires.map { machines.now.wall.advanced(by: $0) }, hold: .seconds(5), isKept: isKept)
        }
        #expect(machines.command(order("kept", isKept: true))?.stage == .refused)
        #expect(machines.command(order("late", expires: .seconds(-1)))?.stage == .refused)
        machines.setClock(by: .zero, isTrusted: false)
        #expect(
            machines.command(order("timed", expires: .seconds(30)))?.stage == .refused,
            "a clock that cannot be believed judges no time")
        machines.setClock(by: .zero)
        #expect(machines.writes == [])
        machines.command(order("one"))
        machines.run(30)
        #expect(machines.writes.count == 2, "on, and off once its time is over")
        machines.command(order("one"))
        machines.restart()
        machines.run(30) { $0.command(order("one")) }
        #expect(machines.writes.count == 2)
    }

    @Test("never 6: a command is reported done but is not")
    func notDone() {
        var machines = Machines.ready(hasFeedback: true)
        machines.isContactorStuck = true
        machines.command(RemoteCommand(id: "1", origin: "county", point: "town/pump-1/run", order: .set(.bool(true))))
        machines.run(60)
        #expect(machines.coils[Machines.one] == true, "the coil took it, and the contactor did not")
        #expect(machines.answers.map(\.stage).contains(.diverged) && !machines.answers.map(\.stage).contains(.confirmed))
        #expect(machines.alarms.count == 1)
    }

    @Test("never 7: a pump is left on by a crash or a restart")
    func leftOn() {
        var machines = Machines.ready()
        machines.want(true)
        machines.restart(isForgetful: true)
        machines.run(30)
        #expect(machines.coils[Machines.one] == false, "nobody wants it any more, and so it is brought to its safe value")
        machines.want(true)
        machines.perform(machines.arbiter.stop(at: machines.now))
        #expect(machines.coils[Machines.one] == false, "and a gateway that stops leaves it there itself")
    }

    @Test("never 8: a burst of starts after a restart", arguments: [false, true])
    func burst(isForgetful: Bool) {
        var guards = Guards()
        guards.minimumOff = .seconds(120)
        guards.startsPerHour = 4
        guards.supply = Guards.Supply(feeder: "mains", load: 1)
        var machines = Machines.ready(guards, feeders: [FeederPlan(name: "mains", atMost: 2, stagger: .seconds(10))])
        for _ in 0..<30 {
            machines.restart(away: 1, isForgetful: isForgetful)
            machines.run(200) {
                $0.want(true, of: Machines.one)
                $0.want(true, of: Machines.two)
            }
            machines.coils = [Machines.one: false, Machines.two: false]
        }
        let starts = machines.writes.filter { $0.contains("on@") }.map { ($0.prefix(6), Int($0.split(separator: "@")[1]) ?? 0) }
        #expect(!starts.isEmpty)
        for (a, b) in zip(starts, starts.dropFirst()) { #expect(b.1 - a.1 >= 10, "the supply has to bear one start at a time") }
        guard !isForgetful else { return }
        for pump in ["pump-1", "pump-2"] {
            let own = starts.filter { $0.0 == pump }.map(\.1)
            for (index, start) in own.enumerated().dropFirst(4) { #expect(start - own[index - 4] >= 3600, "\(own)") }
        }
    }

    @Test("never 9: a pump runs dry", arguments: Priority.allCases)
    func dry(priority: Priority) {
        var guards = Guards()
        guards.minimumOn = .seconds(600)
        guards.interlocks = [Interlock(.below(0.9, "well/level", "the well is nearly dry"), for: .seconds(3))]
        var machines = Machines.ready(guards)
        machines.want(true, priority, by: "whoever")
        machines.run(5)
        machines.level = 0.8
        machines.run(5)
        #expect(machines.coils[Machines.one] == false, "above every priority, and without waiting for the least run")
        machines.run(600) { $0.want(true, priority, by: "whoever") }
        #expect(machines.coils[Machines.one] == false)
    }

    @Test("never 11: a remote stop lets the town overflow unseen")
    func stopInFlood() {
        var machines = Machines.ready()
        machines.want(true, .lifeSafety, by: "water/high-high")
        let first = machines.arbiter.stop(Machines.one, by: "the operator", at: machines.now)
        machines.perform(first.actions)
        if case .toBeConfirmed = first.answer {} else { Issue.record("it is to be confirmed: \(first.answer)") }
        #expect(machines.coils[Machines.one] == true)
        let second = machines.arbiter.stop(Machines.one, by: "the operator", isConfirmed: true, at: machines.now)
        machines.perform(second.actions)
        #expect(machines.coils[Machines.one] == false, "a stop is never refused")
        machines.run(901)
        #expect(machines.coils[Machines.one] == true, "after a quarter of an hour the flood is heard again")
    }

    @Test("never 12: a pump starts against a closed gate, and none runs on when it closes")
    func gate() {
        var guards = Guards()
        guards.permissives = [.above(0.3, "gate/opening", "the gate stands open")]
        guards.interlocks = [Interlock(.below(0.1, "gate/opening", "the gate is closed"), for: .seconds(2))]
        var machines = Machines.ready(guards)
        machines.opening = 0.2
        machines.run(2)
        machines.want(true)
        machines.run(60)
        #expect(machines.coils[Machines.one] == false)
        #expect(machines.arbiter.explain(Machines.one, at: machines.now).contains("the gate stands open"))
        machines.opening = 1
        machines.run(2)
        #expect(machines.coils[Machines.one] == true)
        machines.opening = 0
        machines.run(5)
        #expect(machines.coils[Machines.one] == false)
    }

    @Test("never 13: an engine or a brake is commanded from afar")
    func vehicles() throws {
        // What moves reaches the gateway by messages, and nothing can be written to a broker's device: there is no such command.
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let profiles = try FileManager.default.subpathsOfDirectory(
            atPath: root.appending(path: "Devices").resolvingSymlinksInPath().path
        ).filter { $0.hasSuffix(".yaml") }
        var trackers = 0
        for profile in profiles {
            let text = try String(contentsOf: root.appending(path: "Devices/\(profile)"), encoding: .utf8)
            guard text.contains("latitude") else { continue }
            trackers += 1
            #expect(!text.contains("writable"), "\(profile) tells where a vehicle is, and takes a command")
        }
        #expect(trackers > 0)
        let sources = try FileManager.default.subpathsOfDirectory(
            atPath: root.appending(path: "Sources").resolvingSymlinksInPath().path
        ).filter { $0.hasSuffix(".swift") }
        for source in sources {
            let text = try String(contentsOf: root.appending(path: "Sources/\(source)"), encoding: .utf8).lowercased()
            // Terminal control with its fuel and power cut, and vehicle control (JT/T 808).
            for word in ["0x8105", "0x8500"] { #expect(!text.contains(word), "\(source) speaks of \(word)") }
        }
    }

    @Test(
        "never 17: a wrong unit or type gets through a change of the configuration",
        arguments: [
            ("level > pressure", "kPa"), ("level > 'high'", "double > string is not defined"),
            ("levle > 2.0", "'levle' is not an input"),
        ])
    func units(condition: String, message: String) {
        let mistakes = Mistakes()
        var points = Machines.directory.points
        guard let name = PointName("town/well/pressure") else { return }
        points.append(Point(name: name, device: DeviceID(index: 2), type: .double, unit: "kPa", maximumAge: .seconds(5)))
        let directory = Directory(points: points, devices: Machines.directory.devices.map { ($0.site, $0.name) })
        let yaml = """
            rule: 1
            about: A test.
            inputs: { level: town/well/level, pressure: town/well/pressure }
            when: \(condition)
            say: it is so
            """
        _ = RuleFiles.read(
            yaml: yaml, file: "r.yaml", name: "r", kinds: [], context: RuleContext(directory: directory), into: mistakes)
        #expect(mistakes.all.contains { $0.message.contains(message) }, "\(mistakes.sorted)")
        #expect(mistakes.all.contains { $0.message.contains("^") && $0.place.line == 4 }, "with its line and a caret")
    }

    @Test(
        "never 18: a jump of the clock ends a rest, a lock or a lease before its time",
        arguments: [Duration.seconds(-86_400), .seconds(86_400)])
    func clock(step: Duration) {
        var guards = Guards()
        guards.minimumOff = .seconds(120)
        var machines = Machines.ready(guards)
        machines.want(true)
        machines.want(nil)
        let stopped = machines.seconds
        machines.setClock(by: step)
        machines.run(300) { $0.want(true) }
        #expect(machines.writes.last == "pump-1 on@\(stopped + 120)", "\(machines.writes)")
    }
}
