import Telemetry
import Testing

@testable import Control

@Suite("An interlock")
struct InterlockTests {
    private static let dry = GuardBench.check("the well is nearly dry", "level") { $0 < 0.9 }

    private static func bench(_ interlock: Interlock) -> GuardBench {
        var guards = Guards()
        guards.interlocks = [interlock]
        guards.minimumOn = .seconds(600)
        var bench = GuardBench.ready(guards)
        bench.sees("level", .double(2))
        bench.forget()
        return bench
    }

    @Test("forces the safe value after its delay, above life safety, and waits for no least run", arguments: Priority.allCases)
    func forces(priority: Priority) {
        var bench = Self.bench(Interlock(Self.dry, for: .seconds(3)))
        bench.want("one", true, priority)
        bench.after(10)
        bench.sees("level", .double(0.8))
        bench.after(2.9)
        #expect(bench.writes == ["one on@0.0"])
        bench.after(0.1)
        #expect(bench.writes == ["one on@0.0", "one off@13.0"])
        #expect(bench.alarms == ["interlock: the well is nearly dry; it shall be false, whoever wants otherwise"])
        bench.sees("level", .double(0.9))
        let last = priority == .manual ? "one off@13.0" : "one on@13.0"
        #expect(bench.writes.last == last, "and is over with its cause; what a person had ordered does not come back to life")
    }

    @Test("ends a person's start for good, and tells whoever gave it", arguments: [true, false])
    func drops(isSilent: Bool) {
        var bench = Self.bench(Interlock(Self.dry, for: .seconds(3)))
        bench.isSilent = isSilent
        bench.command("1", "one", true)
        bench.sees("level", .double(0.8))
        bench.after(4)
        bench.sees("level", .double(2))
        bench.isSilent = false
        bench.after(600)
        #expect(bench.writes.count { $0.contains("on@") } == 1, "\(bench.writes)")
        #expect(bench.texts.contains { $0.contains("loses true: the well is nearly dry") }, "\(bench.texts)")
        if isSilent { #expect(bench.lastAnswer.hasPrefix("1 superseded: the well is nearly dry"), "\(bench.lastAnswer)") }
    }

    @Test("does not trip on a cause that passes within its delay")
    func passes() {
        var bench = Self.bench(Interlock(Self.dry, for: .seconds(3)))
        bench.want("one", true)
        bench.sees("level", .double(0.8))
        bench.after(2.9)
        bench.sees("level", .double(1))
        bench.after(20)
        #expect(bench.writes == ["one on@0.0"])
    }

    @Test("lets nothing start while there is cause, however short")
    func start() {
        var bench = Self.bench(Interlock(Self.dry, for: .seconds(3)))
        bench.sees("level", .double(0.8))
        bench.command("a", "one", true)
        #expect(bench.lastAnswer == "a refused: interlock: the well is nearly dry")
        #expect(bench.writes.isEmpty)
    }

    @Test("forces the safe value too when it cannot see, unless its plan lets that pass", arguments: Interlock.Blindness.allCases)
    func blind(blindness: Interlock.Blindness) {
        var bench = Self.bench(Interlock(Self.dry, for: .seconds(3), whenBlind: blindness))
        bench.want("one", true)
        bench.after(30)
        #expect(bench.writes == ["one on@0.0"])
        bench.after(3.1)
        #expect(bench.writes.count == (blindness == .trip ? 2 : 1), "a reading may be 30 s old")
        if blindness == .trip {
            let text = "interlock: 'the well is nearly dry' cannot be told: level is stale; it shall be false, whoever wants otherwise"
            #expect(bench.alarms == [text])
        }
        bench.sees("level", .double(2))
        #expect(bench.writes.last?.hasPrefix("one on") == true)
    }

    @Test("that has seen nothing yet does not stop a pump that was found running, for the first ten seconds")
    func dawn() {
        var guards = Guards()
        guards.interlocks = [Interlock(Self.dry)]
        var bench = GuardBench(guards)
        bench.sees("one", .bool(true))
        bench.want("one", true)
        bench.after(9)
        bench.sees("level", .double(2))
        bench.after(20)
        #expect(bench.writes.isEmpty)
        var other = GuardBench(guards)
        other.sees("one", .bool(true))
        other.want("one", true)
        other.after(20)
        #expect(other.writes == ["one off@10.0"])
    }

    @Test("that is latched stays until a person resets it and its cause is gone, across restarts as well")
    func latched() {
        var bench = Self.bench(Interlock(Self.dry, isLatched: true))
        let reset: (inout Arbiter, Moment) -> Arbiter.Answered = {
            $0.reset("the well is nearly dry", of: GuardBench.id("one"), by: "the fitter", at: $1)
        }
        bench.want("one", true)
        bench.sees("level", .double(0.8))
        #expect(bench.asks(reset) == .refused("its cause is not gone: the well is nearly dry"))
        bench.sees("level", .double(2))
        bench.after(1000)
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
        bench.restart(after: .seconds(60))
        bench.sees("one", .bool(false))
        bench.sees("level", .double(2))
        bench.want("one", true)
        bench.after(30)
        #expect(bench.writes.count == 2)
        bench.sees("level", .double(2))
        #expect(bench.asks(reset) == .done("the fitter resets the interlock: the well is nearly dry"))
        #expect(bench.writes.last == "one on@30.0")
        #expect(bench.asks(reset) == .refused("'the well is nearly dry' needs no reset"))
    }

    @Test("that was only blind needs no reset")
    func blindIsNotLatched() {
        var bench = Self.bench(Interlock(Self.dry, isLatched: true))
        bench.want("one", true)
        bench.sees("level", .bad(.commFailure))
        #expect(bench.writes.last == "one off@0.0")
        bench.sees("level", .double(2))
        #expect(bench.writes.last == "one on@0.0" && bench.writes.count == 3)
    }
}
