import FoundationEssentials
import Telemetry
import Testing

@testable import Control

@Suite("What guards remember across a restart")
struct GuardSnapshotTests {
    private static func guards() -> Guards {
        var guards = Guards()
        (guards.minimumOn, guards.minimumOff, guards.startsPerHour) = (.seconds(60), .seconds(120), 2)
        return guards
    }

    private static func stopped() -> GuardBench {
        var bench = GuardBench.ready(guards())
        bench.want("one", true)
        bench.after(60)
        bench.want("one", nil)
        return bench
    }

    private static func start(_ bench: inout GuardBench) -> String? {
        let before = bench.writes.count
        bench.sees("one", .bool(false))
        bench.want("one", true)
        bench.after(4000)
        return bench.writes.count > before ? bench.writes[before] : nil
    }

    @Test("a rest goes on while the gateway is down")
    func rest() {
        var bench = Self.stopped()
        bench.restart(after: .seconds(50))
        #expect(Self.start(&bench) == "one on@70.0")
    }

    @Test("a clock that is not believed, or runs backwards, forgives nothing", arguments: [(-9000, true), (9000, false), (0, true)])
    func clock(jump: Int, isTrusted: Bool) {
        var bench = Self.stopped()
        bench.restart(after: .seconds(50), clock: .seconds(jump), isTrusted: isTrusted)
        #expect(Self.start(&bench) == "one on@120.0")
    }

    @Test("starts count on: the third of an hour waits for the first to be an hour ago")
    func starts() {
        var bench = Self.stopped()
        bench.after(200)
        bench.want("one", true)
        bench.after(60)
        bench.want("one", nil)
        bench.restart(after: .seconds(280))
        // The first was 600 s ago.
        #expect(Self.start(&bench) == "one on@3000.0")
    }

    @Test("a pump that ran and is found still was stopped just now, for all anybody knows")
    func found() {
        var bench = GuardBench.ready(Self.guards())
        bench.want("one", true)
        bench.restart(after: .seconds(3000))
        #expect(Self.start(&bench) == "one on@120.0")
    }

    @Test("who wanted it for too long must let go after a restart as well")
    func spent() {
        var guards = Guards()
        guards.longestRun = .seconds(600)
        var bench = GuardBench.ready(guards)
        bench.want("one", true)
        bench.after(600)
        bench.restart(after: .seconds(5))
        #expect(Self.start(&bench) == nil)
        bench.want("one", nil)
        bench.want("one", true)
        #expect(bench.writes.last == "one on@4000.0")
    }

    @Test("is the same once stored as JSON, and of another version is left aside with an event")
    func stored() throws {
        let bench = Self.stopped()
        let snapshot = bench.arbiter.guardSnapshot(at: bench.now)
        let data = try JSONEncoder().encode(snapshot)
        #expect(try JSONDecoder().decode(GuardSnapshot.self, from: data) == snapshot)
        let text = String(decoding: data, as: UTF8.self).replacing("\"version\":1", with: "\"version\":2")
        let other = try JSONDecoder().decode(GuardSnapshot.self, from: Data(text.utf8))
        var arbiter = GuardBench.ready(Self.guards()).arbiter
        let actions = arbiter.restore(other, at: bench.now)
        guard case .record(let event)? = actions.first else { return #expect(Bool(false), "an event") }
        #expect(event.text == "what was known of machines is of version 2, not 1: left aside")
    }
}
