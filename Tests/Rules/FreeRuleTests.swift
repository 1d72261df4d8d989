import Rules
import Telemetry
import Testing

@Suite("A rule without a kind")
struct FreeRuleTests {
    private func rule(_ more: String, when: String = "soil < 20.0") -> String {
        "inputs: { soil: farm/zone-1/soil }\nwhen: \(when)\nthen: [{ point: farm/zone-1/valve, value: true }]\n" + more
    }

    @Test("it wants while its condition holds, and says why once at either end")
    func wants() throws {
        var drawing = try Drawing(rule("say: root zone dry\n"))
        #expect(drawing.hears(["zone-1/soil": "30 19 18 17 20 19"]) == drawn(". O O O . O"))
        #expect(
            drawing.told == [
                "wants farm/zone-1/valve true: root zone dry: soil 19 %",
                "lets go of farm/zone-1/valve true after 3 s: soil 20 %",
                "wants farm/zone-1/valve true: root zone dry: soil 19 %",
            ])
    }

    @Test("`hold` is waited out, begins anew when the condition fails, and needs no reading to end")
    func hold() throws {
        var drawing = try Drawing(rule("hold: 3s\n"))
        #expect(
            drawing.hears(["zone-1/soil": "30 19 19 25 19 19 _ _ 19 25"])
                == drawn("              .  .  .  .  .  .  . O  O ."))
    }

    @Test("`until` holds what `when` began through the band between them")
    func until() throws {
        var drawing = try Drawing(rule("until: soil > 27.0\n"))
        #expect(
            drawing.hears(["zone-1/soil": "22 19 22 26 27 28 26 22 20 19"])
                == drawn("              .  O  O  O  O  .  .  .  .  O"))
    }

    @Test("an end that is already reached begins nothing")
    func contradiction() throws {
        var drawing = try Drawing(rule("until: soil < 25.0\n"))
        #expect(drawing.hears(["zone-1/soil": "30 19 19 19"]) == drawn(". . . ."))
        #expect(drawing.told.isEmpty)
    }

    @Test("`at-most` ends it on time without a reading, and it waits until the condition has failed once")
    func atMost() throws {
        var drawing = try Drawing(rule("at-most: 4s\n"))
        #expect(
            drawing.hears(["zone-1/soil": "19 _ _ 19 _ 19 19 25 19 19 19 19 19"])
                == drawn("              O  O O O  . .  .  .  O  O  O  O  ."))
        #expect(drawing.told[1] == "lets go of farm/zone-1/valve true after 4 s, its longest: soil 19 %")
    }

    @Test("after `at-most`, `rest` is waited out before it begins again by itself")
    func rest() throws {
        var drawing = try Drawing(rule("at-most: 2s\nrest: 3s\n"))
        #expect(
            drawing.hears(["zone-1/soil": "19 19 19 19 19 19 19 19 19 19 19 25 19 19 19 19"])
                == drawn("              O  O  .  .  .  O  O  .  .  .  O  .  .  .  O  O"))
    }

    @Test("a want of bounded time expires by itself at its end; another is a lease that is renewed while the rule lives")
    func expiry() throws {
        var bounded = try Drawing(rule("at-most: 2m\n"))
        var endless = try Drawing(rule(""))
        for _ in 0..<100 {
            _ = bounded.hears(["zone-1/soil": "19"])
            _ = endless.hears(["zone-1/soil": "19"])
        }
        let end = Drawing.start.monotonic + .seconds(121)
        #expect(bounded.rehearsal.wants.allSatisfy { $0.expires.map { $0 <= end } ?? false })
        #expect(bounded.rehearsal.wants.last?.expires == end)
        #expect(endless.rehearsal.wants.map(\.expires) == [61, 81, 101, 121, 141].map { Drawing.start.monotonic + .seconds($0) })
        #expect(bounded.told.count == 1 && endless.told.count == 1)
    }

    @Test("a bad input releases what is wanted, with one event that names it and its cause, and one when it is back")
    func bad() throws {
        var drawing = try Drawing(rule(""))
        #expect(drawing.hears(["zone-1/soil": "19 - - - - 30 19"]) == drawn("O . . . . . O"))
        #expect(
            drawing.told == [
                "wants farm/zone-1/valve true: soil 19 %",
                "lets go of farm/zone-1/valve true: farm/zone-1/soil is bad (comm-failure)",
                "judges again: soil 30 %",
                "wants farm/zone-1/valve true: soil 19 %",
            ])
    }

    @Test("silence releases it the moment the input goes stale, and the same value again revives it")
    func stale() throws {
        var drawing = try Drawing(rule(""))
        #expect(drawing.hears(["zone-1/soil": "19 _ _ _ _ _ 19 19"]) == drawn("O O O O . . O O"))
        #expect(drawing.told[1] == "lets go of farm/zone-1/valve true: farm/zone-1/soil is uncertain (stale)")
        #expect(drawing.told.count == 4)
        let released = drawing.rehearsal.events[1].time.since(Drawing.start.wall)
        #expect(released == .seconds(4))
    }

    @Test("an input that comes and goes each second is told of once a minute")
    func flapping() throws {
        var drawing = try Drawing("inputs: { soil: farm/zone-1/soil }\nwhen: soil < 20.0\n")
        for _ in 0..<60 { _ = drawing.hears(["zone-1/soil": "30 -"]) }
        #expect(drawing.told.count <= 4)
        for _ in 0..<60 { _ = drawing.hears(["zone-1/soil": "-"]) }
        #expect(drawing.told.last == "cannot judge: farm/zone-1/soil is bad (comm-failure)")
    }

    @Test("a point never read is waited for in silence, and told of after ten seconds")
    func neverRead() throws {
        var drawing = try Drawing(rule(""))
        _ = drawing.hears(["weather/rain": "0 0 0 0 0 0 0 0 0"])
        #expect(drawing.told.isEmpty)
        _ = drawing.hears(["weather/rain": "0 0 0 0"])
        #expect(drawing.told == ["cannot judge: farm/zone-1/soil was never read"])
    }

    @Test("a condition without a value this time is an input that is not good")
    func incomputable() throws {
        var drawing = try Drawing(rule("", when: "100 / int(soil) > 5"))
        #expect(drawing.hears(["zone-1/soil": "10 0 0 10"]) == drawn("O . . O"))
        #expect(drawing.told[1].hasSuffix("'when' cannot be judged: division by zero (soil 0 %)"))
    }

    @Test("a rule without `then` only says what it sees")
    func recording() throws {
        var drawing = try Drawing("inputs: { rain: farm/weather/rain }\nwhen: rain > 8.0\nsay: heavy rain\n")
        #expect(drawing.hears(["weather/rain": "0 9 9 3"]) == drawn(". . . ."))
        #expect(drawing.told == ["heavy rain: rain 9 mm/h", "over after 2 s: rain 3 mm/h"])
        #expect(drawing.rehearsal.wants.isEmpty)
    }

    @Test("for-each judges each device for itself: one dead probe shuts no other zone")
    func isolation() throws {
        let yaml = """
            for-each: farm/zone-*
            inputs: { soil: soil, rain: farm/weather/rain }
            when: soil < 20.0 && rain == 0.0
            then: [{ point: valve, value: true }]
            """
        var drawing = try Drawing(yaml)
        let rows: KeyValuePairs = [
            "weather/rain": "0  0  0  0  0  3",
            "zone-1/soil": " 18 18 -  -  -  -",
            "zone-2/soil": " 19 19 19 19 19 19",
            "zone-3/soil": " 40 40 40 19 19 19",
        ]
        let shown = drawing.hears(rows, valve: 2)
        #expect(shown == drawn("O O O O O ."))
        #expect(Set(drawing.rehearsal.wants.map(\.owner)) == ["farm/rule-1#zone-1", "farm/rule-1#zone-2", "farm/rule-1#zone-3"])
        let dead = drawing.rehearsal.events.filter { $0.subject == "farm/zone-1" }
        #expect(
            dead.map(\.text) == [
                "wants farm/zone-1/valve true: soil 18 %, rain 0 mm/h",
                "lets go of farm/zone-1/valve true: farm/zone-1/soil is bad (comm-failure)",
            ])
        #expect(drawing.rehearsal.engine.list[0].state == "1 cannot judge, 2 waiting")
    }
}
