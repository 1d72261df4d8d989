import Console
import FoundationEssentials
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("The console's routes")
struct RouteTests {
    struct PointBody: Decodable {
        struct LastGood: Decodable { let value: Double, time: Int64 }
        let point: String, unit: String, quality: String
        let value: Double?, cause: String?, time: Int64?, age: Int64?
        let lastGood: LastGood?
    }

    struct PointsBody: Decodable { let time: Int64, points: [PointBody] }
    struct ErrorBody: Decodable { let error: String }

    @Test("the root leads to the water page, and every trade has its page and its security headers")
    func pages() async throws {
        try await serving(County(time: ManualTime())) { _, site in
            for (path, title) in [("/", "排水"), ("/water", "排水"), ("/agriculture", "农业"), ("/sanitation", "环卫")] {
                let page = try await site.get(path)
                #expect(page.status == 200)
                #expect(page.body.contains("<title>\(title)"))
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["x-content-type-options"] == "nosniff")
                let policy = try #require(page.headers["content-security-policy"])
                #expect(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"))
                #expect(!page.body.contains("http://") && !page.body.contains("https://"), "a page that needs the outside")
            }
        }
    }

    @Test("a point says why it is as it is, and one that is not there that it is not")
    func why() async throws {
        struct Body: Decodable { let point: String, answer: String }
        try await serving(County(time: ManualTime())) { _, site in
            let body: Body = try await site.get("/api/why?point=xinzhuang-pump/well/level").decoded()
            #expect(body.point == "xinzhuang-pump/well/level" && body.answer.contains("left as it is"))
            #expect(try await site.get("/api/why?point=xinzhuang-pump/well/nothing").status == 404)
            #expect(try await site.get("/api/why?point=nonsense").status == 400)
            #expect(try await site.get("/api/why").status == 400)
        }
    }

    @Test("a rule is tried on a day unless told, on a month at most, and never on the future")
    func backtest() async throws {
        try await serving(County(time: ManualTime())) { _, site in
            let rule = "/api/backtest?rule=water/xinzhuang-drain"
            let day: Story.Trial = try await site.get(rule).decoded()
            #expect(day == Story.Trial(rule: "water/xinzhuang-drain", span: 86_400))
            let now = ManualTime().now().wall.milliseconds
            let hour: Story.Trial = try await site.get("\(rule)&from=\(now - 3_600_000)&to=\(now + 3_600_000)").decoded()
            #expect(hour.span == 3600, "what is yet to come is not tried")
            #expect(try await site.get("\(rule)&from=\(now - 32 * 86_400_000)").status == 400)
            #expect(try await site.get("\(rule)&from=\(now)&to=\(now - 1)").status == 400)
            #expect(try await site.get("/api/backtest?rule=water/nothing").status == 404)
            #expect(try await site.get("/api/backtest").status == 400)
        }
    }

    @Test("every file a page names is served, with its type, and is not sent twice")
    func assets() async throws {
        try await serving(County(time: ManualTime())) { _, site in
            for (name, type) in [("style.css", "text/css"), ("water.js", "text/javascript"), ("mark.svg", "image/svg+xml")] {
                let file = try await site.get("/assets/\(name)")
                #expect(file.status == 200 && !file.body.isEmpty)
                #expect(file.headers["content-type"]?.hasPrefix(type) == true)
                let tag = try #require(file.headers["etag"])
                let again = try await site.get("/assets/\(name)", headers: [("If-None-Match", tag)])
                #expect(again.status == 304 && again.body.isEmpty)
            }
        }
    }

    @Test("a reading comes with its unit, quality, time and age; a bad one with its cause and last good value, and no number")
    func points() async throws {
        let time = ManualTime()
        let county = County(time: time)
        county.set("xinzhuang-pump/well", [("level", .good(.double(2.345))), ("outflow", .good(.double(0.1)))], ago: .seconds(2))
        county.set("xinzhuang-pump/well", [("outflow", .bad(.sensorFault))])
        county.set("xinzhuang-pump/meter", [("power", .good(.double(1e-7)))], ago: .seconds(9))
        let body: PointsBody = try await serving(county) { _, site in try await site.get("/api/points").decoded() }
        let found = Dictionary(uniqueKeysWithValues: body.points.map { ($0.point, $0) })
        #expect(body.points.count == county.directory.points.count)
        let level = try #require(found["xinzhuang-pump/well/level"])
        #expect(level.value == 2.345 && level.unit == "m" && level.quality == "good" && level.age == 2000)
        #expect(level.time == time.now().wall.milliseconds - 2000 && level.lastGood == nil)
        let outflow = try #require(found["xinzhuang-pump/well/outflow"])
        #expect(outflow.value == nil && outflow.quality == "bad" && outflow.cause == "sensor-fault")
        #expect(outflow.lastGood?.value == 0.1)
        let power = try #require(found["xinzhuang-pump/meter/power"])
        #expect(power.value == 1e-7 && power.quality == "uncertain" && power.cause == "stale")
        #expect(found["fleet/bin-01/fill"]?.quality == "unread")
    }

    @Test("history is asked for as named, thinned without losing its peak, and answered in order")
    func history() async throws {
        struct Body: Decodable {
            struct Row: Decodable {
                let time: Int64, value: Double?, quality: String

                init(from decoder: any Decoder) throws {
                    var row = try decoder.unkeyedContainer()
                    time = try row.decode(Int64.self)
                    value = try row.decode(Double?.self)
                    quality = try row.decode(String.self)
                }
            }
            let unit: String, from: Int64, to: Int64, rows: [Row]
        }
        let asked = Mutex<[String]>([])
        let county = County(time: ManualTime())
        let body: Body = try await serving(
            county,
            history: { name, from, to, limit in
                asked.withLock { $0.append("\(name) \(from) \(to)") }
                return (0..<3600).map { second in
                    HistoryRow(
                        time: from.advanced(by: .seconds(second)),
                        reading: second == 1800 ? .bad(.commFailure) : .good(.double(second == 977 ? 5.9 : 2)))
                }
            }
        ) { _, site in
            let span = "from=2026-06-20T23:00:00Z&to=1782000000000"
            return try await site.get("/api/history?point=xinzhuang-pump/well/level&\(span)&most=200").decoded()
        }
        #expect(asked.withLock { $0.first } == "xinzhuang-pump/well/level 2026-06-20T23:00:00.000Z 2026-06-21T00:00:00.000Z")
        #expect(body.unit == "m" && body.rows.count <= 300)
        #expect(body.rows.contains { $0.value == 5.9 } && body.rows.contains { $0.value == nil && $0.quality == "bad" })
        #expect(body.rows.map(\.time) == body.rows.map(\.time).sorted())
    }

    @Test("the site, the events, the status and the map are there")
    func others() async throws {
        struct SiteBody: Decodable {
            struct Place: Decodable { let name: String, trade: String }
            let county: String, zone: String, sites: [Place]
        }
        let county = County(time: ManualTime())
        Story.tellThePast(county)
        try await serving(county) { _, site in
            let tree: SiteBody = try await site.get("/api/site").decoded()
            #expect(tree.county == "鹭滩县" && tree.zone == "Asia/Shanghai")
            #expect(tree.sites.map(\.trade) == ["water", "agriculture", "sanitation"])
            let events = try await site.get("/api/events?limit=2")
            #expect(events.status == 200 && events.body.components(separatedBy: "\"kind\"").count == 3)
            let status = try await site.get("/api/status")
            #expect(status.body.contains("\"destinations\"") && status.body.contains("water/xinzhuang-drain"))
            let map = try await site.get("/map.geojson")
            #expect(map.headers["content-type"] == "application/geo+json" && map.body == County.map)
            let head = try await site.get("/live", method: "HEAD")
            #expect(head.status == 200 && head.headers["content-type"] == "text/event-stream")
        }
    }

    @Test(
        "what is asked wrongly is refused with its reason",
        arguments: [
            ("GET", "/nowhere", 404), ("GET", "/assets/..%2f..%2fetc%2fpasswd", 404), ("GET", "/assets/absent.js", 404),
            ("POST", "/water", 405), ("DELETE", "/api/points", 405), ("GET", "/api/history", 400),
            ("GET", "/api/history?point=level", 400), ("GET", "/api/history?point=a/b/c", 404),
            ("GET", "/api/history?point=xinzhuang-pump/well/level&from=yesterday", 400),
            ("GET", "/api/history?point=xinzhuang-pump/well/level&from=9&to=5", 400),
            ("GET", "/api/history?point=xinzhuang-pump/well/level&most=99999999999999999999", 400),
            ("GET", "/api/history?piont=xinzhuang-pump/well/level", 400), ("GET", "/api/events?limit=0", 400),
            ("GET", "/api/events?limit=-1", 400), ("GET", "/api/events?limit=ten", 400),
            ("GET", "/api/points/" + String(repeating: "a", count: 2000), 414),
        ])
    func refusals(method: String, path: String, status: Int) async throws {
        try await serving(County(time: ManualTime())) { _, site in
            let answer = try await site.get(path, method: method)
            #expect(answer.status == status)
            #expect(try !answer.decoded(as: ErrorBody.self).error.isEmpty)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test("a history that fails is a 500 with a sentence, and the next request is served")
    func failure() async throws {
        struct Broken: Error {}
        try await serving(County(time: ManualTime()), history: { _, _, _, _ in throw Broken() }) { _, site in
            let answer = try await site.get("/api/history?point=xinzhuang-pump/well/level")
            #expect(answer.status == 500 && answer.body.contains("log"))
            #expect(try await site.get("/api/points").status == 200)
        }
    }

    @Test("a console without its pages says where it looked, and a taken port is named")
    func cannotStart() async throws {
        let county = County(time: ManualTime())
        let error = await #expect(throws: ConsoleError.self) {
            try await serving(county, settings: { $0.pages = "/nonexistent" }) { _, _ in }
        }
        #expect(error?.description.contains("/nonexistent") == true)
        try await serving(county) { _, site in
            let error = await #expect(throws: ConsoleError.self) {
                try await serving(county, settings: { $0.port = site.port }) { _, _ in }
            }
            #expect(error?.description.contains("port \(site.port)") == true)
        }
    }
}
