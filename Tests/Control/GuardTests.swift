import Telemetry
import Testing

@testable import Control

@Suite("Guards of a pump")
struct GuardTests {
    private static func guards(_ change: (inout Guards) -> Void) -> Guards {
        var guards = Guards()
        change(&guards)
        return guards
    }

    @Test("an automatic stop waits for the least run; nobody else's does")
    func minimumOn() {
        let guards = Self.guards { $0.minimumOn = .seconds(60) }
        var bench = GuardBench.ready(guards)
        bench.want("one", true)
        bench.after(20)
        bench.want("one", nil)
        #expect(bench.arbiter.explain(GuardBench.id("one"), at: bench.now).contains("It runs for 1 min at least; it stops at 00:1"))
        bench.after(39.9)
        #expect(bench.writes == ["one on@0.0"])
        bench.after(0.1)
        #expect(bench.writes == ["one on@0.0", "one off@60.0"])
        #expect(bench.texts.count { $0.hasPrefix("waits to stop") } == 1, "the edge is recorded, and once")
        for priority in [Priority.manual, .lifeSafety] {
            var bench = GuardBench.ready(guards)
            bench.want("one", true)
            bench.after(5)
            bench.want("one", false, priority, by: "another")
            #expect(bench.writes == ["one on@0.0", "one off@5.0"])
        }
        var leaving = GuardBench.ready(guards)
        leaving.want("one", true)
        leaving.perform(leaving.arbiter.stop(at: leaving.now))
        #expect(leaving.writes == ["one on@0.0", "one off@0.0"], "a gateway that leaves waits for nothing")
    }

    @Test("every start waits for the least rest, life safety's too", arguments: Priority.allCases)
    func minimumOff(priority: Priority) {
        var bench = GuardBench.ready(Self.guards { $0.minimumOff = .seconds(120) })
        bench.want("one", true)
        bench.want("one", nil)
        bench.after(10)
        bench.want("one", true, priority, by: "another")
        bench.after(109.9)
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
        bench.after(0.1)
        #expect(bench.writes.count == (priority == .manual ? 2 : 3))
        if priority == .manual {
            let text = "refused another's true (manual): it rests for 2 min after a stop; it may start at 00:12:00Z"
            #expect(bench.texts.contains(text))
        } else {
            #expect(bench.writes.last == "one on@120.0")
            #expect(bench.texts.count { $0.hasPrefix("waits: another") } == 1)
        }
    }

    @Test("what nobody saw stop may just have stopped")
    func unknownRest() {
        var bench = GuardBench(Self.guards { $0.minimumOff = .seconds(120) })
        bench.after(30)
        bench.sees("one", .bool(false))
        bench.want("one", true)
        bench.after(200)
        #expect(bench.writes == ["one on@150.0"])
    }

    @Test("six starts in any hour, and the seventh waits until the first is an hour ago", arguments: [Priority.automatic, .lifeSafety])
    func startsPerHour(priority: Priority) {
        var bench = GuardBench.ready(Self.guards { $0.startsPerHour = 6 })
        for _ in 0..<6 {
            bench.want("one", true, priority)
            bench.after(60)
            bench.want("one", nil, priority)
            bench.after(240)
        }
        bench.want("one", true, priority)
        bench.after(1799.9)
        #expect(bench.writes.count { $0.contains(" on@") } == 6)
        bench.after(0.1)
        #expect(bench.writes.last == "one on@3600.0")
    }

    @Test("a remote start over the limit is refused, and told when the next may begin")
    func budgetRefusal() {
        var bench = GuardBench.ready(Self.guards { $0.startsPerHour = 1 })
        bench.command("a", "one", true)
        #expect(bench.lastAnswer == "a confirmed")
        bench.command("b", "one", false)
        bench.after(100)
        bench.command("c", "one", true)
        // The bench begins at 2026-06-21T00:00:00Z, and rests for ten minutes.
        #expect(bench.lastAnswer == "c refused: 1 start in the last hour; the next may begin at 01:10:00Z")
        bench.after(3500)
        bench.command("d", "one", true)
        #expect(bench.lastAnswer == "d confirmed")
    }

    @Test("a start that fails and is tried again is one start")
    func retries() {
        var bench = GuardBench.ready(Self.guards { $0.startsPerHour = 2 })
        bench.isSilent = true
        bench.want("one", true)
        for _ in 0..<5 {
            bench.answers("one", .failed("no answer"))
            bench.after(20)
        }
        #expect(bench.writes.count == 6)
        bench.answers("one", .echoed(.bool(true)))
        #expect(bench.arbiter.explain(GuardBench.id("one"), at: bench.now).contains("It has started 1 of 2 times in the last hour."))
    }

    @Test("a start at the machine itself counts, and a stop there is an alarm while it is wanted")
    func strangers() {
        var bench = GuardBench.ready(Self.guards {
            $0.startsPerHour = 2
            $0.minimumOff = .seconds(30)
        })
        bench.sees("one", .bool(true))
        #expect(bench.writes == ["one off@0.0"])
        bench.after(60)
        bench.want("one", true)
        bench.after(60)
        bench.sees("one", .bool(false))
        #expect(bench.alarms == ["was stopped by something else, against what is wanted"])
        bench.after(3000)
        #expect(bench.writes == ["one off@0.0", "one on@60.0"])
        bench.after(480)
        #expect(bench.writes.last == "one on@3600.0")
    }

    @Test("a run that is too long ends with an alarm, until whoever wanted it has let go", arguments: [Priority.automatic, .lifeSafety])
    func longestRun(priority: Priority) {
        var bench = GuardBench.ready(Self.guards {
            $0.longestRun = .seconds(3600)
            $0.minimumOff = .seconds(60)
        })
        bench.want("one", true, priority)
        bench.after(3599.9)
        #expect(bench.writes == ["one on@0.0"])
        bench.after(0.1)
        #expect(bench.writes == ["one on@0.0", "one off@3600.0"])
        #expect(bench.alarms == ["has run for 1 h, the longest it may; it shall be false until whoever wants it has let go"])
        bench.after(500)
        #expect(bench.writes.count == 2)
        #expect(bench.arbiter.explain(GuardBench.id("one"), at: bench.now).contains("rule has not let go since"))
        bench.want("one", nil, priority)
        bench.want("one", true, priority)
        #expect(bench.writes.last == "one on@4100.0")
    }

    @Test("a permissive must hold for a start, does not stop a pump at work, and does not hold unseen")
    func permissives() {
        let selector = GuardBench.check("the selector stands on auto", "selector") { $0 == 2 }
        let fault = GuardBench.check("no fault is latched", "fault") { $0 == 0 }
        var bench = GuardBench.ready(Self.guards {
            $0.selector = selector
            $0.permissives = [fault]
        })
        bench.command("a", "one", true)
        #expect(bench.lastAnswer == "a refused: 'the selector stands on auto' cannot be told: selector was never read")
        bench.sees("selector", .double(1))
        bench.want("one", true)
        bench.command("b", "one", true)
        #expect(bench.lastAnswer == "b refused: 'the selector stands on auto' does not hold: selector is 1.0")
        #expect(bench.texts.count { $0.hasPrefix("waits: rule (automatic) wants true: because; 'the selector") } == 1)
        bench.sees("selector", .double(2))
        bench.command("c", "one", true)
        #expect(bench.lastAnswer == "c refused: 'no fault is latched' cannot be told: fault was never read")
        #expect(bench.writes.isEmpty)
        bench.sees("fault", .bool(false))
        #expect(bench.writes == ["one on@0.0"])
        bench.sees("fault", .bool(true))
        bench.after(500)
        #expect(bench.writes == ["one on@0.0"])
        bench.want("one", nil)
        bench.sees("fault", .bool(false))
        bench.sees("selector", .double(2))
        bench.after(30)
        bench.want("one", true)
        #expect(bench.writes.last == "one on@530.0", "as old as it may be")
        bench.want("one", nil)
        bench.after(0.1)
        bench.command("d", "one", true)
        #expect(bench.lastAnswer == "d refused: 'the selector stands on auto' cannot be told: selector is stale")
    }

    @Test("people are told in the order of the checks: locks, selector, trips, what is unseen, what fails, starts")
    func order() {
        let dry = GuardBench.check("the well is dry", "level") { $0 < 1 }
        var bench = GuardBench.ready(Self.guards {
            $0.selector = GuardBench.check("auto", "selector") { $0 == 2 }
            $0.permissives = [GuardBench.check("not full", "level") { $0 > 5 }, GuardBench.check("no fault", "fault") { $0 == 0 }]
            $0.interlocks = [Interlock(dry, isLatched: true)]
            $0.startsPerHour = 0
        })
        func refusal() -> String { bench.lastAnswer.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? "" }
        bench.sees("selector", .double(1))
        bench.sees("level", .double(0))
        #expect(bench.locks("station/pump-1") != .refused(""))
        bench.command("a", "one", true)
        #expect(refusal().hasPrefix("locked out by the fitter"))
        #expect(refusal().hasSuffix("a software lock-out, not an isolation of energy"))
        _ = bench.asks { $0.unlock("station/pump-1", of: "the fitter", by: "the fitter", as: .worker, reason: "", at: $1) }
        bench.command("b", "one", true)
        #expect(refusal() == "'auto' does not hold: selector is 1.0")
        bench.sees("selector", .double(2))
        bench.command("c", "one", true)
        #expect(refusal() == "interlock: the well is dry (kept until a person resets it)")
        bench.sees("level", .double(4))
        _ = bench.asks { $0.reset("the well is dry", of: GuardBench.id("one"), by: "the fitter", at: $1) }
        bench.command("d", "one", true)
        #expect(refusal() == "'no fault' cannot be told: fault was never read")
        bench.sees("fault", .bool(false))
        bench.command("e", "one", true)
        #expect(refusal() == "'not full' does not hold: level is 4.0")
        bench.sees("level", .double(6))
        bench.command("f", "one", true)
        #expect(refusal().hasPrefix("0 starts in the last hour"))
    }
}
