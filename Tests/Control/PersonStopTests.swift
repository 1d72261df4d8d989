import Telemetry
import Testing

@testable import Control

@Suite("A person's stop")
struct PersonStopTests {
    private static func stop(_ bench: inout GuardBench, isConfirmed: Bool = false) -> PersonAnswer {
        bench.asks { $0.stop(GuardBench.id("one"), by: "the fitter", isConfirmed: isConfirmed, at: $1) }
    }

    private static func guards() -> Guards {
        var guards = Guards()
        guards.minimumOn = .seconds(600)
        guards.permissives = [GuardBench.check("no fault", "fault") { $0 == 0 }]
        return guards
    }

    @Test("is direct: neither a condition nor the least run stands against it")
    func direct() {
        var bench = GuardBench.ready(Self.guards())
        bench.sees("fault", .bool(false))
        bench.want("one", true)
        bench.sees("fault", .bool(true))
        #expect(Self.stop(&bench) == .done("stopped"))
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
    }

    @Test("against life safety is to be confirmed, holds for fifteen minutes at most, and then that is heard again")
    func confirmed() {
        var bench = GuardBench.ready(Guards())
        bench.want("one", true, .lifeSafety, by: "flood")
        let question = "to be confirmed: flood (life-safety) holds it at work: because; a confirmed stop lasts 15 min at most"
        #expect(Self.stop(&bench) == .toBeConfirmed(question))
        #expect(bench.writes == ["one on@0.0"])
        #expect(Self.stop(&bench, isConfirmed: true) == .done("stopped for 15 min at most; then flood (life-safety) is heard again"))
        #expect(bench.texts.contains("the fitter stops it against flood (life-safety), confirmed; that is heard again in 15 min"))
        bench.after(100)
        #expect(Self.stop(&bench) == .toBeConfirmed(question), "once more is asked anew, and does not let the first go")
        bench.after(799.9)
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
        bench.after(0.1)
        #expect(bench.writes.last == "one on@900.0")
    }

    @Test("from outside is asked and confirmed in the same way")
    func remote() {
        var bench = GuardBench.ready(Guards())
        bench.want("one", true, .lifeSafety, by: "flood")
        bench.command("a", "one", false)
        #expect(bench.lastAnswer.hasPrefix("a refused: to be confirmed: flood (life-safety) holds it at work"))
        bench.command("b", "one", false, isConfirmed: true)
        #expect(bench.lastAnswer == "b confirmed")
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
        bench.after(900)
        #expect(bench.writes.last == "one on@900.0")
    }
}
