import Console
import FoundationEssentials
import Subprocess
import Telemetry
import Testing

/// Whether this machine has Debian's Chromium.
let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")

@Suite("The pages in a browser", .enabled(if: hasChromium, "Chromium is not installed: the pages were not looked at"))
struct PageTests {
    @Test("a value in the table is on the page with its unit and quality; a stale and a bad one look it")
    func onThePage() async throws {
        let county = County(time: SystemTime())
        Story.tellThePast(county)
        Story.tell(county, to: nil, troubles: true)
        county.set("xinzhuang-pump/well", [("level", .good(.double(2.345)))])
        let page = try await serving(county, history: { Story.history($0, $1, $2, $3) }) { _, site in
            try await browse(["--dump-dom", "--virtual-time-budget=4000", site.base + "/water"])
        }
        let level = try #require(element(page, point: "xinzhuang-pump/well/level"))
        #expect(level.contains("value=\"2.345\"") && level.contains(">2.345<"))
        #expect(level.contains("class=\"unit\">m<") && level.contains("良好 good"))
        let current = try #require(element(page, point: "xinzhuang-pump/pump-2/run-hours"))
        #expect(current.contains("data-look=\"stale\"") && current.contains("过期 stale") && current.contains("读于"))
        let voltage = try #require(element(page, point: "xinzhuang-pump/meter/voltage-c"))
        #expect(voltage.contains("data-look=\"bad\"") && voltage.contains("坏值 bad 超量程") && voltage.contains("末次好值 231.3"))
        #expect(voltage.contains("value=\"\"") && voltage.contains(">—<"))
    }

    /// From the element of that point to the next point's.
    private func element(_ page: String, point: String) -> Substring? {
        guard let start = page.firstRange(of: "data-point=\"\(point)\"") else { return nil }
        let rest = page[start.upperBound...]
        return rest[..<(rest.firstRange(of: "data-point=")?.lowerBound ?? rest.endIndex)]
    }

    @Test(
        "pictures of every page, for people to look at",
        .enabled(if: ProcessInfo.processInfo.environment["HEADGATE_PICTURES"] != nil, "HEADGATE_PICTURES names no folder"))
    func pictures() async throws {
        let folder = try #require(ProcessInfo.processInfo.environment["HEADGATE_PICTURES"])
        let county = County(time: SystemTime())
        Story.tellThePast(county)
        try await serving(
            county, settings: { $0.pages = #filePath.replacing("Tests/Console/PageTests.swift", with: "Sources/Console/Pages") },
            history: { Story.history($0, $1, $2, $3) }
        ) { console, site in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while true {
                        Story.tell(county, to: console, troubles: true)
                        try await county.time.sleep(for: .seconds(1))
                    }
                }
                for (kind, size) in [("phone", "390,844"), ("desk", "1280,900"), ("long", "1280,2000")] {
                    for trade in ["water", "agriculture", "sanitation"] {
                        _ = try await browse([
                            "--hide-scrollbars", "--screenshot=\(folder)/\(trade)-\(kind).png", "--window-size=\(size)",
                            "--virtual-time-budget=5000", "\(site.base)/\(trade)",
                        ])
                    }
                }
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
        }
    }

    private func browse(_ arguments: [String]) async throws -> String {
        let profile = FileManager.default.temporaryDirectory.appending(path: "headgate-browser-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: profile) }
        let common = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=\(profile.path())"]
        let result = try await run(
            .name("chromium"), arguments: Arguments(common + arguments), output: .string(limit: 4 << 20),
            error: .discarded)
        return result.standardOutput
    }
}
