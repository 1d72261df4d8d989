import Rules
import Telemetry
import Testing

@Suite("A rule's budget")
struct BudgetTests {
    private static let failing = """
        inputs: { soil: farm/zone-1/soil }
        when: 100 / int(soil) > 5
        then: [{ point: farm/zone-1/valve, value: true }]
        """

    @Test("is spent by ten failures: it is set aside, named once, holds nothing, and is tried again after ten minutes")
    func aside() throws {
        var drawing = try Drawing(Self.failing)
        for _ in 0..<300 { _ = drawing.hears(["zone-1/soil": "0.5 0"]) }
        let part = try #require(drawing.rehearsal.engine.list.first?.parts.first)
        #expect(part.failed == 10 && part.state.phase == "set aside")
        let named = drawing.rehearsal.events.filter { $0.kind == .alarm }
        #expect(named.map(\.origin) == ["farm/rule-1"])
        #expect(named.first?.text.hasPrefix("failed 10 times within 10 min and is set aside for as long: ") == true)
        #expect(drawing.valve(1) == ".")
        // Nobody is asked meanwhile, whatever is read.
        let before = drawing.rehearsal.engine.judged
        #expect(drawing.hears(["zone-1/soil": "10 0 10"]) == drawn(". . ."))
        #expect(drawing.rehearsal.engine.judged == before)
        for _ in 0..<10 { _ = drawing.hears(["zone-1/soil": "10"]) }
        #expect(drawing.hears(["zone-1/soil": "10 10"]) == drawn("O O"))
    }

    @Test("leaves the other rules alone")
    func others() throws {
        var drawing = try Drawing(
            Self.failing, "inputs: { soil: farm/zone-2/soil }\nwhen: soil < 20.0\nthen: [{ point: farm/zone-2/valve, value: true }]\n")
        for _ in 0..<20 { _ = drawing.hears(["zone-1/soil": "0 0.5", "zone-2/soil": "19 30"], valve: 2) }
        #expect(drawing.hears(["zone-1/soil": "0 0.5", "zone-2/soil": "19 30"], valve: 2) == drawn("O ."))
    }

    @Test("bounds the cost of one evaluation: what costs more fails, and lets go")
    func cost() throws {
        let range = "[" + (0..<40).map(String.init).joined(separator: ", ") + "]"
        let body = """
            inputs: { soil: farm/zone-1/soil }
            when: "soil < 20.0 && \(range).all(a, \(range).all(b, \(range).all(c, a + b + c < 1000)))"
            then: [{ point: farm/zone-1/valve, value: true }]
            """
        var drawing = try Drawing(body)
        #expect(drawing.hears(["zone-1/soil": "30 19 30"]) == drawn(". . ."))
        #expect(drawing.told.first?.contains("the evaluation costs more than its limit") == true)
    }

    @Test("counts what each rule was asked")
    func counts() throws {
        var drawing = try Drawing("inputs: { soil: farm/zone-1/soil }\nwhen: soil < 20.0\n")
        let before = try #require(drawing.rehearsal.engine.list.first?.parts.first?.judged)
        _ = drawing.hears(["zone-1/soil": "30 19 30"])
        #expect(drawing.rehearsal.engine.list.first?.parts.first?.judged == before + 3)
    }
}
