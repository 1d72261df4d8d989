import Documents
import Rules
import Telemetry
import Testing

@Suite("Schedules and a clock that is set")
struct ScheduleClockTests {
    /// 2026-06-21 05:50:00 in Asia/Shanghai.
    private static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_781_992_200_000))

    /// Says so while it is between 06:00 and 06:10.
    private static func engine() throws -> RuleEngine {
        let mistakes = Mistakes()
        let yaml = "rule: 1\nabout: A test.\nduring: { hours: [06:00, 06:10] }\nsay: it is time\n"
        let rule = RuleFiles.read(
            yaml: yaml, file: "r.yaml", name: "r", kinds: [], context: RuleContext(directory: Drawing.farm), into: mistakes)
        try #require(mistakes.isEmpty)
        return RuleEngine(rules: [rule].compactMap { $0 })
    }

    /// Minutes of real time from the start at which something was said, while the wall clock is off by `offset(minute)` seconds.
    private static func said(minutes: Int, confirm: Int? = nil, offset: (Int) -> Int64?) throws -> [String] {
        var engine = try engine()
        var lines: [String] = []
        func note(_ events: [Event], _ minute: Int) {
            for event in events { lines.append("\(minute) \(event.text.prefix { $0 != "." && $0 != ":" && $0 != ";" && $0 != "," })") }
        }
        for second in stride(from: 0, through: minutes * 60, by: 10) {
            let minute = second / 60
            let real = start.advanced(by: .seconds(second))
            let shift = offset(minute)
            let now = Moment(
                monotonic: real.monotonic, wall: real.wall.advanced(by: .seconds(shift ?? -1_000_000_000)), isTrusted: shift != nil)
            if second == confirm.map({ $0 * 60 }), let event = engine.confirmClock(by: "Li", at: now) { note([event], minute) }
            note(engine.tick(view: View { _ in nil }, at: now).events, minute)
        }
        return lines
    }

    private static let undisturbed = ["10 it is time", "20 over after 10 min"]

    @Test("a clock that keeps time, or is corrected by less than a minute, is what schedules go by")
    func small() throws {
        #expect(try Self.said(minutes: 40) { _ in 0 } == Self.undisturbed)
        #expect(try Self.said(minutes: 40) { $0 >= 3 ? 60 : 0 } == ["9 it is time", "19 over after 10 min"])
        #expect(try Self.said(minutes: 40) { $0 >= 3 ? -59 : 0 } == ["11 it is time", "21 over after 10 min"])
    }

    @Test("never 18: a step into the hours begins nothing, and one out of them ends nothing, while it is in doubt")
    func doubt() throws {
        let forward = try Self.said(minutes: 22) { (8..<22).contains($0) ? 420 : 0 }
        #expect(
            forward == [
                "8 the clock was set forward by 7 min", "10 it is time", "20 over after 10 min",
                "22 the clock shows the time from before again",
            ])
        let out = try Self.said(minutes: 22) { (12..<22).contains($0) ? 3600 : 0 }
        #expect(
            out == [
                "10 it is time", "12 the clock was set forward by 1 h", "20 over after 10 min",
                "22 the clock shows the time from before again",
            ])
        let back = try Self.said(minutes: 30) { (12..<26).contains($0) ? -900 : 0 }
        #expect(
            back == [
                "10 it is time", "12 the clock was set back by 15 min", "20 over after 10 min",
                "26 the clock shows the time from before again",
            ])
    }

    @Test("a time that nobody contradicts for a quarter of an hour is believed; a person's word does it at once")
    func belief() throws {
        let alone = try Self.said(minutes: 40) { $0 >= 1 ? -900 : 0 }
        #expect(
            alone == [
                "1 the clock was set back by 15 min", "10 it is time", "16 schedules go by the clock's new time", "16 over after 6 min",
                "25 it is time", "35 over after 10 min",
            ])
        let confirmed = try Self.said(minutes: 40, confirm: 2) { $0 >= 1 ? -900 : 0 }
        #expect(
            confirmed == [
                "1 the clock was set back by 15 min", "2 schedules go by the clock's new time", "25 it is time", "35 over after 10 min",
            ])
        #expect(try Self.said(minutes: 5, confirm: 2) { _ in 0 } == [])
    }

    @Test("another step begins the doubt anew, and a clock that cannot be believed at all is not asked")
    func again() throws {
        let twice = try Self.said(minutes: 40) { $0 >= 10 ? 7200 : $0 >= 1 ? 3600 : 0 }
        #expect(
            twice == [
                "1 the clock was set forward by 1 h", "10 the clock was set forward by 2 h", "10 it is time", "20 over after 10 min",
                "25 schedules go by the clock's new time",
            ])
        var engine = try Self.engine()
        for (second, shift) in [(0, 0), (10, 3600)] {
            let now = Self.start.advanced(by: .seconds(second))
            _ = engine.tick(view: View { _ in nil }, at: Moment(monotonic: now.monotonic, wall: now.wall.advanced(by: .seconds(shift))))
        }
        let due = try #require(engine.nextWake)
        _ = engine.tick(view: View { _ in nil }, at: Moment(monotonic: due, wall: Self.start.wall, isTrusted: false))
        _ = engine.tick(view: View { _ in nil }, at: Moment(monotonic: due + .seconds(899), wall: Self.start.wall, isTrusted: false))
        #expect(engine.nextWake.map { $0 > due } == true, "a wake-up that is due is taken, whatever the clock says")
        let late = try Self.said(minutes: 40) { $0 < 5 ? nil : 0 }
        #expect(late.suffix(2) == ["10 it is time", "20 over after 10 min"])
        #expect(!late.contains { $0.contains("clock was set") })
    }
}
