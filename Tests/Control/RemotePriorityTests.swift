import Telemetry
import Testing

@testable import Control

@Suite("A command from outside among rules")
struct RemotePriorityTests {
    @Test("stands above them for its time, and then they are heard again")
    func hold() {
        var bench = RemoteBench.ready()
        bench.want("valve", .bool(true))
        bench.answers("valve", .echoed(.bool(true)))
        bench.command("a", "valve", .bool(false), for: .seconds(60))
        bench.answers("valve", .echoed(.bool(false)))
        bench.after(59.9)
        #expect(bench.writes == ["valve=true", "valve=false"])
        bench.after(0.1)
        #expect(bench.writes.last == "valve=true" && bench.writes.count == 3)
        #expect(bench.events.contains { $0.text == "the time of county broker east (manual)'s false is over" })
    }

    @Test("gives way to the safe value after its time where no rule speaks")
    func safe() {
        var bench = RemoteBench.ready()
        bench.command("a", "valve", .bool(true))
        bench.answers("valve", .echoed(.bool(true)))
        bench.after(899.9)
        #expect(bench.writes == ["valve=true"])
        bench.after(0.1)
        #expect(bench.writes == ["valve=true", "valve=false"])
    }

    @Test("of a point without a safe value is written once, and holds nothing")
    func once() {
        var bench = RemoteBench.ready()
        bench.command("a", "speed", .int(20))
        bench.answers("speed", .echoed(.double(20)))
        #expect(bench.last == "a confirmed")
        bench.after(30)
        bench.sees(("speed", .double(12)))
        bench.after(1000)
        #expect(bench.writes == ["speed=20.0"], "what someone sets at the device stays")
        bench.sees(("speed", .double(20)))
        bench.command("b", "speed", .int(20))
        #expect(bench.writes == ["speed=20.0", "speed=20.0"], "written even if it seems to be so already")
        bench.answers("speed", .echoed(.double(20)))
        bench.want("speed", .double(30))
        #expect(bench.writes.last == "speed=30.0", "a rule need not wait")
    }

    @Test("of nothing lets go")
    func release() {
        var bench = RemoteBench.ready()
        bench.command("a", "valve", .bool(true))
        bench.answers("valve", .echoed(.bool(true)))
        bench.command("b", "valve", nil, from: "another")
        #expect(bench.last == "b released: nothing was held")
        bench.command("c", "valve", nil)
        #expect(bench.last == "c released")
        #expect(bench.writes == ["valve=true", "valve=false"])
        bench.answers("valve", .echoed(.bool(false)))
        bench.command("d", "run", .bool(true))
        bench.command("e", "run", nil)
        #expect(bench.answers.suffix(2) == ["d superseded: command 'e' lets go of the point", "e released"])
    }

    @Test("is refused while life safety holds the point otherwise, and names who does")
    func lifeSafety() {
        var bench = RemoteBench.ready()
        bench.want("run", .bool(false), .lifeSafety, by: "dry-run")
        bench.command("a", "run", .bool(true))
        #expect(bench.last == "a refused: dry-run (life-safety) holds it at false: because")
        bench.command("b", "run", .bool(false))
        #expect(bench.last == "b confirmed")
        #expect(bench.writes.isEmpty)
    }

    @Test("gives way to life safety, and is told so if it was not over")
    func overridden() {
        var bench = RemoteBench.ready()
        bench.command("a", "run", .bool(true))
        bench.answers("run", .echoed(.bool(true)))
        bench.want("run", .bool(false), .lifeSafety, by: "dry-run")
        #expect(bench.last == "a superseded: dry-run (life-safety) is heard first and wants false")
        #expect(bench.writes == ["run=true", "run=false"])
    }

    @Test("takes the place of the one before, which is told so")
    func superseded() {
        var bench = RemoteBench.ready()
        bench.command("a", "speed", .int(20))
        bench.command("b", "speed", .int(25))
        bench.command("c", "speed", .int(30), from: "another")
        #expect(bench.answers.contains("a superseded: command 'b' took its place"))
        #expect(bench.answers.contains("b superseded: command 'c' took its place"))
        bench.answers("speed", .echoed(.double(20)))
        #expect(bench.writes == ["speed=20.0", "speed=30.0"])
        bench.answers("speed", .echoed(.double(30)))
        #expect(bench.last == "c confirmed")
    }

    @Test("of what is held already is confirmed without a write, and stands for its own time")
    func again() {
        var bench = RemoteBench.ready()
        bench.command("a", "valve", .bool(true), for: .seconds(60))
        bench.answers("valve", .echoed(.bool(true)))
        bench.after(50)
        bench.command("b", "valve", .bool(true), for: .seconds(60))
        #expect(bench.answers.suffix(2) == ["b accepted", "b confirmed"])
        #expect(bench.events.contains { $0.text.contains("wants true as before: command 'b'") })
        bench.after(59.9)
        #expect(bench.writes == ["valve=true"])
        bench.after(0.1)
        #expect(bench.writes == ["valve=true", "valve=false"])
    }

    @Test("does not outlive the gateway: the safe value is written when it stops, and no other is heard")
    func stops() {
        var bench = RemoteBench.ready()
        bench.command("a", "valve", .bool(true), for: .seconds(3600))
        bench.answers("valve", .echoed(.bool(true)))
        bench.command("b", "run", .bool(true))
        bench.stop()
        #expect(bench.writes == ["valve=true", "run=true", "valve=false"])
        #expect(bench.last == "b failed: the gateway stops")
        bench.answers("run", .echoed(.bool(true)))
        #expect(bench.writes.last == "run=false")
        bench.command("c", "speed", .int(20))
        #expect(bench.last == "c refused: the gateway is stopping")
    }
}
