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
        let page = try await browse(county, "/water", ["--dump-dom"]) { console in
            Story.tell(county, to: console, troubles: true, level: 2.345)
        }
        #expect(page.contains("data-live=\"live\"") && page.contains("台异常"))
        let level = try #require(element(page, point: "xinzhuang-pump/well/level"))
        #expect(level.contains("value=\"2.345\"") && level.contains(">2.345<"))
        #expect(level.contains("class=\"unit\">m<") && level.contains("良好 good"))
        let current = try #require(element(page, point: "xinzhuang-pump/pump-2/run-hours"))
        #expect(current.contains("data-look=\"stale\"") && current.contains("过期 stale") && current.contains("读于"))
        let voltage = try #require(element(page, point: "xinzhuang-pump/meter/voltage-c"))
        #expect(voltage.contains("data-look=\"bad\"") && voltage.contains("坏值 bad 超量程") && voltage.contains("末次好值 231.3"))
        #expect(voltage.contains("value=\"\"") && voltage.contains(">—<"))
        #expect(page.contains("class=\"hole\"><title>通信失败 comm-failure</title>"), "the chart does not show its gap")
        #expect(page.contains("data-balanced=\"true\"") && page.contains("平账") && page.contains("182,297"))
        #expect(page.contains("失联 <small>down</small> 1：2 号泵"))
    }

    @Test("an alarm is on its page by word and shape, with what to do and its reading, and in the line of every other page")
    func alarms() async throws {
        let county = County(time: SystemTime())
        let house = try AlarmHouse(county)
        let tell = { @Sendable (console: Console) in
            house.set("xinzhuang-pump/well", [("level", .good(.double(5.125)))], telling: console)
        }
        let page = try await browse(county, "/alarms", ["--dump-dom"], alarms: house.console, telling: tell)
        let alarm = try #require(page.firstRange(of: "data-alarm=\"water/high\"").map { page[$0.upperBound...] })
        #expect(alarm.contains("▲ 未确认") && alarm.contains("■ 高 high") && alarm.contains("查看两台泵是否都在运行"))
        #expect(alarm.contains("href=\"/water#xinzhuang-pump/well\"") && alarm.contains(">5.125<") && alarm.contains("良好 good"))
        #expect(page.contains("只读") && alarm.contains("data-order=\"acknowledge\" disabled"), "nobody may act who is not known")
        let water = try await browse(county, "/water", ["--dump-dom"], alarms: house.console, telling: tell)
        let line = try #require(water.firstRange(of: "id=\"alarm-bar\"").map { water[$0.upperBound...].prefix(600) })
        #expect(line.contains("data-look=\"calling\"") && line.contains("■ 高 · 前池水位高") && line.contains("未确认 1"))
    }

    /// From the element of that point to the next point's.
    private func element(_ page: String, point: String) -> Substring? {
        guard let start = page.firstRange(of: "data-point=\"\(point)\"") else { return nil }
        let rest = page[start.upperBound...]
        return rest[..<(rest.firstRange(of: "data-point=")?.lowerBound ?? rest.endIndex)]
    }

    @Test("a page that cannot hear the gateway says so and is not taken for live")
    func lost() async throws {
        let page = try await browse(County(time: SystemTime()), "/water", ["--dump-dom"], settings: { $0.liveClients = 0 }) { _ in
        }
        #expect(page.contains("data-live=\"lost\"") && page.contains("与网关失去联系"))
    }

    @Test("every page is built without a mistake", arguments: ["agriculture", "sanitation"])
    func others(trade: String) async throws {
        let county = County(time: SystemTime())
        let page = try await browse(county, "/\(trade)", ["--dump-dom"]) { Story.tell(county, to: $0, troubles: false) }
        #expect(page.contains("data-live=\"live\"") && page.contains("全部正常"))
        #expect(page.contains(trade == "agriculture" ? "baihe-farm/zone-4/moisture-40" : "vehicle-mark"))
    }

    @Test(
        "pictures of every page, for people to look at",
        .enabled(if: ProcessInfo.processInfo.environment["HEADGATE_PICTURES"] != nil, "HEADGATE_PICTURES names no folder"))
    func pictures() async throws {
        let folder = try #require(ProcessInfo.processInfo.environment["HEADGATE_PICTURES"])
        let county = County(time: SystemTime())
        Story.tellThePast(county)
        for (kind, size) in [("phone", "390,844"), ("tall", "390,3600"), ("desk", "1280,900"), ("long", "1280,2000")] {
            for trade in ["water", "agriculture", "sanitation"] {
                let arguments = ["--hide-scrollbars", "--screenshot=\(folder)/\(trade)-\(kind).png", "--window-size=\(size)"]
                _ = try await browse(county, "/\(trade)", arguments) { Story.tell(county, to: $0, troubles: true) }
            }
        }
        for (kind, size) in [("dark", "1280,1600"), ("dark-phone", "390,3600")] {
            let dark = ["--blink-settings=preferredColorScheme=0", "--hide-scrollbars"]
            let arguments = dark + ["--screenshot=\(folder)/water-\(kind).png", "--window-size=\(size)"]
            _ = try await browse(county, "/water", arguments) { Story.tell(county, to: $0, troubles: true) }
        }
        Story.tell(county, to: nil, troubles: true)
        _ = try await browse(
            county, "/water", ["--screenshot=\(folder)/water-lost.png", "--window-size=1280,900"], after: .seconds(16),
            settings: { $0.refresh = .seconds(3600) }, telling: { _ in })
    }

    /// Opens a page and hands back what Chromium prints once the page has had time to hear the gateway. Chromium looks at a
    /// page when everything it names has arrived, so the page is given an image that arrives late.
    private func browse(
        _ county: County, _ path: String, _ arguments: [String], after delay: Duration = .seconds(2),
        settings: @escaping (inout ConsoleSettings) -> Void = { _ in }, alarms: ConsoleAlarms = .none,
        telling tell: @escaping @Sendable (Console) -> Void
    ) async throws -> String {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "headgate-browser-\(UInt64.random(in: 0 ... .max))").path()
        defer { try? files.removeItem(atPath: folder) }
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try files.copyItem(
            atPath: #filePath.replacing("Tests/Console/PageTests.swift", with: "Sources/Console/Pages"), toPath: "\(folder)/Pages"
        )
        let page = "\(folder)/Pages\(path).html"
        let late = "<img hidden src=\"/api/history?point=fleet/bin-60/battery\"></body>"
        try (try String(contentsOfFile: page, encoding: .utf8)).replacing("</body>", with: late)
            .write(toFile: page, atomically: true, encoding: .utf8)
        let history = { @Sendable (name: PointName, from: Timestamp, to: Timestamp, limit: Int) async throws -> [HistoryRow] in
            if name.point == "battery" { try await SystemTime().sleep(for: delay) }
            return Story.history(name, from, to, limit)
        }
        return try await serving(
            county,
            settings: {
                settings(&$0)
                $0.pages = "\(folder)/Pages"
            }, history: history, alarms: alarms
        ) { console, site in
            let common = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=\(folder)/profile"]
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        tell(console)
                        try await SystemTime().sleep(for: .milliseconds(500))
                    }
                }
                defer { group.cancelAll() }
                return try await run(
                    .name("chromium"), arguments: Arguments(common + arguments + [site.base + path]),
                    output: .string(limit: 4 << 20),
                    error: .discarded
                ).standardOutput
            }
        }
    }
}
