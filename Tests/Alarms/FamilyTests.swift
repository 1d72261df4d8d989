import Alarms
import Telemetry
import Testing

@Suite("parents, designs and first-outs")
struct FamilyTests {
    static let dead = "point: east/controller/beat\nwhen: { quality: bad }\n"
    static let high = "point: east/well/level\nwhen: { high: 80, deadband: 0 }\n"
    static let low = "point: east/pump-1/current\nwhen: { low: 2, deadband: 0 }\n"

    static func beat(_ watch: inout Watch) { watch.hear(["east/controller/beat": .good(.uint(1))]) }

    @Test("a dead station calls once, whatever its forty points do, and counts them")
    func deadStation() throws {
        var watch = try Watch([
            "dead": Self.dead,
            "silent": "points: [east/well/*, east/pump-*/*]\nwhen: { quality: bad }\nparent: dead",
        ])
        let points = Watch.county.points.filter { $0.name.site == "east" && $0.name.device != "controller" }
        for _ in 0..<3 {
            Self.beat(&watch)
            for point in points { watch.hear([point.name.description: .good(point.type == .double ? .double(1) : .bool(true))]) }
            watch.wait(.seconds(5))
        }
        #expect(watch.calls == 0)
        watch.wait(.seconds(60))
        #expect(watch.calls == 1)
        #expect(watch.letter("dead") == "B")
        #expect(watch.figures().suppressed == points.count)
        #expect(watch.figures().hiddenRaises == points.count)
        #expect(
            watch.changes.count(where: { $0.kind == .suppressed && !$0.isQuiet }) == 0, "no line for each child in the logbook")
    }

    @Test("a parent whose own device is dead hides its children too, and says that it cannot see")
    func unknownParent() throws {
        var watch = try Watch(["trip": "point: east/pump-1/running\nwhen: { is: false }", "low": Self.low + "parent: trip"])
        watch.hear(["east/pump-1/running": .good(.bool(true)), "east/pump-1/current": .good(.double(1))])
        #expect(watch.letter("low") == "B")
        watch.hear(["east/pump-1/running": .bad(.commFailure)])
        #expect(watch.letter("low") == "H")
        #expect(watch.summary("trip")?.isBlind == true)
    }

    @Test("a child that still holds comes up when its parent clears, and calls")
    func comesUp() throws {
        var watch = try Watch(["dead": Self.dead, "high": Self.high + "parent: dead"])
        watch.hear(["east/controller/beat": .bad(.commFailure)])
        watch.hear("east/well/level", 90)
        #expect(watch.letter("high") == "H")
        #expect(watch.summary("high")?.flags.active == true)
        watch.forget()
        Self.beat(&watch)
        #expect(watch.letter("high") == "B")
        #expect(watch.calls == 1)
    }

    @Test("a child nobody has heard of since its parent cleared waits for its next reading, but not for ever")
    func waitsToBeHeard() throws {
        for isHeard in [true, false] {
            var watch = try Watch(["dead": Self.dead, "high": Self.high + "parent: dead"])
            Self.beat(&watch)
            watch.hear("east/well/level", 90)
            watch.hear(["east/controller/beat": .bad(.commFailure), "east/well/level": .bad(.commFailure)])
            watch.forget()
            Self.beat(&watch)
            #expect(watch.letter("high") == "H")
            if isHeard {
                watch.hear("east/well/level", 10)
                #expect(watch.letter("high") == "A")
                #expect(watch.calls == 0)
            } else {
                watch.wait(.seconds(10))
                #expect(watch.letter("high") == "B")
                #expect(watch.kinds.contains(.blinded))
            }
        }
    }

    @Test("a grandparent hides the children of its children, and one out of service hides nobody")
    func generations() throws {
        var watch = try Watch([
            "high": Self.high + "parent: station", "station": Self.dead + "parent: link",
            "link": "point: west/controller/beat\nwhen: { quality: bad }",
        ])
        watch.hear(["west/controller/beat": .good(.uint(1)), "east/controller/beat": .good(.uint(1))])
        watch.hear("east/well/level", 90)
        #expect(watch.letter("high") == "B")
        watch.hear(["west/controller/beat": .bad(.commFailure)])
        #expect(watch.letter("station") + watch.letter("high") == "HH")
        watch.obey(.removeFromService(reason: "the link is being rebuilt"), "link")
        #expect(watch.letter("station") + watch.letter("high") == "AB")
    }

    @Test("what happens at one instant is told parents first, and otherwise in the order declared")
    func order() throws {
        var watch = try Watch([
            "c": FamilyTests.high + "parent: p", "b": FamilyTests.high, "a": FamilyTests.high,
            "p": "point: east/well/float\nwhen: { is: true }",
        ])
        watch.hear(["east/well/level": .good(.double(90)), "east/well/float": .good(.bool(true))])
        #expect(watch.changes.map(\.alarm) == ["b", "a", "p", "c"])
        #expect(watch.letter("c") == "H")
    }

    @Test("suppression by the plant's state ends with it, and only what is known hides an alarm")
    func byState() throws {
        var watch = try Watch(["low": Self.low + "suppressed-when: { point: running, is: false }"])
        watch.hear(["east/pump-1/running": .good(.bool(false)), "east/pump-1/current": .good(.double(0))])
        #expect(watch.letter("low") == "H")
        #expect(watch.calls == 0)
        watch.hear("east/pump-1/running", true)
        #expect(watch.letter("low") == "B")
        watch.hear("east/pump-1/running", false)
        #expect(watch.letter("low") == "H")
        watch.hear(["east/pump-1/running": .bad(.commFailure)])
        #expect(watch.letter("low") == "B")
    }

    @Test("the first of a group is marked until the group is reset, its sequel numbered within the window")
    func firstOut() throws {
        let group = "first-out: { group: station, within: 5s }"
        var watch = try Watch([
            "a": Self.high + group, "b": Self.low + group, "c": "point: east/well/float\nwhen: { is: true }\n" + group,
        ])
        watch.hear([
            "east/well/level": .good(.double(1)), "east/pump-1/current": .good(.double(9)),
            "east/well/float": .good(.bool(false)),
        ])
        watch.hear("east/pump-1/current", 1)
        watch.wait(.seconds(5))
        watch.hear("east/well/level", 90)
        watch.wait(.seconds(1))
        watch.hear("east/well/float", true)
        #expect(["a", "b", "c"].map { watch.summary($0)?.place } == [2, 1, nil])
        watch.hear("east/pump-1/current", 9)
        watch.hear("east/pump-1/current", 1)
        #expect(watch.summary("b")?.place == 1)
        #expect(watch.obey(.resetFirstOut, "station") == nil)
        #expect(["a", "b", "c"].map { watch.summary($0)?.place } == [nil, nil, nil])
        watch.hear("east/well/float", false)
        watch.hear("east/well/float", true)
        #expect(watch.summary("c")?.place == 1)
        #expect(watch.obey(.resetFirstOut, "statoin") == .unknown("statoin", nearest: "station"))
    }
}
