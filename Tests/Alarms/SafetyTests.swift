import Alarms
import Telemetry
import Testing

/// `DOMAIN.md`, 7, the items that concern alarms, and what users complain of elsewhere (6.2).
@Suite("what must never happen, in alarms")
struct SafetyTests {
    static let high = "point: east/well/level\nwhen: { high: 80, deadband: 2 }\n"
    static let float = "point: east/well/float\nwhen: { is: true }\n"

    @Test(
        "never 2: a stale or bad value raises no limit alarm and clears none, and the alarm says that it cannot see",
        arguments: [
            Reading.bad(.commFailure), .bad(.sensorFault), .uncertain(.double(99), .outOfRange), .uncertain(.double(1), .stale),
            .uncertain(.double(99), .stale), .uncertain(.double(1), .substituted),
        ])
    func staleOrBad(_ reading: Reading) throws {
        for (level, letter) in [(70.0, "A"), (90, "B")] {
            var watch = try Watch(["a": Self.high])
            watch.hear("east/well/level", level)
            watch.forget()
            watch.hear(["east/well/level": reading])
            watch.wait(.seconds(3600))
            #expect(watch.letter("a") == letter)
            #expect(watch.summary("a")?.isBlind == true)
            #expect(watch.kinds == (letter == "B" ? [.blinded] : []))
            watch.hear("east/well/level", level)
            #expect(watch.letter("a") == letter && watch.summary("a")?.isBlind == false)
        }
    }

    @Test("never 2: a point that falls silent is as good as bad, to the instant")
    func silent() throws {
        var watch = try Watch(["a": Self.high + "off-delay: 5s"])
        watch.hear("east/well/level", 90)
        watch.wait(.seconds(9))
        watch.hear("east/well/level", 70)
        watch.wait(.seconds(4))
        watch.hear(["east/well/level": .bad(.commFailure)])
        watch.wait(.seconds(60))
        watch.hear(["east/well/level": .bad(.commFailure)])
        #expect(watch.letter("a") == "B", "the off-delay ran out unseen")
        watch.hear("east/well/level", 70)
        #expect(watch.letter("a") == "D")
    }

    @Test("never 2: an on-delay that runs out unseen raises nothing until the value is seen again")
    func unseen() throws {
        var watch = try Watch(["a": Self.high + "on-delay: 3s"])
        #expect(watch.hears("70 81 - - - - 81", on: "east/well/level", of: "a") == "A A A A A A B")
    }

    @Test("never 6: what a device cannot say for certain is an alarm of its own")
    func unknownIsAnAlarm() throws {
        var watch = try Watch(["lost": "point: east/pump-1/running\nwhen: { quality: bad }\non-delay: 5s"])
        watch.hear("east/pump-1/running", true)
        watch.hear(["east/pump-1/running": .bad(.commFailure)])
        watch.wait(.seconds(5))
        #expect(watch.letter("lost") == "B")
    }

    @Test("never 8: a restart is no burst: nothing that stood before calls again", arguments: 1...20 as ClosedRange<UInt64>)
    func restartBurst(_ seed: UInt64) throws {
        var run = History.Run()
        for step in History(seed: seed, count: 300).steps { run.play(step) }
        let before = Set(run.listed)
        var next = History.Run(at: run.now.advanced(by: .seconds(30)))
        let told = next.desk.restore(try run.saved(), at: next.now)
        run.changes = []
        run.play(.wait(.seconds(30)))
        // What time alone has brought: a shelf that ended, a call to be repeated.
        let due = run.changes.filter(\.isAnnunciated)
        #expect(told.filter(\.isAnnunciated).allSatisfy { due.contains($0) })
        if due.isEmpty { #expect(before.isSubset(of: next.listed), "nothing is forgotten") }
    }

    @Test("never 8: an alarm that was acknowledged stays so over a restart, though nothing was heard for longer than a reading lasts")
    func restartKeepsAcknowledgement() throws {
        let files: KeyValuePairs = ["dead": FamilyTests.dead, "high": Self.high + "parent: dead"]
        var watch = try Watch(files)
        FamilyTests.beat(&watch)
        watch.hear("east/well/level", 90)
        watch.obey(.acknowledge(comment: ""), "high")
        var next = try SnapshotTests.next(files, after: watch, .seconds(3600))
        #expect(next.letter("high") == "C" && next.told.isEmpty)
        next.wait(.seconds(9))
        FamilyTests.beat(&next)
        next.hear("east/well/level", 90)
        #expect(next.letter("high") == "C" && next.calls == 0)
    }

    @Test("never 18: a jump of the wall clock ends no delay and no shelf", arguments: [-86_400, 86_400])
    func clockJump(_ seconds: Int) throws {
        var watch = try Watch(["a": Self.high + "on-delay: 60s", "b": Self.float])
        watch.hear("east/well/float", true)
        watch.obey(.shelve(for: .seconds(3600), reason: "works", isOneShot: false), "b")
        watch.hear("east/well/level", 90)
        watch.now = Moment(monotonic: watch.now.monotonic, wall: watch.now.wall.advanced(by: .seconds(seconds)))
        watch.wait(.seconds(5))
        #expect(watch.letter("a") + watch.letter("b") == "AG")
        watch.hear("east/well/level", 90)
        watch.wait(.seconds(50))
        watch.hear("east/well/level", 90)
        watch.wait(.seconds(5))
        #expect(watch.letter("a") == "B")
    }

    @Test("never 20: readings older than the present raise nothing: the desk hears the point table, which leaves history out")
    func replay() throws {
        let point = try #require(Watch.county.id(of: "east/well/level"))
        let state = try #require(
            Self.table([(70, .zero), (99, .seconds(5))], of: point).state(of: point, at: Watch.start.monotonic))
        var watch = try Watch(["a": Self.high])
        _ = watch.desk.hear([Heard(Watch.county[point], id: point, state: state, at: watch.now.monotonic)], at: watch.now)
        #expect(watch.letter("a") == "A")
    }

    @Test("never 20: a reading that is old when it comes is stale so much sooner")
    func late() throws {
        let point = try #require(Watch.county.id(of: "east/well/level"))
        let state = try #require(Self.table([(70, .seconds(7))], of: point).state(of: point, at: Watch.start.monotonic))
        let heard = Heard(Watch.county[point], id: point, state: state, at: Watch.start.monotonic)
        #expect(heard.staleAt == Watch.start.monotonic + .seconds(3) + .nanoseconds(1))
    }

    /// A point table that was told levels of some age, one after the other.
    private static func table(_ news: [(level: Double, age: Duration)], of point: PointID) -> PointTable {
        let table = PointTable(directory: Watch.county)
        for (level, age) in news {
            let sample = Sample(point: point, time: Watch.start.wall.advanced(by: .zero - age), reading: .good(.double(level)))
            table.apply(Batch(device: Watch.county[point].device, received: Watch.start, samples: [sample]))
        }
        return table
    }

    @Test("never 21: the highest priority is shelved for an hour at most, and nothing else silences it")
    func highest() throws {
        var watch = try Watch(["a": Self.float], priority: "highest")
        watch.hear("east/well/float", true)
        let shelve = { (seconds: Int) in AlarmOrder.Act.shelve(for: .seconds(seconds), reason: "works", isOneShot: false) }
        #expect(watch.obey(shelve(3601), "a") == .tooLong(limit: .seconds(3600)))
        #expect(watch.obey(.suppress(reason: "noise"), "a") == .highestPriority)
        #expect(watch.letter("a") == "B")
        #expect(watch.obey(shelve(3600), "a") == nil)
        watch.wait(.seconds(3600))
        #expect(watch.letter("a") == "B")
        for line in ["parent: b", "suppressed-when: { point: level, is: 1 }"] {
            let read = Watch.read(["a": Watch.yaml(Self.float + line, priority: "highest"), "b": Watch.yaml(Self.high)])
            #expect(read.mistakes.count == 1 && read.mistakes[0].contains("never suppressed"))
        }
    }

    @Test("never 21: a shelf of the others lasts eight hours at most, or what the file says, and ends loudly")
    func shelf() throws {
        var watch = try Watch(["a": Self.float, "b": Self.float + "shelve-at-most: 1h"])
        watch.hear("east/well/float", true)
        let shelve = { (seconds: Int) in AlarmOrder.Act.shelve(for: .seconds(seconds), reason: "works", isOneShot: false) }
        #expect(watch.obey(shelve(8 * 3600 + 1), "a") == .tooLong(limit: .seconds(8 * 3600)))
        #expect(watch.obey(shelve(3601), "b") == .tooLong(limit: .seconds(3600)))
        #expect(watch.obey(shelve(0), "a") == .tooShort)
        #expect(watch.obey(shelve(8 * 3600), "a") == nil)
        watch.forget()
        watch.wait(.seconds(8 * 3600))
        #expect(watch.changes.filter { $0.alarm == "a" }.map(\.kind) == [.unshelved, .raised, .blinded] && watch.calls == 1)
    }

    @Test("never 22: whoever hides an alarm gives a name and a reason, and both are kept")
    func whoAndWhy() throws {
        var watch = try Watch(["a": Self.float])
        watch.hear("east/well/float", true)
        let acts: [(String) -> AlarmOrder.Act] = [
            { .shelve(for: .seconds(60), reason: $0, isOneShot: false) }, { .suppress(reason: $0) },
            { .removeFromService(reason: $0) },
        ]
        for act in acts {
            #expect(watch.obey(act(" "), "a") == .withoutReason)
            #expect(watch.obey(act("works"), "a", who: " ") == .anonymous)
        }
        #expect(watch.letter("a") == "B")
        watch.obey(.acknowledge(comment: "on my way"), "a", who: "the night shift")
        let event = try #require(watch.changes.last?.event)
        #expect(event.origin == "the night shift" && event.text == "a: acknowledged: on my way" && event.kind == .alarm)
        #expect(watch.obey(.acknowledge(comment: ""), "a") == .idle(.acknowledged))
        #expect(watch.obey(.acknowledge(comment: ""), "b") == .unknown("b", nearest: "a"))
    }

    @Test("6.2.20: a return to normal does not sound")
    func returnIsSilent() throws {
        var watch = try Watch(["a": Self.float])
        watch.hear("east/well/float", true)
        watch.obey(.acknowledge(comment: ""), "a")
        watch.forget()
        watch.hear("east/well/float", false)
        #expect(watch.kinds == [.returned] && watch.calls == 0)
    }

    @Test("6.2.25: an alarm that was missed calls again, until it is over")
    func callsAgain() throws {
        var watch = try Watch(["a": Self.float + "re-alarm: 5m"])
        watch.hear("east/well/float", true)
        watch.wait(.seconds(900))
        #expect(watch.kinds.filter { $0 == .reAlarmed }.count == 3)
        watch.obey(.acknowledge(comment: ""), "a")
        watch.hear("east/well/float", false)
        watch.forget()
        watch.wait(.seconds(900))
        #expect(watch.calls == 0)
    }

    @Test("6.2.29: a value that rests on its limit does not call every ten seconds")
    func atTheLimit() throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { high: 80, deadband: 1 }"])
        for second in 0..<600 {
            watch.wait(.seconds(1))
            watch.hear("east/well/level", second.isMultiple(of: 10) ? 80.1 : 79.9)
        }
        #expect(watch.calls == 1)
    }
}
