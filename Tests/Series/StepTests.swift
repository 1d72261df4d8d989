import FoundationEssentials
import Telemetry
import Testing

@testable import Series

@Suite("Steps")
struct StepTests {
    @Test(
        "a step is read as it is written, and what rollups cannot fill is refused",
        arguments: [
            ("30s", "30s"), ("60s", "1m"), ("10m", "10m"), ("60m", "1h"), ("24h", "1d"), ("7d", "7d"), ("366d", "366d"), ("90s", nil),
            ("90m", nil), ("25h", nil), ("367d", nil), ("0s", nil), ("-1m", nil), ("1.5h", nil), ("10", nil), ("m", nil), ("", nil),
            ("1 m", nil), ("1w", nil), ("99999999999999999999s", nil), ("１m", nil),
        ] as [(String, String?)])
    func reading(text: String, step: String?) { #expect(Step(text)?.description == step) }

    @Test("rows cover the span, begin on the grid of UTC, and follow one another")
    func grid() throws {
        let edges = try #require(Step("10m")).edges(from: at(midnight + 1), to: at(midnight + 1_200_001), limit: 9) { _ in 3_600_000 }
        #expect(edges == [0, 1, 2, 3].map { midnight + $0 * 600_000 })
        let before = try #require(Step("1h")).edges(from: at(-1), to: at(1), limit: 9) { _ in 0 }
        #expect(before == [-3_600_000, 0, 3_600_000])
    }

    /// Clocks of Berlin in 2026: an hour ahead, two from 29 March 01:00 UTC to 25 October 01:00 UTC (tzdata 2025b, "Europe/Berlin").
    private static func berlin(_ time: Timestamp) -> Int64 {
        (1_774_746_000_000..<1_792_890_000_000).contains(time.milliseconds) ? 7_200_000 : 3_600_000
    }

    @Test(
        "a day begins at local midnight, and has 23, 24 or 25 hours",
        arguments: [("2026-03-28", [24, 23, 24]), ("2026-06-01", [24, 24, 24]), ("2026-10-24", [24, 25, 24])])
    func days(date: String, hours: [Int64]) throws {
        let from = try #require(Timestamp(iso8601: date + "T12:00:00Z"))
        let edges = try #require(Step("1d")).edges(from: from, to: from.advanced(by: .seconds(2 * 86_400)), limit: 9, offset: Self.berlin)
        #expect(zip(edges.dropFirst(), edges).map { ($0 - $1) / 3_600_000 } == hours)
        #expect(edges.allSatisfy { ($0 + Self.berlin(at($0))).isMultiple(of: 86_400_000) })
    }

    @Test("where clocks go forward at midnight the day begins at one; where they go back, at the first moment of the date")
    func midnights() throws {
        // São Paulo, 2018-11-04: 00:00 became 01:00, from three to two hours behind (tzdata 2025b, "America/Sao_Paulo").
        let forward: Int64 = 1_541_300_400_000
        let spring = { (time: Timestamp) in time.milliseconds < forward ? Int64(-10_800_000) : -7_200_000 }
        let edges = try #require(Step("1d")).edges(from: at(forward - 1), to: at(forward + 1), limit: 9, offset: spring)
        #expect(edges == [forward - 86_400_000, forward, forward + 82_800_000])
        // 2018-02-18: at 00:00 it became 23:00 of the 17th again.
        let back: Int64 = 1_518_919_200_000
        let autumn = { (time: Timestamp) in time.milliseconds < back ? Int64(-7_200_000) : -10_800_000 }
        let two = try #require(Step("1d")).edges(from: at(back - 1), to: at(back + 3_600_001), limit: 9, offset: autumn)
        #expect(two == [back - 86_400_000, back + 3_600_000, back + 90_000_000])
    }

    @Test("more rows than the limit are refused before any are made", arguments: ["1s", "1m", "1d"])
    func limit(text: String) throws {
        let step = try #require(Step(text))
        let end = at(midnight + step.milliseconds * 5)
        #expect(try step.edges(from: at(midnight), to: end, limit: 5) { _ in 0 }.count == 6)
        #expect(throws: Aggregation.TooManyBuckets.self) { try step.edges(from: at(midnight), to: end, limit: 4) { _ in 0 } }
        #expect(throws: Aggregation.TooManyBuckets.self) { try step.edges(from: at(midnight - 1), to: end, limit: 5) { _ in 0 } }
        #expect(throws: Aggregation.TooManyBuckets.self) { try step.edges(from: at(.min), to: at(.max), limit: 1 << 40) { _ in 0 } }
    }
}
