import Telemetry
import Testing

@testable import Control

@Suite("A lock-out")
struct LockOutTests {
    @Test("stops the machine at once and lets nobody start it, life safety included", arguments: ["station/pump-1", "station/pump-1/run"])
    func locks(subject: String) {
        var guards = Guards()
        guards.minimumOn = .seconds(600)
        for guards in [Guards(), guards] {
            var bench = GuardBench.ready([guards, Guards()])
            bench.want("one", true)
            bench.after(5)
            guard case .done(let text) = bench.locks(subject) else { return #expect(Bool(false), "it is locked") }
            #expect(text == "locked out by the fitter (555-0100): a new seal; a software lock-out, not an isolation of energy")
            #expect(bench.writes == ["one on@0.0", "one off@5.0"])
            bench.want("one", true, .lifeSafety, by: "flood")
            bench.command("a", "one", true)
            #expect(bench.lastAnswer == "a refused: \(text)")
            bench.want("two", true)
            bench.after(5000)
            #expect(bench.writes == ["one on@0.0", "one off@5.0", "two on@5.0"])
            #expect(bench.arbiter.explain(GuardBench.id("one"), at: bench.now).contains(LockOut.warning))
        }
    }

    @Test("of several people is over with the last one's; only its own, or a supervisor with a reason, takes it away")
    func several() {
        var bench = GuardBench.ready(Guards())
        func unlock(_ holder: String, _ person: String, _ role: Role, _ reason: String) -> PersonAnswer {
            bench.asks { $0.unlock("station/pump-1", of: holder, by: person, as: role, reason: reason, at: $1) }
        }
        bench.want("one", true, .lifeSafety)
        _ = bench.locks("station/pump-1", by: "A")
        _ = bench.locks("station/pump-1", by: "B")
        #expect(bench.locks("station/pump-1", by: "B") == .refused("B has locked station/pump-1 out already"))
        for (role, reason) in [(Role.worker, "a reason"), (.supervisor, " ")] {
            guard case .refused(let why) = unlock("A", "B", role, reason) else { return #expect(Bool(false), "it is refused") }
            #expect(why.contains(LockOut.warning))
        }
        guard case .done = unlock("A", "C", .supervisor, "A has gone home") else { return #expect(Bool(false), "it is done") }
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
        guard case .done = unlock("B", "B", .worker, "") else { return #expect(Bool(false), "it is done") }
        #expect(bench.writes.last == "one on@0.0" && bench.writes.count == 3)
        #expect(unlock("B", "B", .worker, "") == .refused("B has not locked station/pump-1 out"))
    }

    @Test("ends what a person had ordered: it does not come back to life")
    func orders() {
        var bench = GuardBench.ready(Guards())
        bench.command("a", "one", true)
        _ = bench.locks("station/pump-1")
        _ = bench.asks { $0.unlock("station/pump-1", of: "the fitter", by: "the fitter", as: .worker, reason: "", at: $1) }
        bench.after(100)
        #expect(bench.writes == ["one on@0.0", "one off@0.0"])
    }

    @Test("survives a restart, before anything is read")
    func restart() {
        var bench = GuardBench.ready(Guards())
        _ = bench.locks("station/pump-1")
        bench.restart(after: .seconds(86_400 * 40))
        bench.want("one", true, .lifeSafety)
        bench.sees("one", .bool(false))
        bench.after(100)
        #expect(bench.writes.isEmpty)
        #expect(bench.arbiter.lockOuts.map(\.person) == ["the fitter"])
    }

    @Test("names what is commanded from here, a person, a phone number and a reason")
    func refuses() {
        var bench = GuardBench.ready(Guards())
        #expect(bench.locks("station/well") == .refused("'station/well' is no device or point that is commanded from here"))
        #expect(bench.locks("station/pump-1", by: " ") == .refused("a lock-out bears a person, a phone number and a reason"))
    }

    @Test("nobody can read keeps everything from starting, but stops nothing, until a supervisor says otherwise")
    func sealed() {
        var bench = GuardBench.ready([Guards(), Guards()])
        bench.want("one", true)
        bench.perform(bench.arbiter.seal(because: "the file of lock-outs cannot be read", at: bench.now))
        bench.want("two", true, .lifeSafety)
        bench.command("a", "two", true)
        #expect(bench.lastAnswer == "a refused: the file of lock-outs cannot be read")
        bench.after(100)
        #expect(bench.writes == ["one on@0.0"])
        #expect(bench.alarms == ["the file of lock-outs cannot be read"])
        let worker = bench.asks { $0.unseal(by: "A", as: .worker, reason: "it is fine", at: $1) }
        #expect(worker == .refused("only a supervisor with a reason may say so"))
        let supervisor = bench.asks { $0.unseal(by: "B", as: .supervisor, reason: "nobody is in the station", at: $1) }
        #expect(supervisor == .done("B lets machines start again: nobody is in the station"))
        #expect(bench.writes == ["one on@0.0", "two on@100.0"])
    }
}
