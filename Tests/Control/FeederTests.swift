import Telemetry
import Testing

@testable import Control

@Suite("Machines on one feeder")
struct FeederTests {
    private static func guards(_ load: Double = 1, rank: Int = 0) -> Guards {
        var guards = Guards()
        guards.supply = Guards.Supply(feeder: "east", load: load, rank: rank)
        return guards
    }

    @Test("start one after the other, by priority, then rank, then arrival")
    func stagger() {
        let feeder = FeederPlan(name: "east", atMost: 9, stagger: .seconds(15))
        var bench = GuardBench.ready([Self.guards(rank: 1), Self.guards(rank: 1), Self.guards()], feeders: [feeder])
        bench.want("two", true)
        bench.after(1)
        bench.want("one", true)
        bench.want("three", true)
        bench.after(60)
        #expect(bench.writes == ["two on@0.0", "three on@15.0", "one on@30.0"])
        var other = GuardBench.ready([Self.guards(rank: 1), Self.guards(rank: 1), Self.guards()], feeders: [feeder])
        other.want("two", true)
        other.want("three", true)
        other.want("one", true, .lifeSafety)
        other.after(60)
        #expect(other.writes == ["two on@0.0", "one on@15.0", "three on@30.0"])
    }

    @Test("wait for each other's load, and nobody is overtaken by a smaller one")
    func load() {
        let feeder = FeederPlan(name: "east", atMost: 100)
        var bench = GuardBench.ready([Self.guards(75), Self.guards(55), Self.guards(22)], feeders: [feeder])
        bench.want("one", true)
        bench.want("two", true)
        bench.want("three", true)
        bench.command("a", "two", true)
        #expect(bench.lastAnswer.hasPrefix("a refused: feeder east carries 75.0 of 100.0 (station/pump-1/run) and cannot take 55.0 more"))
        bench.after(100)
        #expect(bench.writes == ["one on@0.0"])
        bench.want("one", nil)
        #expect(bench.writes == ["one on@0.0", "one off@100.0", "two on@100.0", "three on@100.0"])
    }

    @Test("are not thought stopped before they read so")
    func stopping() {
        let feeder = FeederPlan(name: "east", atMost: 1)
        var bench = GuardBench.ready([Self.guards(), Self.guards()], feeders: [feeder])
        bench.want("one", true)
        bench.isSilent = true
        bench.want("one", nil)
        bench.answers("one", .failed("no answer"))
        bench.want("two", true)
        bench.after(0.9)
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
        bench.after(0.1)
        bench.answers("one", .echoed(.bool(false)))
        #expect(bench.writes == ["one on@0.0", "one off@0.0", "one off@1.0", "two on@1.0"])
    }

    @Test("wait for the stagger after the gateway's own start too, and for those that were not read yet")
    func ownStart() {
        let feeder = FeederPlan(name: "east", atMost: 2, stagger: .seconds(15))
        var bench = GuardBench([Self.guards(), Self.guards()], feeders: [feeder])
        bench.sees("one", .bool(false))
        bench.sees("two", .bool(false))
        bench.want("one", true)
        bench.want("two", true)
        bench.after(60)
        #expect(bench.writes == ["one on@15.0", "two on@30.0"])
        var blind = GuardBench([Self.guards(), Self.guards()], feeders: [FeederPlan(name: "east", atMost: 1)])
        blind.sees("one", .bool(false))
        blind.want("one", true)
        blind.after(120)
        #expect(blind.writes == ["one on@60.0"], "a silent device takes no share of the supply for ever")
    }

    @Test("a remote start within the stagger is refused, and told until when")
    func refusal() {
        let feeder = FeederPlan(name: "east", atMost: 9, stagger: .seconds(15))
        var bench = GuardBench.ready([Self.guards(), Self.guards()], feeders: [feeder])
        bench.want("one", true)
        bench.command("a", "two", true)
        #expect(bench.lastAnswer == "a refused: feeder east starts one machine every 15 s; it may start at 00:10:15Z")
        bench.after(15)
        bench.command("b", "two", true)
        #expect(bench.lastAnswer == "b confirmed")
    }
}
