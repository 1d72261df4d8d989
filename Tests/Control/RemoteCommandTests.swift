import Telemetry
import Testing

@testable import Control

@Suite("A command from outside")
struct RemoteCommandTests {
    @Test("is written, echoed and confirmed, and its sender is told each")
    func course() {
        var bench = RemoteBench.ready()
        bench.command("a", "run", .int(1))
        #expect(bench.writes == ["run=true"])
        bench.answers("run", .echoed(.bool(true)))
        bench.after(2)
        bench.sees(("running", .bool(true)))
        #expect(bench.answers == ["a accepted", "a sent", "a echoed", "a confirmed"])
        #expect(bench.replies.map(\.isLast) == [false, false, false, true])
        #expect(bench.replies.last?.answer.value == .bool(true))
        let written = bench.events.first { $0.text.hasPrefix("writes true") }
        #expect(written?.origin == RemoteBench.origin && written?.text.contains("command 'a'") == true)
    }

    @Test("that the machine does not follow has diverged, and says how")
    func diverges() {
        var bench = RemoteBench.ready()
        bench.command("a", "run", .bool(true))
        bench.answers("run", .echoed(.bool(true)))
        bench.sees(("running", .bool(false)))
        bench.after(10)
        #expect(bench.last == "a diverged: is true, but station/pump/running is still false after 10 s")
    }

    @Test("of an id that has come before is answered with the first one's outcome, and not run")
    func repeated() {
        var bench = RemoteBench.ready()
        bench.command("a", "valve", .bool(true))
        bench.answers("valve", .echoed(.bool(true)))
        bench.command("b", "valve", .bool(false))
        bench.answers("valve", .echoed(.bool(false)))
        #expect(bench.writes == ["valve=true", "valve=false"])
        bench.command("a", "valve", .bool(true))
        #expect(bench.last == "a confirmed")
        #expect(bench.replies.last?.isLast == true)
        bench.command("a", "valve", .bool(true), from: "county broker west")
        #expect(bench.writes.last == "valve=true", "another sender's id is another command")
        bench.command("b", "valve", .bool(true))
        #expect(bench.last == "b refused: its id was used before, for station/pump/valve = false")
        bench.command("b", "valve", .bool(false))
        #expect(bench.last == "b confirmed", "a misuse of the id does not change what the first one came to")
        #expect(bench.writes.count == 3)
        #expect(bench.events.contains { $0.text == "refused command 'a': it has come before and was confirmed" })
    }

    @Test("without an id runs each time")
    func nameless() {
        var bench = RemoteBench.ready()
        for value in [20, 30, 20] {
            bench.command(nil, "speed", .int(Int64(value)))
            bench.answers("speed", .echoed(.double(Double(value))))
        }
        #expect(bench.writes == ["speed=20.0", "speed=30.0", "speed=20.0"])
        #expect(Set(bench.replies.map(\.answer.id)).count == 3)
    }

    @Test(
        "is refused, with the reason, and recorded",
        arguments: [
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/valve", order: .set(.bool(true)), isKept: true), "old command"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/valv", order: .set(.bool(true))), "there is no such point"),
            (RemoteCommand(id: "a", origin: "c", point: "%$#/", order: .set(.bool(true))), "there is no such point"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/level", order: .set(.double(1))), "cannot be written"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/valve", order: .set(.double(0.5))), "takes bool, and 0.5 is none"),
            (RemoteCommand(origin: "c", point: "station/pump/speed", order: .set(.string("fast"))), "takes double, and fast is none"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/speed", order: .set(.bool(true))), "takes double"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/speed", order: .set(.double(45.5))), "outside 0.0…45.0 Hz"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/speed", order: .set(.double(4.5))), "below the least"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/speed", order: .set(.double(20.2))), "not in steps of 0.5"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/speed", order: .set(.double(.nan))), "not a number"),
            (RemoteCommand(id: "a", origin: "c", point: "station/pump/speed", order: .unreadable("not JSON")), "not JSON"),
            (RemoteCommand(id: "", origin: "c", point: "station/pump/valve", order: .set(.bool(true))), "1 to 128 bytes"),
            (RemoteCommand(id: String(repeating: "x", count: 129), origin: "c", point: "station/pump/valve", order: .release), "1 to 128"),
            (RemoteCommand(origin: "c", point: "station/pump/valve", order: .set(.bool(true)), hold: .zero), "more than nothing"),
            (RemoteCommand(origin: "c", point: "station/pump/valve", order: .set(.bool(true)), hold: .seconds(604_801)), "168 h at most"),
        ])
    func refuses(command: RemoteCommand, why: String) {
        var bench = RemoteBench.ready()
        let before = bench.events.count
        bench.command(command)
        #expect(bench.writes.isEmpty)
        #expect(bench.last.contains("refused: ") && bench.last.contains(why), "\(bench.last)")
        #expect(bench.events.count == before + 1)
        #expect(bench.events.last?.kind == .command && bench.events.last?.text.hasPrefix("refused command") == true)
        #expect(bench.arbiter.counters.commandsRefused == 1)
    }

    @Test("is refused once its time is over, or while the clock cannot judge it")
    func times() {
        var bench = RemoteBench.ready()
        bench.command("a", "valve", .bool(true), expires: .zero)
        #expect(bench.last.contains("refused: it came too late"))
        bench.command("b", "valve", .bool(true), issued: .seconds(-61))
        #expect(bench.last == "b refused: it came too late; its time was over 1 s ago")
        bench.command("c", "valve", .bool(true), issued: .seconds(61))
        #expect(bench.last.contains("one of the two clocks is wrong"))
        bench.command("d", "valve", .bool(true), expires: .seconds(86_401))
        #expect(bench.last.contains("for a day at most"))
        #expect(bench.writes.isEmpty)
        bench.command("e", "valve", .bool(true), issued: .seconds(-59))
        #expect(bench.writes == ["valve=true"])
        bench.distrustClock()
        bench.command("f", "speed", .int(20), expires: .seconds(30))
        #expect(bench.last.contains("clock cannot be believed"))
        bench.command("g", "speed", .int(20))
        #expect(bench.writes.last == "speed=20.0", "one without a time needs no clock")
    }

    @Test("is begun before its time is over or not at all")
    func expires() {
        var bench = RemoteBench()
        bench.command("a", "valve", .bool(true), expires: .seconds(30))
        bench.after(29.9)
        bench.command("b", "run", .bool(true), expires: .seconds(1))
        bench.after(0.1)
        #expect(bench.last == "a expired: its time was over before it could be begun; it waits until the point has been read")
        bench.sees(("valve", .bool(false)), ("run", .bool(false)))
        #expect(bench.writes == ["run=true"])
        bench.answers("run", .failed("no answer"))
        bench.after(0.9)
        #expect(bench.last == "b failed: it could not be written in time: no answer")
        bench.after(100)
        #expect(bench.writes.filter { $0 == "run=true" }.count == 1, "and no attempt is made after it")
        #expect(bench.writes.last == "run=false")
    }

    @Test("that the device refuses has failed at once")
    func deviceRefuses() {
        var bench = RemoteBench.ready()
        bench.command("a", "speed", .int(20))
        bench.answers("speed", .refused("illegal data value (exception 03)"))
        #expect(bench.last == "a failed: the device refused: illegal data value (exception 03)")
        bench.after(200)
        #expect(bench.writes == ["speed=20.0"])
    }

    @Test("beyond so many a second is refused, counted, recorded once, and may come again")
    func flood() {
        var bench = RemoteBench.ready()
        var terms = RemoteTerms()
        terms.perSecond = 5
        let before = bench.events.filter { $0.text.contains("too many") }.count
        for index in 0..<50 { bench.command("id-\(index)", "speed", .int(Int64(6 + index % 30)), under: terms) }
        #expect(bench.answers.filter { $0.hasSuffix("refused: too many commands: 5 a second are heard from here") }.count == 45)
        #expect(bench.events.filter { $0.text.contains("too many") }.count == before + 1)
        bench.command("other", "valve", .bool(true), from: "another", under: terms)
        #expect(bench.writes.last == "valve=true", "one origin's flood is not another's")
        bench.after(1)
        bench.command("id-7", "speed", .int(20), under: terms)
        #expect(bench.last == "id-7 accepted")
    }

    @Test("may be restored with its outcome after a restart, and is then not run again")
    func restored() {
        var bench = RemoteBench.ready()
        bench.command("a", "valve", .bool(true))
        bench.answers("valve", .echoed(.bool(true)))
        bench.command("b", "run", .bool(true))
        let kept = bench.arbiter.remembered
        #expect(kept.map(\.id) == ["a", "b"] && kept.map(\.stage) == ["confirmed", "sent"])

        var next = RemoteBench.ready()
        next.arbiter.restore(kept, at: next.now)
        next.command("a", "valve", .bool(true))
        #expect(next.last == "a confirmed")
        next.command("b", "run", .bool(true))
        #expect(next.last == "b failed: the gateway was restarted before it was over; what came of it is not known")
        #expect(next.writes.isEmpty)
    }
}
