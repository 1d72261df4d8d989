import Documents
import Testing

@Suite("Mistakes in the staging of a pump band")
struct PumpBandMistakeTests {
    private static let band = "start-at: 2\nstop-at: 1\n"
    private static let profile = "profiles: [{ name: low, during: { hours: [[22:00, 06:00]] }, "

    private static let cases: [(terms: String, pumps: [String], sentence: String)] = [
        ("start-at: 2\nstop-at: 1.9", [""], "2 is only 0.1 m from 1.9, and less than 0.15 m is a wave"),
        (band + "lag-at: 2.1", ["", ""], "2.1 is only 0.1 m from 2, and less than 0.15 m is a wave"),
        (band + "lag-at: [2.2, 2.3]", ["", "", ""], "2.3 is only 0.1 m from 2.2"),
        (band + "minimum-band: 1.5", [""], "2 is only 1 m from 1, and less than 1.5 m is a wave"),
        (band + "minimum-band: -1", [""], "'minimum-band' cannot be negative"),
        (band + "alternate: hour", [""], "'alternate' cannot be 'hour'; did you mean 'hours'?"),
        (band + "alternate: hours", [""], "a pump needs 'hours'"),
        (band, ["hours: group/pump-1/hours"], "'hours' counts for a duty pump under 'alternate: hours' alone"),
        (band + "alternate: hours", ["hours: group/pump-1/ok"], "'group/pump-1/ok' counts no hours: it holds no number"),
        (band, ["role: jokey"], "'role' cannot be 'jokey'; did you mean 'jockey'?"),
        (band, ["role: standby"], "no pump is on duty on an ordinary day"),
        (band + "lag-at: 2.5", ["", "role: standby"], "'lag-at' names 1 levels for the pumps after the first, and there are 0"),
        (band + "flood-at: 3", [""], "'flood-at' is for pumps with 'role: flood', and there is none"),
        (band, ["", "role: flood"], "a rule needs 'flood-at'"),
        (band + "lag-at: 3\nflood-at: 2.9", ["", "", "role: flood"], "'flood-at' 2.9 must be above 3"),
        (band + "lag-at: 3\nflood-at: 3.1", ["", "", "role: flood"], "3.1 is only 0.1 m from 3"),
        (band + "profiles: [{ name: low, start-at: 1.5, stop-at: 1 }]", [""], "a profile needs 'during' or 'when'"),
        (band + profile + "start-at: 1, stop-at: 2 }]", [""], "this profile is for filling, and the rule is for draining"),
        (band + profile + "start-at: 1.5, stop-at: 1.4 }]", [""], "1.5 is only 0.1 m from 1.4"),
        (band + profile + "stop-at: 1.4 }]", [""], "a profile needs 'start-at'"),
        (band + profile + "start-at: 3, stop-at: 1.4, lag-at: 4 }]", [""], "'lag-at' names 1 levels for the pumps after the first"),
        (band + "sump: { area: 20 }", [""], "a sump needs 'pump-flow'"),
        (band + "sump: { area: 20, pump-flow: 0 }", [""], "'pump-flow' must be more than 0"),
    ]

    private static func mistakes(_ terms: String, _ pumps: [String], level: String = "level") -> [String] {
        let mistakes = Mistakes()
        _ = PumpGroup.read(PumpGroup.yaml(terms, pumps: pumps, level: level), into: mistakes)
        return mistakes.sorted.map { "\($0.message.prefix { $0 != "\n" })" }
    }

    @Test("each have their sentence", arguments: cases.indices)
    func one(index: Int) {
        let (terms, pumps, sentence) = Self.cases[index]
        let found = Self.mistakes(terms, pumps)
        #expect(found.contains { $0.hasPrefix(sentence) }, "\(found)")
    }

    @Test("of a sump too small for the starts it would cause are found by check: V = T·Q/4")
    func sump() {
        // 20 m2 and 1 m are 20 m3. One pump of 480 m3/h may have six starts an hour with that, and no more.
        #expect(Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 480 }", [""]) == [])
        #expect(
            Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 481 }", [""]) == [
                "between 2 and 1 m the sump holds 20 m3: a pump of 481 m3/h would start 6.012 times an hour at the worst inflow, "
                    + "more than 6; it takes 20.042 m3 (V = T·Q/4; GB 50014-2021, 6.3.1)"
            ])
        // Two that take turns may be twice as large; two in a fixed order, or behind a jockey, may not.
        #expect(Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 960 }", ["", ""]) == [])
        #expect(Self.mistakes(Self.band + "alternate: fixed\nsump: { area: 20, pump-flow: 960 }", ["", ""]).count == 1)
        #expect(Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 960 }", ["", "", "role: jockey"]).count == 1)
        #expect(Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 481, starts-per-hour: 10 }", [""]) == [])
    }

    @Test("of a sewage sump that holds less than five minutes of its largest pump are found by check (GB 50014-2021, 6.3.1)")
    func sewage() {
        // Five minutes of 240 m3/h are 20 m3.
        #expect(Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 240, water: sewage }", [""]) == [])
        let found = Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 252, water: sewage }", [""])
        #expect(found.count == 1 && found[0].contains("for sewage it takes 5 min of its largest pump, 21 m3"), "\(found)")
        #expect(Self.mistakes(Self.band + "sump: { area: 20, pump-flow: 400, water: storm }", [""]) == [])
    }

    @Test("of a sump whose level is no length, or of no minimum band there, are told apart")
    func percent() {
        #expect(Self.mistakes("start-at: 50\nstop-at: 49.9", [""], level: "level-percent") == [])
        let found = Self.mistakes("start-at: 50\nstop-at: 20\nsump: { area: 20, pump-flow: 100 }", [""], level: "level-percent")
        #expect(found == ["'group/well/level-percent' is in %: the volume of a sump needs m, cm or mm"])
    }
}
