import Documents
import Rules
import Telemetry
import Testing

@Suite("A rule's hours")
struct ScheduleTests {
    /// The days of schedule.py.
    private static let calendar = """
        calendar: 1
        holidays: [[2026-09-25, 2026-09-27], [2026-10-01, 2026-10-07]]
        workdays: [2026-09-20, 2026-10-10]
        """

    private static func rule(_ body: String, calendar: String = calendar) -> (rule: Rule?, mistakes: [String]) {
        let mistakes = Mistakes()
        let days = DayCalendar.read(yaml: calendar, file: "calendar.yaml", into: mistakes)
        let context = RuleContext(directory: Drawing.farm, calendar: days)
        let rule = RuleFiles.read(
            yaml: "rule: 1\nabout: A test.\n" + body, file: "r.yaml", name: "r", kinds: [], context: context, into: mistakes)
        return (rule, mistakes.sorted.map { firstLine($0.message) })
    }

    private static func moment(_ seconds: Int64, isTrusted: Bool = true) -> Moment {
        Moment(monotonic: Monotonic(nanoseconds: 7), wall: Timestamp(milliseconds: seconds * 1000), isTrusted: isTrusted)
    }

    @Test("open and close at the seconds at which Python's calendar says so", arguments: ScheduleCase.all)
    func python(expected: ScheduleCase) throws {
        let (rule, mistakes) = Self.rule("during: \(expected.during)\nsay: it is time\n")
        try #require(mistakes == [])
        let start = Self.moment(expected.from)
        var rehearsal = Rehearsal(rules: [rule].compactMap { $0 }, directory: Drawing.farm, start: start)
        rehearsal.advance(to: start.advanced(by: .seconds(expected.to - expected.from - 1)))
        var flips = rehearsal.events.map { $0.time.milliseconds / 1000 }
        #expect(rehearsal.events.allSatisfy { $0.time.milliseconds % 1000 == 0 })
        if expected.isOpen, flips.first == expected.from { flips.removeFirst() }
        #expect(flips == expected.flips)
        #expect(expected.isOpen == (rehearsal.events.first?.time == start.wall))
    }

    @Test("end what the rule wants, and outside of them nothing it reads matters")
    func hours() throws {
        let body = """
            inputs: { soil: farm/zone-1/soil }
            when: soil < 20.0
            during: { hours: [06:00, 06:01] }
            then: [{ point: farm/zone-1/valve, value: true }]
            """
        let (rule, _) = Self.rule(body)
        // 05:59:50 in Asia/Shanghai.
        let start = Self.moment(1_782_000_000 - 1_782_000_000 % 86_400 - 2 * 3600 - 10)
        var rehearsal = Rehearsal(rules: [rule].compactMap { $0 }, directory: Drawing.farm, start: start)
        var shown: [String] = []
        for second in 1...90 {
            let now = start.advanced(by: .seconds(second))
            let reading: Reading = second > 80 ? .bad(.commFailure) : .good(.double(19))
            let sample = Drawing.farm.id(of: "farm/zone-1/soil").map { Sample(point: $0, time: now.wall, reading: reading) }
            rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: [sample].compactMap { $0 }))
            let valve = Drawing.farm.id(of: "farm/zone-1/valve").flatMap { rehearsal.wanted($0) }
            shown.append(valve == nil ? "." : "O")
        }
        #expect(shown.firstIndex(of: "O") == 9 && shown.lastIndex(of: "O") == 68)
        #expect(
            rehearsal.events.map(\.text) == [
                "wants farm/zone-1/valve true: soil 19 %",
                "lets go of farm/zone-1/valve true after 1 min, at the end of its hours: soil 19 %",
            ])
    }

    @Test("are not asked of a clock that is not believed: what is wanted is let go of")
    func untrusted() throws {
        let (rule, _) = Self.rule("during: { hours: [00:00, 24:00] }\nthen: [{ point: farm/zone-1/valve, value: true }]\n")
        var engine = RuleEngine(rules: [rule].compactMap { $0 })
        let view = View { _ in nil }
        let first = engine.tick(view: view, at: Self.moment(1_782_000_000))
        #expect(first.wants.map(\.value) == [.bool(true)])
        let later = Moment(monotonic: Monotonic(nanoseconds: 25_000_000_007), wall: Timestamp(milliseconds: 0), isTrusted: false)
        let second = engine.tick(view: view, at: later)
        #expect(second.wants.map(\.value) == [nil])
        #expect(
            second.events.map(\.text) == [
                "lets go of farm/zone-1/valve true: the clock is not to be trusted, and the rule asks for the time of day"
            ])
    }

    @Test(
        "can be written wrongly in ways that each have their sentence",
        arguments: [
            ("{ days: [monday] }", "there is no day 'monday'"), ("{ days: [mod] }", "there is no day 'mod'; did you mean 'mon'?"),
            ("{ hours: [6:00, 08:00] }", "write a beginning and an end, times of day such as [06:00, 08:30]"),
            ("{ hours: [06:00, 25:00] }", "write a beginning and an end, times of day"),
            ("{ hours: [06:00] }", "write a beginning and an end"), ("{ hours: [06:00, 06:00] }", "this window has no length"),
            ("{ season: [02-30, 03-01] }", "write a beginning and an end, days of"),
            ("{ dates: [2026-10-07, 2026-10-01] }", "'dates' end before they begin"),
            ("{ dates: [2026-13-01, 2026-12-01] }", "write a beginning"),
            ("{ zone: Asia/Shanghia }", "'Asia/Shanghia' is not a time zone"), ("[]", "'during' names no time"),
            ("{ hour: [06:00, 08:00] }", "a window of time has no key 'hour'; did you mean 'hours'?"),
            ("[{ zone: UTC }, { zone: Asia/Shanghai }]", "the windows of one rule are all of one time zone"),
        ])
    func wrong(during: String, sentence: String) {
        let found = Self.rule("during: \(during)\nsay: now\n").mistakes
        #expect(found.contains { $0.hasPrefix(sentence) }, "\(found)")
    }

    @Test(
        "rest on a calendar, whose mistakes are told",
        arguments: [
            ("calendar: 2", "'calendar' is the version of the format, and must be 1"),
            ("calendar: 1\nholidays: [2026-02-29]", "write a day as 2026-10-01"),
            ("calendar: 1\nholidays: [[2026-10-07, 2026-10-01]]", "write a day as 2026-10-01"),
            ("calendar: 1\nholidays: 2026-10-01", "'holidays' must be a list of days"),
            ("calendar: 1\nholidays: [2026-10-01]\nworkdays: [2026-10-01]", "2026-10-01 is both a holiday and a workday"),
        ])
    func calendars(yaml: String, sentence: String) {
        let found = Self.rule("during: { days: [workday] }\nsay: now\n", calendar: yaml).mistakes
        #expect(found.contains { $0.hasPrefix(sentence) }, "\(found)")
    }
}
