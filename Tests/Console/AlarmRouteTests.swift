import Alarms
import Console
import FoundationEssentials
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("The console's alarms")
struct AlarmRouteTests {
    struct Body: Decodable {
        struct Note: Decodable { let who: String, reason: String, time: Int64? }
        struct Reading: Decodable {
            private enum Keys: CodingKey { case value, quality, cause, age }
            /// nil also for what is no number.
            let value: Double?
            let quality: String, cause: String?, age: Int64?

            init(from decoder: any Decoder) throws {
                let keys = try decoder.container(keyedBy: Keys.self)
                value = try? keys.decode(Double.self, forKey: .value)
                quality = try keys.decode(String.self, forKey: .quality)
                cause = try keys.decodeIfPresent(String.self, forKey: .cause)
                age = try keys.decodeIfPresent(Int64.self, forKey: .age)
            }
        }
        struct Guidance: Decodable { let action: String, timeAllowed: Int64, role: String }
        struct Alarm: Decodable {
            let name: String, point: String, state: String, word: String, priority: String, isActive: Bool, isBlind: Bool
            let since: Int64?, place: Int?, guidance: Guidance, acknowledged: Note?, shelf: Note?, hidden: Note?, orders: [String]
            let reading: Reading
        }
        struct Line: Decodable {
            struct First: Decodable { let name: String, priority: String }
            let unacknowledged: Int, standing: Int, shelved: Int, outOfService: Int, first: First?
        }
        struct Figures: Decodable { let callsInTenMinutes: Int, isFlood: Bool }
        let line: Line, figures: Figures
        let alarms: [Alarm], shelved: [Alarm], suppressed: [Alarm], outOfService: [Alarm]
    }

    struct House {
        let time = ManualTime()
        let county: County
        let alarms: AlarmHouse

        init() throws {
            county = County(time: time)
            alarms = try AlarmHouse(county)
        }

        func serve<Result: Sendable>(_ body: (Console, Site) async throws -> Result) async throws -> Result {
            try await serving(county, alarms: alarms.console, people: AlarmHouse.people, body)
        }

        func raise(_ level: Double = 5, telling console: Console? = nil) {
            alarms.set("xinzhuang-pump/well", [("level", .good(.double(level)))], telling: console)
        }
    }

    static func list(_ site: Site) async throws -> Body { try await site.get("/api/alarms").decoded() }

    @Test("the list has the most urgent first, each with its state, what to do, and its reading with quality and age")
    func list() async throws {
        let house = try House()
        house.alarms.set("xinzhuang-pump/pump-1", [("fault", .good(.bool(true)))])
        house.raise(5.5)
        try await house.serve { _, site in
            let body = try await Self.list(site)
            #expect(body.alarms.map(\.name) == ["water/high-high", "water/high", "water/fault#xinzhuang-pump/pump-1/fault"])
            #expect(body.line.first?.name == "water/high-high" && body.line.unacknowledged == 3 && body.line.standing == 3)
            #expect(body.figures.callsInTenMinutes == 3 && !body.figures.isFlood)
            let high = try #require(body.alarms.first)
            #expect(high.state == "B" && high.word == "unacknowledged" && high.priority == "highest" && high.isActive)
            #expect(high.since == house.time.now().wall.milliseconds && high.guidance.action == "查看两台泵是否都在运行")
            #expect(high.guidance.timeAllowed == 1_800_000 && high.reading.value == 5.5 && high.reading.quality == "good")
            #expect(body.alarms.last?.place == 1, "the first of its group")
        }
    }

    @Test("a value that is too old is not shown as fresh, and its alarm says that it cannot be seen")
    func stale() async throws {
        let house = try House()
        house.raise()
        try await house.serve { _, site in
            await house.time.advance(by: .seconds(4))
            house.alarms.set("xinzhuang-pump/well", [("outflow", .good(.double(1)))])
            let alarm = try #require(try await Self.list(site).alarms.first)
            #expect(alarm.reading.quality == "uncertain" && alarm.reading.cause == "stale" && alarm.reading.age == 4000)
            #expect(alarm.isBlind && alarm.state == "B")
        }
    }

    @Test("whoever acknowledges is on the list and in the history; a second time there is nothing to do")
    func acknowledge() async throws {
        let house = try House()
        house.raise()
        try await house.serve { _, site in
            let cookie = try await site.signIn("duty")
            #expect(try await site.order("acknowledge", "water/high", more: ",\"reason\":\"两台泵都在\"", as: cookie).status == 200)
            let alarm = try #require(try await Self.list(site).alarms.first)
            #expect(alarm.state == "C" && alarm.acknowledged?.who == "duty" && alarm.acknowledged?.reason == "两台泵都在")
            #expect(alarm.acknowledged?.time == house.time.now().wall.milliseconds && !alarm.orders.contains("acknowledge"))
            let again = try await site.order("acknowledge", "water/high", as: cookie)
            #expect(again.status == 409 && again.body.contains("nothing to do: the alarm is acknowledged"))
        }
        let event = try #require(house.county.events.withLock { $0.last })
        #expect(event.kind == .alarm && event.origin == "duty" && event.text == "water/high: acknowledged: 两台泵都在")
    }

    @Test(
        "7.22: no order without user and role",
        arguments: [
            ("village", "acknowledge", 403), ("village", "shelve", 403), ("duty", "acknowledge", 200), ("duty", "shelve", 200),
            ("duty", "remove-from-service", 403), ("chief", "remove-from-service", 200), ("", "acknowledge", 401), ("", "shelve", 401),
        ])
    func roles(_ name: String, _ order: String, _ status: Int) async throws {
        let house = try House()
        house.raise()
        try await house.serve { _, site in
            let cookie = name.isEmpty ? nil : try await site.signIn(name)
            let more = ",\"reason\":\"检修\",\"minutes\":60"
            #expect(try await site.order(order, "water/high", more: more, as: cookie).status == status)
            #expect(try await site.order(order, "water/high", more: more, as: "headgate=AAAA").status == 401)
            let body = try await Self.list(site)
            if status != 200 { #expect(body.alarms.first?.state == "B") }
            if status == 200, order == "shelve" { #expect(body.shelved.first?.shelf?.who == name && body.alarms.isEmpty) }
            if status == 200, order == "remove-from-service" { #expect(body.outOfService.first?.hidden?.reason == "检修") }
        }
    }

    @Test("never 21: a shelf has a reason and an end: eight hours at most, and one for the highest priority")
    func shelves() async throws {
        let house = try House()
        house.raise(5.5)
        try await house.serve { _, site in
            let cookie = try await site.signIn("duty")
            func shelve(_ alarm: String, _ minutes: String, _ reason: String = "检修") async throws -> Int {
                try await site.order("shelve", alarm, more: ",\"reason\":\"\(reason)\",\"minutes\":\(minutes)", as: cookie).status
            }
            #expect(try await shelve("water/high", "481") == 409)
            #expect(try await shelve("water/high-high", "61") == 409)
            #expect(try await shelve("water/high", "60", " ") == 409)
            for minutes in ["0", "-5", "99999999", "1.5", "null"] { #expect(try await shelve("water/high", minutes) == 400) }
            #expect(try await shelve("water/high-high", "60") == 200)
            #expect(try await shelve("water/high", "480") == 200)
            let until = try await Self.list(site).shelved.first { $0.name == "water/high" }?.shelf?.time
            #expect(until == house.time.now().wall.milliseconds + 8 * 3_600_000)
            #expect(try await site.order("unshelve", "water/high", as: cookie).status == 200)
            #expect(try await Self.list(site).alarms.map(\.state) == ["B"], "it calls again")
        }
    }

    @Test("an order that another site's page sends in a person's name is refused")
    func forged() async throws {
        let house = try House()
        house.raise()
        try await house.serve { _, site in
            let cookie = try await site.signIn("duty")
            let body = "{\"order\":\"acknowledge\",\"alarm\":\"water/high\"}"
            func send(_ origin: String?, _ type: String?, _ more: [(String, String)] = []) async throws -> Int {
                var headers = more + [("Cookie", cookie)]
                if let origin { headers.append(("Origin", origin)) }
                if let type { headers.append(("Content-Type", type)) }
                return try await site.get("/api/alarms/order", method: "POST", headers: headers, body: body).status
            }
            #expect(try await send("http://evil.example", "application/json") == 403)
            #expect(try await send("null", "application/json") == 403)
            #expect(try await send("http://127.0.0.1", "application/json") == 403, "another port is another site")
            #expect(try await send(nil, "application/json") == 403)
            #expect(try await send(nil, "application/json", [("Sec-Fetch-Site", "cross-site")]) == 403)
            #expect(try await send(site.base, "application/json", [("Sec-Fetch-Site", "same-site")]) == 403)
            #expect(try await send(site.base, "text/plain") == 415, "a form can send that from anywhere")
            #expect(try await send(site.base, nil) == 415)
            #expect(try await Self.list(site).alarms.first?.state == "B")
            #expect(try await send(site.base, "application/json; charset=utf-8", [("Sec-Fetch-Site", "same-origin")]) == 200)
        }
    }

    @Test("a body is bounded, and only orders have one")
    func bounds() async throws {
        let house = try House()
        house.raise()
        try await house.serve { _, site in
            let cookie = try await site.signIn("duty")
            let long = String(repeating: "a", count: 20_000)
            #expect(try await site.order("acknowledge", "water/high", more: ",\"reason\":\"\(long)\"", as: cookie).status == 413)
            for reason in [String(long.prefix(501)), "a\\nb"] {
                let answer = try await site.order("acknowledge", "water/high", more: ",\"reason\":\"\(reason)\"", as: cookie)
                #expect(answer.status == 400)
            }
            #expect(try await site.order("acknowledge", "water/hihg", as: cookie).body.contains("did you mean 'water/high'?"))
            #expect(try await site.order("silence", "water/high", as: cookie).status == 400)
            #expect(try await site.send("POST", "/api/points", "{}", cookie: cookie).status == 405)
            #expect(try await site.send("PUT", "/api/alarms/order", "{}", cookie: cookie).status == 405)
            #expect(try await Self.list(site).alarms.first?.state == "B")
        }
    }

    @Test("whatever is sent as an order is answered, and changes nothing", arguments: 1...40 as ClosedRange<UInt64>)
    func fuzz(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let house = try House()
        house.raise()
        let bodies = (0..<25).map { _ -> String in
            var bytes = Array("{\"order\":\"acknowledge\",\"alarm\":\"water/high\",\"reason\":\"x\",\"minutes\":60}".utf8)
            // The last but one is always spoilt, so that none of them is an order.
            bytes[bytes.count - 2] = UInt8(ascii: "{")
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                bytes[Int.random(in: 0..<bytes.count - 2, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            return String(decoding: bytes.prefix(Int.random(in: 1...bytes.count, using: &random)), as: UTF8.self)
        }
        try await house.serve { _, site in
            let cookie = try await site.signIn("duty")
            for body in bodies {
                #expect(try await site.send("POST", "/api/alarms/order", body, cookie: cookie).status == 400)
                #expect(try await site.send("POST", "/api/session", body).status == 400)
            }
            #expect(try await Self.list(site).alarms.first?.state == "B")
        }
    }

    @Test("whoever watches live hears how many alarms stand how, and which to answer first")
    func live() async throws {
        let house = try House()
        try await house.serve { console, site in
            var frames = try await site.live()
            let calm = try await frames.next(named: "alarms").decoded(as: Body.Line.self)
            #expect(calm.standing == 0 && calm.first == nil)
            house.raise(telling: console)
            await house.time.advance(by: .milliseconds(250), sleepers: 2)
            let line = try await frames.next(named: "alarms").decoded(as: Body.Line.self)
            #expect(line.standing == 1 && line.first?.name == "water/high" && line.first?.priority == "high")
        }
    }
}
