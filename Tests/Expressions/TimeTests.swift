import Testing

@testable import Expressions

@Suite("Timestamps and durations")
struct TimeTests {
    private func text(_ source: String) throws -> String { try Expression(source).evaluate { _ in nil }.text }

    /// Unix times of published moments: the epoch, the 1,234,567,890th second, the two ends of what RFC 3339 can write, the
    /// last second 32 bits count, and leap days of the Gregorian rule.
    @Test(
        "count seconds as POSIX does",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2009-02-13T23:31:30Z", 1_234_567_890), ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799), ("2038-01-19T03:14:07Z", 2_147_483_647), ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400), ("1900-03-01T00:00:00Z", -2_203_891_200), ("2000-03-01T00:00:00Z", 951_868_800),
        ] as [(String, Int64)])
    func seconds(text: String, seconds: Int64) throws {
        #expect(Timestamp(parsing: text)?.seconds == seconds)
        #expect(Timestamp(seconds: seconds)?.description == text)
    }

    @Test(
        "that do not exist are refused",
        arguments: [
            "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
            "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00",
            "2024-01-01T00:00:00+24:00", "2024-1-1T00:00:00Z", "2024-01-01T00:00:00.Z", "0000-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "", "2024-01-01T00:00:00Zz",
        ])
    func refused(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test("say any moment and read it back", arguments: 0..<4 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<2000 {
            let time = try #require(
                Timestamp(
                    seconds: Int64.random(in: Timestamp.range, using: &random),
                    nanoseconds: Int64.random(in: 0..<1_000_000_000, using: &random)))
            #expect(Timestamp(parsing: time.description) == time)
            let span = Span(nanoseconds: Int64.random(in: .min ... .max, using: &random))
            #expect(Span(parsing: span.description) == span)
        }
    }

    @Test(
        "are read with fractions, offsets and units",
        arguments: [
            ("timestamp('2023-08-26T12:39:00-07:00')", "timestamp('2023-08-26T19:39:00Z')"),
            ("timestamp('2009-02-13T23:31:30.120Z')", "timestamp('2009-02-13T23:31:30.12Z')"),
            ("duration('1h30m')", "duration('5400s')"), ("duration('-1.5h')", "duration('-5400s')"), ("duration('0')", "duration('0s')"),
            ("duration('1m1ms')", "duration('60.001s')"), ("duration('1h34us')", "duration('3600.000034s')"),
            ("duration('.5s')", "duration('0.5s')"), ("duration('-23.4s')", "duration('-23.4s')"),
            ("duration('90m') - duration('1h')", "duration('1800s')"),
            ("timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-28T00:00:00Z')", "duration('172800s')"),
            ("timestamp(0) + duration('-1ns')", "timestamp('1969-12-31T23:59:59.999999999Z')"),
            ("[timestamp(1), timestamp(0)].all(t, t < timestamp(2)) && duration('1s') < duration('2s')", "true"),
        ])
    func arithmetic(source: String, value: String) throws {
        #expect(try text(source) == value)
    }

    @Test("refuse what no duration can hold", arguments: ["", "1", "1d", "s", "1h-1m", "9223372037s", "1e3s", "1.s5", "--1s", "1 h", "inf"])
    func durations(text: String) {
        #expect(Span(parsing: text) == nil)
    }

    @Test("have no middle: what leaves the range is an error, not a wrap")
    func limits() {
        let last = "timestamp('9999-12-31T23:59:59.999999999Z')"
        let first = "timestamp('0001-01-01T00:00:00Z')"
        for source in [
            "\(last) + duration('1ns')", "\(first) - duration('1ns')", "\(last) - \(first)",
            "duration('9223372036s') + duration('1s')", "duration('-9223372036s') - duration('1s')",
            "timestamp(9223372036854775807)", "timestamp(0) - duration('-9223372036.854775808s')",
        ] {
            #expect(throws: EvaluationError.self, "\(source)") { try Expression(source).evaluate { _ in nil } }
        }
    }
}

@Suite("Time zones")
struct TimeZoneTests {
    static var hasDatabase: Bool { ZoneFile.read("/usr/share/zoneinfo/Europe/Paris") != nil }

    private func hours(_ zone: String, _ time: String) throws -> CELValue {
        try Expression("timestamp('\(time)').getHours('\(zone)')").evaluate { _ in nil }
    }

    /// The European Union changes at 01:00 UTC on the last Sundays of March and October (Directive 2000/84/EC); the United
    /// States at 02:00 local time on the second Sunday of March and the first of November (Energy Policy Act of 2005).
    @Test(
        "follow their changes to the second, also beyond the years a file lists",
        .enabled(if: hasDatabase, "there is no time zone database here"),
        arguments: [
            ("Europe/Paris", "2024-03-31T00:59:59Z", 1), ("Europe/Paris", "2024-03-31T01:00:00Z", 3),
            ("Europe/Paris", "2024-10-27T00:59:59Z", 2), ("Europe/Paris", "2024-10-27T01:00:00Z", 2),
            ("Europe/Paris", "2400-03-26T00:59:59Z", 1), ("Europe/Paris", "2400-03-26T01:00:00Z", 3),
            ("America/New_York", "2024-03-10T06:59:59Z", 1), ("America/New_York", "2024-03-10T07:00:00Z", 3),
            ("America/New_York", "2150-03-08T06:59:59Z", 1), ("America/New_York", "2150-03-08T07:00:00Z", 3),
            ("America/New_York", "2024-11-03T06:00:00Z", 1), ("Asia/Kathmandu", "2024-01-01T00:00:00Z", 5),
            ("Australia/Sydney", "2100-01-01T00:00:00Z", 11), ("Australia/Sydney", "2100-07-01T00:00:00Z", 10),
            ("UTC", "2024-01-01T07:00:00Z", 7),
        ] as [(String, String, Int64)])
    func transitions(zone: String, time: String, hour: Int64) throws {
        #expect(try hours(zone, time) == .int(hour))
    }

    @Test(
        "are offsets as well",
        arguments: [("+05:45", 5), ("-02:30", 21), ("02:00", 2), ("+00:00", 0), ("-23:59", 0)] as [(String, Int64)])
    func offsets(zone: String, hour: Int64) throws {
        #expect(try hours(zone, "2024-01-01T00:00:00Z") == .int(hour))
    }

    @Test(
        "that do not exist are an error that names them",
        arguments: ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "", "Europe/../UTC", "+25:00", "Europe", "+1:00", "UTC "])
    func missing(zone: String) throws {
        let error = #expect(throws: EvaluationError.self) { try hours(zone, "2024-01-01T00:00:00Z") }
        #expect(error?.message.contains("time zone '\(zone)'") == true, "\(error?.message ?? "")")
    }

    @Test("come from the loader they are given")
    func loader() throws {
        let footer = Array("\nXST4XDT,M3.2.0,M11.1.0\n".utf8)
        let header = Array("TZif2".utf8) + Array(repeating: 0, count: 15)
        let empty = header + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
        let file = empty + [0, 0, 0, 0, 0, 0, 0] + empty + [0, 0, 0, 0, 0, 0, 0] + footer
        let zones = TimeZones { name in name == "Test/Zone" ? file : nil }
        let functions = FunctionTable.standard(zones: zones)
        let expression = try Expression("at.getHours('Test/Zone')", functions: functions)
        let winter = try #require(Timestamp(parsing: "2024-01-15T12:00:00Z"))
        let summer = try #require(Timestamp(parsing: "2024-07-15T12:00:00Z"))
        #expect(try expression.evaluate { _ in .timestamp(winter) } == .int(8))
        #expect(try expression.evaluate { _ in .timestamp(summer) } == .int(9))
        #expect(throws: EvaluationError.self) {
            try Expression("at.getHours('Europe/Paris')", functions: functions).evaluate { _ in .timestamp(winter) }
        }
    }

    @Test("read from any bytes are a zone or none, never a crash", arguments: 0..<4 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = Seeded(seed)
        let real = ZoneFile.read("/usr/share/zoneinfo/Europe/Paris") ?? Array("TZif2".utf8) + Array(repeating: 0, count: 200)
        for _ in 0..<500 {
            var bytes = real
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<min(bytes.count, 120), using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count / 2, using: &random))
            guard let rules = ZoneRules(bytes) else { continue }
            for seconds in [Timestamp.range.lowerBound, 0, 1_700_000_000, Timestamp.range.upperBound] {
                #expect(abs(rules.offset(at: seconds)) < 1_000_000)
            }
        }
    }
}
