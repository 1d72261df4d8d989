import Console
import FoundationEssentials
import Telemetry
import TestSupport
import Testing

@Suite("Server-sent events")
struct LiveTests {
    typealias Points = RouteTests.PointsBody
    struct StatusBody: Decodable {
        struct Watchers: Decodable { let live: Int, refused: Int, dropped: Int }
        let watchers: Watchers
    }

    @Test("a client hears the whole present, then exactly what changed")
    func deltas() async throws {
        let time = ManualTime()
        let county = County(time: time)
        county.set("xinzhuang-pump/well", [("level", .good(.double(1.1)))])
        try await serving(county) { console, site in
            var frames = try await site.live()
            let first: Points = try await frames.next().decoded()
            #expect(first.points.count == county.directory.points.count)
            for value in [2.345678901234567, 0.1 + 0.2, Double.leastNonzeroMagnitude, 123_456_789.125] {
                county.set("xinzhuang-pump/well", [("level", .good(.double(value)))], telling: console)
                await time.advance(by: .milliseconds(250), sleepers: 2)
                let news: Points = try await frames.next(named: "points").decoded()
                #expect(news.points.map(\.point) == ["xinzhuang-pump/well/level"])
                #expect(news.points.first?.value == value)
            }
        }
    }

    @Test("ten thousand changes of a point within a frame are told once, as it stands at the end")
    func coalescing() async throws {
        let time = ManualTime()
        let county = County(time: time)
        try await serving(county) { console, site in
            var frames = try await site.live()
            _ = try await frames.next()
            await time.sleepers(2)
            for number in 1...10_000 {
                county.set("xinzhuang-pump/meter", [("power", .good(.int(Int64(number))))], telling: console)
            }
            await time.advance(by: .milliseconds(250), sleepers: 2)
            let news: Points = try await frames.next(named: "points").decoded()
            #expect(news.points.map(\.value) == [10_000])
        }
    }

    @Test("an event arrives as it is; beyond what a client can hold, the oldest are counted, not kept")
    func events() async throws {
        struct EventBody: Decodable { let text: String, kind: String, origin: String }
        struct MissedBody: Decodable { let count: Int }
        let time = ManualTime()
        let county = County(time: time)
        try await serving(county) { console, site in
            var frames = try await site.live()
            _ = try await frames.next()
            await time.sleepers(2)
            for number in 1...100 {
                let text = "启泵 \(number)\n\"why\""
                console.noticed(Event(time: time.now().wall, kind: .decision, subject: "a", origin: "water/x", text: text))
            }
            await time.advance(by: .milliseconds(250), sleepers: 2)
            let first: EventBody = try await frames.next(named: "event").decoded()
            #expect(first.text == "启泵 37\n\"why\"" && first.kind == "decision" && first.origin == "water/x")
            let missed: MissedBody = try await frames.next(named: "missed").decoded()
            #expect(missed.count == 36)
        }
    }

    @Test("a quiet gateway still pulses every five seconds")
    func pulse() async throws {
        struct PulseBody: Decodable { let time: Int64, isTrusted: Bool }
        let time = ManualTime()
        try await serving(County(time: time)) { _, site in
            var frames = try await site.live()
            _ = try await frames.next()
            await time.sleepers(2)
            await time.advance(by: .seconds(1), sleepers: 2)
            for _ in 2...6 { await time.advance(by: .seconds(1), sleepers: 1) }
            let pulse: PulseBody = try await frames.next(named: "pulse").decoded()
            #expect(pulse.isTrusted && pulse.time >= ManualTime().now().wall.milliseconds + 5000)
        }
    }

    @Test("a client that does not read is dropped, and one that reads beside it is not")
    func slowClient() async throws {
        let time = ManualTime()
        let long = String(repeating: "水", count: 20_000)
        try await serving(County(time: time), settings: { $0.refresh = .zero }) { console, site in
            var reader = try await site.live()
            let sleeper = try await site.live()
            _ = try await reader.next()
            var watchers = try await site.get("/api/status").decoded(as: StatusBody.self).watchers
            for round in 1...2000 where watchers.dropped == 0 {
                console.noticed(Event(time: time.now().wall, kind: .gateway, subject: "a", origin: "b", text: long))
                _ = try await reader.next(named: "event")
                await time.advance(by: .milliseconds(250))
                guard round.isMultiple(of: 20) else { continue }
                watchers = try await site.get("/api/status").decoded(as: StatusBody.self).watchers
            }
            #expect(watchers.dropped == 1 && watchers.live == 1)
            _ = sleeper
        }
    }

    @Test("only so many may watch; who leaves makes room")
    func full() async throws {
        let time = ManualTime()
        try await serving(County(time: time), settings: { $0.liveClients = 2 }) { _, site in
            var first = try await site.live()
            var second = try await site.live()
            _ = try await first.next()
            _ = try await second.next()
            let third = try await site.get("/live")
            #expect(third.status == 503 && third.headers["retry-after"] != nil)
            #expect(try await site.get("/api/status").decoded(as: StatusBody.self).watchers.refused == 1)
        }
    }
}
