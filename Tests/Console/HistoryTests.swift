import Console
import FoundationEssentials
import Series
import Subprocess
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("History over HTTP")
struct HistoryTests {
    private struct Body: Decodable {
        struct Row: Decodable {
            let time: Int64, good: Int
            let min: Double?, max: Double?, mean: Double?, last: Double?, missing: Double?
            let why: String?
        }
        struct Gap: Decodable { let from: Int64, to: Int64, why: String }
        let point: String, every: String, source: String, rows: [Row], gaps: [Gap]
    }

    private struct ErrorBody: Decodable { let error: String }
    private struct Samples: Decodable { let gaps: [Body.Gap] }

    private let level = "xinzhuang-pump/well/level"
    private let midnight: Int64 = 1_782_000_000_000

    /// A reading every second, but for ten minutes of bad ones and a text that looks like a formula.
    private static func history(_ name: PointName, _ from: Timestamp, _ to: Timestamp, _ limit: Int) -> [HistoryRow] {
        let first = (from.milliseconds + 999) / 1000 * 1000
        return stride(from: first, through: to.milliseconds, by: 1000).prefix(limit).map { time in
            let second = time / 1000 % 3600
            let reading: Reading
            switch second {
            case 600..<1200: reading = .bad(.commFailure)
            default: reading = name.point == "selector" ? .good(.string("=HYPERLINK(\"x\")")) : .good(.double(Double(second) / 8))
            }
            return HistoryRow(time: Timestamp(milliseconds: time), reading: reading)
        }
    }

    @Test("rows of ten minutes have their figures; what was bad is a gap with its cause and never a value")
    func rows() async throws {
        try await serving(County(time: ManualTime()), history: { Self.history($0, $1, $2, $3) }) { _, site in
            let span = "from=\(midnight - 3_600_000)&to=\(midnight)"
            let body: Body = try await site.get("/api/history?point=\(level)&\(span)&every=10m").decoded()
            #expect(body.every == "10m" && body.source == "samples" && body.rows.count == 6)
            #expect(body.rows.map(\.time) == (0..<6).map { midnight - 3_600_000 + $0 * 600_000 })
            #expect(body.rows.map(\.good) == [600, 0, 600, 600, 600, 600])
            #expect(body.rows[0].min == 0 && body.rows[0].max == 599.0 / 8 && body.rows[0].mean == 599.0 / 16)
            #expect(body.rows[1].mean == nil && body.rows[1].last == nil)
            #expect(body.rows[1].why == "comm-failure" && body.rows[1].missing == 600)
            #expect(body.gaps.map(\.why) == ["comm-failure"] && body.gaps[0].to - body.gaps[0].from == 601_000)
        }
    }

    @Test("a sheet is read by another program as it was meant: names, dates, numbers, and no formula")
    func sheet() async throws {
        try await serving(County(time: ManualTime()), history: { Self.history($0, $1, $2, $3) }) { _, site in
            let span = "from=\(midnight - 3_600_000)&to=\(midnight)&format=csv"
            for (path, script) in [
                (
                    "point=\(level)&\(span)&every=10m",
                    """
                    assert len(rows) == 6 and rows[0]["time (Asia/Shanghai)"] == "2026-06-21 07:00:00", rows[0]
                    assert datetime.datetime.fromisoformat(rows[0]["UTC"]).timestamp() == 1781996400
                    assert rows[0][title + " max (m)"] == "74.875" and rows[1][title + " max (m)"] == ""
                    assert rows[1][title + " gap (s)"] == "600.0" and rows[1][title + " gap"] == "comm-failure"
                    """
                ),
                (
                    "point=\(level)&\(span)",
                    """
                    assert len(rows) == 3601 and rows[1][title + " (m)"] == "0.125", rows[1]
                    assert rows[599][title + " gap"] == "601.0 s comm-failure" and rows[600][title + " (m)"] == ""
                    assert rows[600][title + " quality"] == "bad"
                    """
                ),
                (
                    "point=xinzhuang-pump/pump-1/selector&\(span)&every=1h",
                    """
                    title = "新庄排灌站 1 号泵 xinzhuang-pump/pump-1/selector"
                    assert rows[0][title + " last (m)"] == "'=HYPERLINK(\\"x\\")", rows[0]
                    """
                ),
            ] {
                let answer = try await site.get("/api/history?\(path)")
                #expect(answer.status == 200 && answer.headers["content-type"] == "text/csv; charset=utf-8")
                let program = """
                    import csv, datetime, io, sys
                    data = sys.stdin.buffer.read()
                    assert data.startswith(b"\\xef\\xbb\\xbf") and data.count(b"\\n") == data.count(b"\\r\\n")
                    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
                    title = "新庄排灌站 集水池 xinzhuang-pump/well/level"
                    \(script)
                    """
                let result = try await run(
                    .name("python3"), arguments: ["-c", program], input: .string(answer.body), output: .discarded,
                    error: .string(limit: 1 << 16))
                #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
            }
        }
    }

    @Test(
        "what would be too much, or is no question, is refused with a way to ask better",
        arguments: [
            ("from=0&to=1782000000000&every=1m", "29700000 rows"), ("from=0&to=1782000000000&every=1m", "every=7d"),
            ("from=1781900000000&to=1782000000000&every=1s", "every=1m"), ("from=1781900000000&to=1782000000000&format=csv", "every=1m"),
            ("every=90s", "whole seconds (30s)"), ("every=-1m", "whole seconds (30s)"), ("every=1m&function=median", "time-weighted-mean"),
            ("function=min", "every=10m"), ("format=xml", "json, csv"), ("gap=soon", "30s"), ("gap=0s", "30s"),
            ("gap=99999999999999999999d", "30s"),
            ("from=1780000000000&to=1782000000000&every=1h&function=first", "7 days"),
            ("from=-9223372036854775808&to=9223372036854775807&every=1d", "5000 are the most"),
        ])
    func refusals(query: String, words: String) async throws {
        try await serving(County(time: ManualTime()), history: { Self.history($0, $1, $2, $3) }) { _, site in
            let answer = try await site.get("/api/history?point=\(level)&\(query)")
            #expect(answer.status == 400)
            let said: ErrorBody = try answer.decoded()
            #expect(said.error.contains(words))
        }
    }

    @Test("samples come with their gaps as well, and what is yet to come is none")
    func gaps() async throws {
        let asked = Mutex<[Duration?]>([])
        try await serving(
            County(time: ManualTime()),
            history: { name, from, to, limit in
                // Until five minutes before now, the truth ends there.
                asked.withLock { $0.append(to.since(from)) }
                return Self.history(name, from, to, limit).filter { $0.time.milliseconds < midnight - 300_000 }
            }
        ) { _, site in
            let span = "from=\(midnight - 600_000)&to=\(midnight + 86_400_000)"
            let body: Samples = try await site.get("/api/history?point=\(level)&\(span)").decoded()
            #expect(body.gaps.map(\.why) == ["device-silent"])
            #expect(body.gaps[0].from == midnight - 301_000 && body.gaps[0].to == midnight + 1)
            let rows: Body = try await site.get("/api/history?point=\(level)&\(span)&every=5m").decoded()
            #expect(rows.rows.count == 3 && rows.gaps.map(\.to) == [midnight + 1], "rows end with the one that now is in")
            let none: Samples = try await site.get("/api/history?point=\(level)&\(span)&gap=1h").decoded()
            #expect(none.gaps.isEmpty)
        }
    }
}

@Suite("The ledger on the console")
struct LedgerTests {
    private struct Body: Decodable {
        struct Destination: Decodable {
            let name: String, produced: Int, acknowledged: Int, pending: Int, expired: Int, dropped: Int, lost: Int, isBalanced: Bool
        }
        let produced: Int, stored: Int, lost: [String: Int], destinations: [Destination], isBalanced: Bool, discrepancies: [String]
    }

    @Test("every destination's account is there, and balances")
    func balanced() async throws {
        try await serving(County(time: ManualTime())) { _, site in
            let body: Body = try await site.get("/api/ledger").decoded()
            #expect(body.isBalanced && body.produced == 182_440 && body.lost == ["memory-full": 3])
            #expect(body.destinations.map(\.name) == ["victoria", "broker"] && body.destinations.map(\.dropped) == [0, 3])
            for to in body.destinations {
                #expect(to.isBalanced && to.produced == to.acknowledged + to.pending + to.expired + to.dropped + to.lost)
            }
        }
    }

    @Test("what does not add up is said, whoever says so", arguments: [(1, ""), (0, "10 samples produced, but 9 stored and 0 lost")])
    func unbalanced(astray: Int, words: String) async throws {
        let discrepancies = words.isEmpty ? [] : [words]
        let ledger = ConsoleLedger(
            produced: 10, stored: 10, lost: [:],
            destinations: [.init(name: "county", acknowledged: 10 - astray, pending: 0, expired: 0, refused: 0, unreadable: 0)],
            discrepancies: discrepancies)
        try await serving(County(time: ManualTime()), ledger: { ledger }) { _, site in
            let body: Body = try await site.get("/api/ledger").decoded()
            #expect(!body.isBalanced && body.discrepancies == discrepancies)
            #expect(body.destinations.map(\.isBalanced) == [astray == 0])
        }
    }

    @Test("many who look at it make the store add up once; two seconds later it is added up anew")
    func freshness() async throws {
        let time = ManualTime()
        let count = Mutex(0)
        let ask = { @Sendable () async throws -> ConsoleLedger in
            count.withLock { $0 += 1 }
            return Story.ledger
        }
        try await serving(County(time: time), ledger: ask) { _, site in
            for _ in 0..<5 { #expect(try await site.get("/api/ledger").status == 200) }
            #expect(count.withLock { $0 } == 1)
            await time.advance(by: .seconds(2))
            _ = try await site.get("/api/ledger")
            #expect(count.withLock { $0 } == 2)
        }
    }

    @Test("how the polled devices answer is in the status")
    func devices() async throws {
        try await serving(County(time: ManualTime())) { _, site in
            let body = try await site.get("/api/status").body
            #expect(body.contains("{\"name\":\"xinzhuang-pump/pump-2\",\"state\":\"down\"}") && body.contains("\"missedTicks\":3"))
        }
    }
}
