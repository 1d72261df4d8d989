import Telemetry
import Testing

@testable import Control

@Suite("Select before operate")
struct SelectDeskTests {
    private static let point = GuardBench.id("one")

    private static func select(_ bench: inout GuardBench, by person: String = "A") -> Selection? {
        try? bench.arbiter.select(point, .bool(true), by: person, token: "secret", at: bench.now).get()
    }

    private static func operate(
        _ bench: inout GuardBench, _ token: String = "secret", _ name: String = "one", _ value: Bool = true, by person: String = "A"
    ) -> String? {
        bench.arbiter.operate(token, GuardBench.id(name), .bool(value), by: person, at: bench.now)
    }

    @Test("echoes the point, the value and how every condition stands")
    func echo() {
        var guards = Guards()
        guards.selector = GuardBench.check("the selector stands on auto", "selector") { $0 == 2 }
        guards.permissives = [GuardBench.check("no fault", "fault") { $0 == 0 }]
        guards.startsPerHour = 0
        var bench = GuardBench.ready(guards)
        bench.sees("selector", .double(2))
        let selection = Self.select(&bench)
        #expect(selection?.point == "station/pump-1/run" && selection?.value == .bool(true))
        #expect(selection?.standings.map(\.says) == ["nobody works at it", "the selector stands on auto", "no fault"])
        #expect(selection?.standings.map { $0.objection == nil } == [true, true, false])
        #expect(selection?.until == bench.now.wall.advanced(by: .seconds(15)))
    }

    @Test("goes once, within fifteen seconds, if everything agrees")
    func once() {
        var bench = GuardBench.ready([Guards(), Guards()])
        _ = Self.select(&bench)
        bench.after(14.9)
        #expect(Self.operate(&bench) == nil)
        #expect(Self.operate(&bench) == "nothing is selected in station, or something else came in between; select it anew")
        _ = Self.select(&bench)
        bench.after(15)
        #expect(Self.operate(&bench) == "it was selected more than 15 s ago; select it anew")
    }

    @Test("refuses another token, point, value or person, and is used up by that", arguments: 0..<4)
    func agrees(case index: Int) {
        var bench = GuardBench.ready([Guards(), Guards()])
        _ = Self.select(&bench)
        let answer =
            switch index {
            case 0: Self.operate(&bench, "guess")
            case 1: Self.operate(&bench, "secret", "two")
            case 2: Self.operate(&bench, "secret", "one", false)
            default: Self.operate(&bench, by: "B")
            }
        #expect(answer == "this is not what was selected (station/pump-1/run, by A); select it anew")
        #expect(Self.operate(&bench) != nil)
    }

    @Test("is cancelled by any other select, stop or command in the site", arguments: 0..<3)
    func cancelled(case index: Int) {
        var bench = GuardBench.ready([Guards(), Guards()])
        _ = Self.select(&bench)
        switch index {
        case 0: _ = try? bench.arbiter.select(GuardBench.id("two"), .bool(true), by: "B", token: "other", at: bench.now).get()
        case 1: _ = bench.asks { $0.stop(GuardBench.id("two"), by: "B", at: $1) }
        default: bench.command("a", "two", false)
        }
        #expect(Self.operate(&bench) != nil)
    }
}
