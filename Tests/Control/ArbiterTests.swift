import Telemetry
import Testing

@testable import Control

@Suite("The arbiter")
struct ArbiterTests {
    @Test("writes nothing to a point before it has been read, and says that it waits")
    func waitsForFirstReading() {
        var bench = Bench()
        bench.want("run", .bool(true), why: "level 3.2 m is above 3 m")
        bench.sees(("run", .bad(.commFailure)))
        bench.after(100)
        #expect(bench.writes.isEmpty)
        #expect(
            bench.events.map(\.text) == [
                "rule wants true (automatic): level 3.2 m is above 3 m; it waits until the point has been read"
            ])
        bench.sees("run", .bool(false))
        #expect(bench.writes == ["run=true@100.0"])
    }

    @Test("adopts what is as it should be, and writes nothing")
    func adopts() {
        var bench = Bench()
        bench.sees(("run", .good(.bool(true))), ("running", .good(.bool(true))))
        bench.want("run", .bool(true), why: "the well is full")
        bench.after(100)
        #expect(bench.writes.isEmpty)
        #expect(bench.arbiter.counters.adopted == 1)
        #expect(
            bench.events.last?.text == "is true already, as rule (automatic) wants: the well is full; adopted, nothing is written"
        )
    }

    @Test("gives rules ten seconds after a restart before a running pump is brought to its safe value")
    func startGrace() {
        var bench = Bench()
        bench.sees("run", .bool(true))
        bench.after(9.9)
        #expect(bench.writes.isEmpty)
        bench.after(0.1)
        #expect(bench.writes == ["run=false@10.0"])

        var spoken = Bench()
        spoken.sees("run", .bool(true))
        spoken.after(5)
        spoken.want("run", .bool(true))
        spoken.after(100)
        #expect(spoken.writes.isEmpty)
        spoken.want("run", nil)
        #expect(spoken.writes == ["run=false@105.0"])
    }

    @Test("confirms a command when the feedback follows, not before")
    func feedback() {
        var bench = Bench.ready()
        bench.want("run", .bool(true))
        bench.answers("run", .echoed(.bool(true)))
        bench.after(2)
        #expect(bench.arbiter.counters.confirmed == 0)
        bench.sees(("running", .bad(.commFailure)))
        #expect(bench.arbiter.counters.confirmed == 0)
        bench.sees("running", .bool(true))
        #expect(bench.arbiter.counters.confirmed == 1)
        #expect(bench.events.last?.text == "confirmed: reads true, and station/pump/running follows")
        bench.after(1000)
        #expect(bench.alarms.isEmpty && bench.writes.count == 1)
    }

    @Test("raises an alarm when the feedback does not follow in time, and ends it when it does after all")
    func diverges() {
        var bench = Bench.ready()
        bench.want("run", .bool(true))
        bench.answers("run", .echoed(.bool(true)))
        bench.sees("running", .bool(false))
        bench.after(9.9)
        #expect(bench.alarms.isEmpty)
        bench.after(0.1)
        #expect(bench.alarms == ["is true, but station/pump/running is still false after 10 s"])
        #expect(bench.arbiter.counters.diverged == 1)
        bench.after(50)
        bench.sees("running", .bool(true))
        #expect(bench.alarms.last == "is true after all, and station/pump/running follows; the alarm is over")
        #expect(bench.writes.count == 1)
    }

    @Test("raises an alarm when a confirmed machine trips, and when it runs without a command")
    func trips() {
        var bench = Bench.ready()
        bench.want("run", .bool(true))
        bench.answers("run", .echoed(.bool(true)))
        bench.sees("running", .bool(true))
        bench.after(1000)
        bench.sees("running", .bool(false))
        bench.after(5)
        bench.sees("running", .bool(true))
        bench.after(100)
        #expect(bench.alarms.isEmpty, "a short absence is forgiven")
        bench.sees("running", .bool(false))
        bench.after(10)
        #expect(bench.alarms == ["is true, but station/pump/running is still false for 10 s"])

        var idle = Bench.ready()
        idle.sees("running", .bool(true))
        idle.after(10)
        #expect(idle.alarms == ["is false, but station/pump/running is still true for 10 s"])
    }

    @Test("tries a failed write again after 1, 2, 4 … 60 s for as long as it is wanted, with one alarm")
    func backoff() {
        var bench = Bench.ready()
        bench.want("run", .bool(true))
        for _ in 0..<9 {
            bench.answers("run", .failed("no answer from unit 11"))
            bench.after(bench.arbiter.nextWake.map { ($0 - bench.now.monotonic).seconds } ?? 0)
        }
        #expect(
            bench.writes.map { $0.dropFirst("run=true@".count) } == [
                "0.0", "1.0", "3.0", "7.0", "15.0", "31.0", "63.0", "123.0", "183.0", "243.0",
            ])
        #expect(bench.alarms.count == 1)
        bench.answers("run", .refused("server device busy (exception 06)"))
        bench.want("run", nil)
        bench.after(1000)
        #expect(bench.writes.last == "run=false@243.0", "nobody knows whether the failed writes arrived")
        #expect(bench.writes.count == 11)
    }

    @Test("finds out by reading that a write which seemed to fail had arrived")
    func failedButArrived() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true))
        bench.answers("valve", .failed("timeout"))
        bench.after(0.5)
        bench.sees("valve", .bool(true))
        bench.after(100)
        #expect(bench.writes == ["valve=true@0.0"])
        #expect(bench.arbiter.counters.confirmed == 1)
    }

    @Test("does not take a reading from before a write for what came of it")
    func oldReadings() {
        var released = Bench.ready()
        released.want("valve", .bool(true))
        released.answers("valve", .failed("no answer"))
        released.want("valve", nil)
        #expect(released.writes.last == "valve=false@0.0", "nobody knows whether the first write arrived")

        var during = Bench.ready()
        during.want("speed", .double(10))
        during.answers("speed", .echoed(.double(10)))
        during.after(5)
        during.want("speed", .double(20))
        during.after(1)
        during.sees("speed", .double(10))
        during.answers("speed", .failed("no answer"))
        during.want("speed", .double(10))
        #expect(during.writes.last == "speed=10.0@6.0", "it read 10 before the second write was over")

        var stale = Bench.ready()
        stale.sees("speed", .double(10))
        stale.after(40)
        stale.want("speed", .double(10))
        #expect(stale.writes == ["speed=10.0@40.0"], "a stale reading is not good enough to adopt")
        stale.answers("speed", .failed("no answer"))
        stale.after(1)
        #expect(stale.writes.count == 2)
        stale.answers("speed", .unverified)
        stale.want("speed", .double(10))
        #expect(stale.arbiter.counters.confirmed == 0)
        stale.after(100)
        stale.want("speed", .double(10))
        #expect(stale.alarms == ["was written 10.0 Hz but could not be read within 10 s"])

        var machine = Bench.ready()
        machine.sees("running", .bool(true))
        machine.after(1)
        machine.want("run", .bool(true))
        machine.answers("run", .echoed(.bool(true)))
        #expect(machine.arbiter.counters.confirmed == 0, "that it ran before does not mean it obeys")
        machine.sees("running", .bool(true))
        #expect(machine.arbiter.counters.confirmed == 1)
    }

    @Test("takes the next reading for a readback where there was none, and raises an alarm without one")
    func unverified() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true))
        bench.answers("valve", .unverified)
        bench.after(1)
        bench.sees("valve", .bool(true))
        #expect(bench.arbiter.counters.confirmed == 1)

        var silent = Bench.ready()
        silent.want("valve", .bool(true))
        silent.answers("valve", .unverified)
        silent.after(10)
        #expect(silent.alarms == ["was written true but could not be read within 10 s"])
    }

    @Test("raises an alarm when the readback is not what was written, and writes again once a reading agrees with it")
    func wrongEcho() {
        var bench = Bench.ready()
        bench.want("speed", .double(40))
        bench.answers("speed", .echoed(.double(25)))
        #expect(bench.alarms == ["was written 40.0 Hz but reads back 25.0 Hz"])
        bench.after(3)
        bench.sees("speed", .double(25))
        bench.after(20)
        #expect(bench.writes == ["speed=40.0@0.0", "speed=40.0@10.0"])
    }

    @Test("takes a reading within half a step of the register for the value, and writes a step")
    func resolution() {
        var bench = Bench.ready()
        bench.want("speed", .double(20.04))
        bench.answers("speed", .echoed(.double(20)))
        bench.after(100)
        bench.sees("speed", .double(20))
        #expect(bench.writes.count == 1 && bench.alarms.isEmpty)
        bench.want("speed", .double(20.1))
        #expect(bench.writes.count == 2)
    }

    @Test("writes again when something else changed the point: at most every 10 s, ever slower, with one alarm")
    func relapses() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true))
        bench.answers("valve", .echoed(.bool(true)))
        bench.after(1)
        bench.sees("valve", .bool(false))
        bench.after(60)
        #expect(bench.writes.count == 1, "a reading right after the write may be from before it")
        for _ in 0..<200 {
            bench.sees("valve", .bool(false))
            if !bench.open.isEmpty { bench.answers("valve", .echoed(.bool(true))) }
            bench.after(1)
        }
        #expect(bench.writes.map { $0.dropFirst("valve=true@".count) } == ["0.0", "61.0", "81.0", "121.0", "181.0", "241.0"])
        #expect(bench.alarms.count == 1)
    }

    @Test("forgives a point that was changed by something else now and then")
    func calm() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true))
        for _ in 0..<6 {
            bench.answers("valve", .echoed(.bool(true)))
            bench.after(3600)
            bench.sees("valve", .bool(false))
        }
        #expect(bench.writes.count == 7 && bench.alarms.isEmpty)
    }

    @Test("stops by letting rules go and writing safe values, while a person's order stands")
    func stops() {
        var bench = Bench.ready()
        bench.want("run", .bool(true), .automatic)
        bench.answers("run", .echoed(.bool(true)))
        bench.want("valve", .bool(true), .manual, by: "the operator")
        bench.answers("valve", .echoed(.bool(true)))
        bench.stop()
        #expect(bench.writes.dropFirst(2) == ["run=false@0.0"])
        bench.answers("run", .echoed(.bool(false)))
        bench.want("run", .bool(true), .automatic)
        #expect(bench.writes.count == 3)
        #expect(bench.events.last?.text == "refused what rule wants: the gateway is stopping")

        var unread = Bench()
        unread.stop()
        #expect(unread.writes.isEmpty)
        #expect(unread.events.map(\.subject) == ["station/pump/run", "station/pump/valve"])
    }

    @Test("raises an alarm for a write that never comes back, and still writes nothing beside it")
    func overdue() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true))
        bench.after(30)
        bench.want("valve", nil)
        bench.after(1000)
        #expect(bench.alarms == ["the write of true has no outcome after 1 min"])
        bench.answers("valve", .failed("link down"))
        #expect(bench.writes == ["valve=true@0.0", "valve=false@1030.0"])
    }
}

extension Bench {
    /// Everything read once, at rest and adopted as it should be.
    static func ready() -> Bench {
        var bench = Bench()
        bench.sees(
            ("run", .good(.bool(false))), ("running", .good(.bool(false))), ("speed", .good(.double(0))),
            ("valve", .good(.bool(false))))
        return bench
    }
}
