import CountyServers
import Foundation
import Gateway
import Historian
import Plants
import RealServers
import Subprocess
import Testing

@Suite("the two rivers", .serialized)
struct RiversTests {
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
                        let history = try await live.headgate("history", point, "--data", live.data, "--from", "10m")
                        return history.isSuccess && history.output.contains(",\(value),")
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
                let why = try await live.headgate("why", "xinzhuang-pump/pump-1/run", "--console", console)
                #expect(why.isSuccess && why.output.contains("water/xinzhuang-drain (automatic) wants"), "\(why.output)\(why.errors)")
                guard Browser.isInstalled else { return }
                try await Browser.open { browser in
                    try await browser.go(to: console + "/water")
                    try await eventually("the page shows", is: "3.217 m good") { try await browser.evaluate(level) }
                    #expect(live.county.fail("xinzhuang-pump/well", .dead))
                    try await eventually("nobody answers, and the page shows", is: "  bad") { try await browser.evaluate(level) }
                }
            }
        }
    }

    /// Asks the page for the level's value, unit and quality.
    private let level = """
        const it = document.querySelector('[data-point="xinzhuang-pump/well/level"]');
        return it && it.querySelector('data').value + ' ' + it.querySelector('.unit').textContent + ' ' + it.dataset.quality;
        """

    private struct Status: Decodable {
        struct Gateway: Decodable { let stored: Int }
        let gateway: Gateway
    }

    private func stored(_ console: String) async throws -> Int {
        try JSONDecoder().decode(Status.self, from: Data(try await get(console + "/api/status").utf8)).gateway.stored
    }

    @Test("kill -9 in mid-run and a restart lose nothing that was committed, and the county gets all of it")
    func killed() async throws {
        try await LiveCounty.serve(seed: 6) { live in
            var known = 0
            for _ in 0..<3 {
                let committed = try await live.gateway(ending: .kill) { _, console in
                    try await eventually("more is stored") { try await stored(console) > 150 }
                    return try await stored(console)
                }
                let kept = try HistoryReader(folder: live.data).ledger().stored
                #expect(kept >= known + committed, "\(kept) samples are left of \(known + committed) that were committed")
                known = kept
            }
            let before = known
            try await live.gateway { _, _ in
                try await eventually("the county has followed") {
                    let ledger = try HistoryReader(folder: live.data).ledger()
                    return ledger.stored > before && ledger.destinations.count == 2
                }
            }
            let report = try await RunReport(folder: live.data, series: live.series, received: nil)
            #expect(report.shortfalls.isEmpty, "\(report.shortfalls)")
            // It may have what was on its way to the disk when the process was killed, and it has all that came there.
            #expect(live.county.receipts.distinct >= report.distinct)
        }
    }

    @Test("a second gateway cannot take the console's port, and says so in one line")
    func portTaken() async throws {
        try await LiveCounty.serve(seed: 7) { live in
            try await live.gateway { _, console in
                let address = console.replacingOccurrences(of: "http://", with: "")
                let second = try await live.headgate(
                    "run", "--config", live.site, "--data", live.folder + "/other", "--listen", address, "--log-level", "critical")
                #expect(!second.isSuccess)
                #expect(second.errors.contains("in use"), "\(second.errors)")
            }
        }
    }
}
