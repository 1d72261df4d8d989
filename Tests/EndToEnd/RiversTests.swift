import CountyServers
import Foundation
import Gateway
import Historian
import Subprocess
import Telemetry
import Testing

@Suite("the two rivers", .serialized)
struct RiversTests {
    /// What the console's API says of a point.
    private struct Shown: Decodable {
        let name: String
        let value: Double?
        let quality: String
    }

    /// Everything the database holds, by point and time.
    private func held(_ live: LiveCounty) async throws -> Int {
        let report = try await RunReport(folder: live.data, series: live.series, received: nil)
        return report.receivers.first?.holds ?? 0
    }

    @Test("a value set in the field arrives unchanged in history, in the county's database and on the page")
    func unchanged() async throws {
        try await LiveCounty.serve(seed: 5) { live in
            try await live.gateway { _, console in
                #expect(live.county.set("xinzhuang-pump/well/level", to: 3.217))
                #expect(live.county.set("baihe-farm/zone-3/moisture-40", to: 31.4))
                #expect(live.county.set("fleet/bin-07/fill", to: 61.5))
                let set = ["xinzhuang-pump/well/level": 3.217, "baihe-farm/zone-3/moisture-40": 31.4]
                for (point, value) in set {
                    try await eventually("\(point) is \(value) in history") {
                        let (status, csv) = try await live.headgate("history", point, "--data", live.data, "--from", "10m")
                        return status == .exited(0) && csv.contains(",\(value),")
                    }
                    try await eventually("\(point) is \(value) in VictoriaMetrics") {
                        let name = point.split(separator: "/").map(String.init)
                        _ = try await get(live.series + "/internal/force_flush")
                        let export = try await get(
                            live.series + "/api/v1/export?start=0&end=4102444800&match%5B%5D=headgate_value%7Bsite=%22\(name[0])%22,"
                                + "device=%22\(name[1])%22,point=%22\(name[2])%22%7D")
                        return export.contains("\(value)")
                    }
                    try await eventually("\(point) is \(value) on the API") {
                        try await get(console + "/api/points").contains("\(value)")
                    }
                }
                try await eventually("3.217 is on the page") {
                    try await page(console + "/water").contains("3.217")
                }
            }
        }
    }

    /// The page as a real browser shows it, scripts run.
    private func page(_ url: String) async throws -> String {
        let result = try await run(
            .name("chromium"),
            arguments: ["--headless", "--no-sandbox", "--disable-gpu", "--timeout=4000", "--dump-dom", url],
            output: .string(limit: 16 << 20), error: .discarded)
        return result.standardOutput
    }

    @Test("kill -9 in mid-run and a restart lose nothing that was committed, and the county gets all of it")
    func killed() async throws {
        try await LiveCounty.serve(seed: 6) { live in
            var known = 0
            for _ in 0..<3 {
                let stored = try await live.gateway(ending: .kill) { _, console in
                    struct Status: Decodable {
                        struct Gateway: Decodable { let stored: Int }
                        let gateway: Gateway
                    }
                    let before = known
                    _ = before
                    try await eventually("more is stored") {
                        let status = try JSONDecoder().decode(Status.self, from: Data(try await get(console + "/api/status").utf8))
                        return status.gateway.stored > 150
                    }
                    return try JSONDecoder().decode(Status.self, from: Data(try await get(console + "/api/status").utf8)).gateway.stored
                }
                let kept = try HistoryReader(folder: live.data).ledger().stored
                #expect(kept >= known + stored, "\(kept) samples are left of \(known + stored) that were committed")
                known = kept
            }
            try await live.gateway { _, console in
                try await eventually("the county has followed") {
                    let ledger = try HistoryReader(folder: live.data).ledger()
                    return ledger.stored > known && ledger.destinations.count == 2
                }
            }
            let report = try await RunReport(folder: live.data, series: live.series, received: nil)
            #expect(report.shortfalls.isEmpty, "\(report.shortfalls)")
            #expect(try await held(live) == report.distinct)
            #expect(live.county.receipts.distinct == report.distinct)
        }
    }

    @Test("a second gateway cannot take the console's port, and says so in one line")
    func portTaken() async throws {
        try await LiveCounty.serve(seed: 7) { live in
            try await live.gateway { _, console in
                let address = console.replacingOccurrences(of: "http://", with: "")
                let result = try await run(
                    .path(.init("\(LiveCounty.products)/headgate")),
                    arguments: ["run", "--config", live.site, "--data", live.folder + "/other", "--listen", address, "--log-level", "critical"],
                    output: .discarded, error: .string(limit: 1 << 20))
                #expect(result.terminationStatus != .exited(0))
                #expect(result.standardError.contains("in use"), "\(result.standardError)")
            }
        }
    }
}
