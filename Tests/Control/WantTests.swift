import Telemetry
import Testing

@testable import Control

@Suite("The arbiter among those who want something")
struct WantTests {
    @Test("moves an owner's slot when it speaks with another urgency")
    func movesSlot() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true), .automatic, by: "a person")
        bench.answers("valve", .echoed(.bool(true)))
        bench.want("valve", .bool(true), .manual, by: "a person")
        bench.want("valve", .bool(false), .automatic, by: "rule")
        #expect(bench.writes.count == 1)
        bench.want("valve", nil, .manual, by: "a person")
        #expect(bench.writes.last == "valve=false@0.0")
    }

    @Test("hears the most urgent want, and the next one when its time is over")
    func priorities() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true), .automatic, by: "dry-soil")
        bench.answers("valve", .echoed(.bool(true)))
        bench.want("valve", .bool(false), .manual, by: "a person", for: .seconds(60))
        bench.answers("valve", .echoed(.bool(false)))
        bench.want("valve", .bool(true), .automatic, by: "other-rule")
        #expect(bench.events.last?.text.hasSuffix("a person (manual) is heard first and wants false") == true)
        bench.want("valve", .bool(false), .lifeSafety, by: "flood")
        bench.want("valve", nil, .lifeSafety, by: "flood")
        bench.after(59.9)
        #expect(bench.writes.count == 2)
        bench.after(0.1)
        #expect(bench.writes == ["valve=true@0.0", "valve=false@0.0", "valve=true@60.0"])
    }

    @Test("does not bring a person's replaced order back to life, nor let a waiting rule overtake")
    func sameLevel() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true), .manual, by: "a person")
        bench.answers("valve", .echoed(.bool(true)))
        bench.want("valve", .bool(false), .manual, by: "the fitter")
        bench.answers("valve", .echoed(.bool(false)))
        bench.want("valve", nil, .manual, by: "the fitter")
        bench.after(100)
        #expect(bench.writes == ["valve=true@0.0", "valve=false@0.0"])

        bench.want("valve", .bool(false), .automatic, by: "first")
        bench.want("valve", .bool(true), .automatic, by: "second")
        #expect(bench.writes.count == 2)
        bench.want("valve", nil, .automatic, by: "first")
        #expect(bench.writes.last == "valve=true@100.0")
    }

    @Test("lets a trip outrank an override of the same level")
    func tripOutranksOverride() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true), .lifeSafety, by: "high-high level")
        bench.answers("valve", .echoed(.bool(true)))
        bench.want("valve", .bool(false), .lifeSafety, by: "dry run")
        #expect(bench.writes.last == "valve=false@0.0")
    }

    @Test(
        "refuses what a point cannot be, with the reason",
        arguments: [
            ("speed", Value.double(45.5), "it is outside 0.0…45.0 Hz"), ("speed", .double(-0.1), "it is outside 0.0…45.0 Hz"),
            ("speed", .double(.nan), "it is not a number"), ("speed", .double(.infinity), "it is not a number"),
            ("speed", .int(3), "the point takes double, not int"), ("run", .double(1), "the point takes bool, not double"),
            ("level", .double(1), "the point is not an actuator"), ("running", .bool(true), "the point is not an actuator"),
        ])
    func refuses(name: String, value: Value, cause: String) {
        var bench = Bench.ready()
        let before = bench.events.count
        bench.want(name, value)
        bench.after(100)
        #expect(bench.writes.isEmpty)
        #expect(bench.arbiter.counters.refused == 1)
        #expect(bench.events.count == before + 1)
        #expect(bench.events.last?.text.hasSuffix(cause) == true, "\(bench.events.last?.text ?? "")")
    }

    @Test("refuses a want that came after its time, and leaves what stands")
    func tooLate() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true), by: "rule")
        bench.answers("valve", .echoed(.bool(true)))
        bench.after(1)
        bench.want("valve", .bool(false), .manual, by: "retained command", for: .seconds(-3))
        bench.want("valve", .bool(false), .manual, by: "late", for: .zero)
        #expect(bench.writes.count == 1)
        #expect(bench.arbiter.counters.refused == 2)
        #expect(bench.events.contains { $0.text.hasSuffix("it came too late; its time was over 3 s ago") })
    }

    @Test("neither writes nor records a want that is repeated, but keeps its new expiry")
    func repeats() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true), for: .seconds(10))
        bench.answers("valve", .echoed(.bool(true)))
        let events = bench.events.count
        for _ in 0..<20 {
            bench.after(5)
            bench.want("valve", .bool(true), for: .seconds(10), why: "still dry")
        }
        #expect(bench.writes.count == 1)
        #expect(bench.events.count == events)
        bench.after(10)
        #expect(bench.writes.last == "valve=false@110.0")
    }

    @Test("writes the latest winner after the write that is out, and only that")
    func latestWins() {
        var bench = Bench.ready()
        bench.want("speed", .double(10))
        bench.want("speed", .double(20))
        bench.want("speed", .double(30))
        #expect(bench.writes == ["speed=10.0@0.0"])
        bench.answers("speed", .echoed(.double(10)))
        #expect(bench.writes == ["speed=10.0@0.0", "speed=30.0@0.0"])
        bench.want("speed", .double(10))
        bench.want("speed", .double(30))
        bench.answers("speed", .echoed(.double(30)))
        #expect(bench.writes.count == 2)
    }

    @Test("gives the turn to the rule that waits when one repeats its want too late")
    func lateRepeat() {
        var bench = Bench.ready()
        bench.want("valve", .bool(true), by: "first", for: .seconds(10))
        bench.answers("valve", .echoed(.bool(true)))
        bench.want("valve", .bool(false), by: "second")
        bench.unwatched(.seconds(10))
        bench.want("valve", .bool(true), by: "first", for: .seconds(10))
        #expect(bench.writes.last == "valve=false@10.0")
    }

    @Test("explains a point in sentences")
    func explains() {
        var bench = Bench.ready()
        #expect(bench.explain("level") == "Nothing can be written to this point.")
        bench.want("valve", .bool(true), by: "dry-soil", for: .seconds(1200), why: "root zone dry")
        bench.answers("valve", .failed("timeout"))
        bench.want("valve", .bool(true), .manual, by: "a person", why: "test")
        #expect(
            bench.explain("valve")
                == "station/pump/valve reads false. a person (manual) wants true: test. Attempt 1 failed (timeout); the next is in 1 s. "
                + "dry-soil (automatic) waits with true for another 20 min: root zone dry.")
    }
}
