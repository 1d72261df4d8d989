import Alarms
import Documents
import Foundation
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Gateway

@Suite("Alarms in service")
struct AlarmBellTests {
    /// A station of three points whose alarms are in service while a test looks.
    final class Station: Sendable {
        static let files = [
            "high": "point: east/well/level\nwhen: { high: 4, deadband: 0.1 }\non-delay: 5s\nparent: dead",
            "dead": "point: east/well/beat\nwhen: { quality: bad }",
            "hot": "point: east/well/heat\nwhen: { high: 60, deadband: 1 }",
        ]

        let time: ManualTime
        let table: PointTable
        let bell: AlarmBell
        private let events: AsyncStream<Event>

        init(folder: String? = nil, time: ManualTime = ManualTime()) throws {
            let points = ["level", "beat", "heat"].compactMap { PointName(site: "east", device: "well", point: $0) }.map {
                Point(name: $0, device: DeviceID(index: 0), type: .double, unit: "m", maximumAge: .seconds(60))
            }
            let directory = Directory(points: points, devices: [("east", "well")])
            let mistakes = Mistakes()
            let head = "alarm: 1\nabout: x\npriority: high\ncause: c\nconsequence: d\naction: e\ntime-allowed: 1m\nrole: r\n"
            let alarms = AlarmFiles.read(
                Self.files.sorted { $0.key < $1.key }.map { ($0.key, "\($0.key).yaml", head + $0.value) }, directory: directory,
                into: mistakes)
            try #require(mistakes.isEmpty, "\(mistakes.sorted)")
            self.time = time
            table = PointTable(directory: directory)
            let (events, teller) = AsyncStream.makeStream(of: Event.self)
            self.events = events
            bell = AlarmBell(table: table, alarms: alarms, time: time, memory: folder.map(AlarmMemory.init)) { teller.yield($0) }
        }

        /// Readings as a link brings them.
        func read(_ readings: KeyValuePairs<String, Reading>) {
            let now = time.now()
            let samples = readings.compactMap { word, reading in
                table.directory.id(of: "east/well/\(word)").map { Sample(point: $0, time: now.wall, reading: reading) }
            }
            let batch = Batch(device: DeviceID(index: 0), received: now, samples: samples)
            table.apply(batch)
            bell.hear(batch)
        }

        /// Waits for the next event that says so.
        func told(_ text: String) async throws -> Event {
            for await event in events where event.text.contains(text) { return event }
            throw CancellationError()
        }

        func state(_ alarm: String) -> AlarmState? { bell.ask { $0.summary(of: alarm, at: $1)?.state } }

        func serving<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.bell.run() }
                // It waits for its points to be heard of at all.
                await self.time.sleepers(1)
                let answer = try await body()
                group.cancelAll()
                try await group.waitForAll()
                return answer
            }
        }
    }

    static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/headgate-alarms-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test("a reading raises an alarm once its on-delay has passed, though nothing more is heard; the event is the alarm's own")
    func raised() async throws {
        let station = try Station()
        try await station.serving {
            station.read(["beat": .good(.double(1)), "level": .good(.double(4.5))])
            await station.time.advance(by: .seconds(5), sleepers: 2)
            let event = try await station.told("4.5 m, above the high limit of 4 m")
            #expect(event.kind == .alarm && event.subject == "east/well/level" && event.origin == "high")
            #expect(event.time == station.time.now().wall && station.state("high") == .unacknowledged)
        }
    }

    @Test("a dead parent hides its children, and they come up after it")
    func parent() async throws {
        let station = try Station()
        try await station.serving {
            station.read(["beat": .bad(.commFailure), "level": .good(.double(4.5)), "heat": .good(.double(70))])
            _ = try await station.told("hot: 70 m, above")
            await station.time.advance(by: .seconds(6), sleepers: 2)
            _ = try await station.told("4.5 m, above")
            #expect(station.state("dead") == .unacknowledged && station.state("high") == .suppressedByDesign)
            station.read(["beat": .good(.double(1)), "level": .good(.double(4.6))])
            _ = try await station.told("still there: 4.6 m")
            #expect(station.state("high") == .unacknowledged)
        }
    }

    @Test("what people did survives a restart, also of a machine whose clock shows something else")
    func restart() async throws {
        try await Self.withFolder { folder in
            let first = try Station(folder: folder)
            try await first.serving {
                first.read(["beat": .good(.double(1)), "heat": .good(.double(70)), "level": .good(.double(3))])
                _ = try await first.told("hot: 70 m")
                #expect(first.bell.obey(AlarmOrder(.acknowledge(comment: "seen"), "hot", who: "duty")) == nil)
                let shelve = AlarmOrder.Act.shelve(for: .seconds(3600), reason: "works", isOneShot: false)
                #expect(first.bell.obey(AlarmOrder(shelve, "high", who: "chief")) == nil)
            }
            let second = try Station(folder: folder, time: ManualTime(start: first.time.now().wall.advanced(by: .seconds(600))))
            #expect(second.state("hot") == .acknowledged && second.state("high") == .shelved)
            let shelf = second.bell.ask { $0.summary(of: "high", at: $1)?.shelf }
            #expect(shelf?.who == "chief" && shelf?.reason == "works")
            #expect(shelf?.until == first.time.now().wall.advanced(by: .seconds(3600)))
        }
    }

    @Test("a file that cannot be read is told, and all begin anew", arguments: ["", "{", "[]", "{\"format\":1}", "\u{0}"])
    func unreadable(text: String) async throws {
        try await Self.withFolder { folder in
            try text.write(toFile: folder + "/alarms.json", atomically: true, encoding: .utf8)
            let station = try Station(folder: folder)
            #expect(try await station.told("cannot be read").kind == .alarm)
            #expect(station.state("hot") == .normal)
        }
    }

    @Test("without a disk alarms go on, and it is told once")
    func noDisk() async throws {
        let station = try Station(folder: "/proc/nothing")
        try await station.serving {
            station.read(["heat": .good(.double(70))])
            _ = try await station.told("cannot be written")
            station.read(["heat": .good(.double(50))])
            _ = try await station.told("hot: returned")
            // The next try, which fails as well.
            await station.time.advance(by: .seconds(5), sleepers: 2)
            station.read(["heat": .good(.double(71))])
            #expect(try await station.told(" ").text.hasPrefix("hot: 71 m"))
        }
    }

    @Test("an order is an event with who gave it and why, and one that is refused is too")
    func orders() async throws {
        let station = try Station()
        try await station.serving {
            station.read(["heat": .good(.double(70))])
            _ = try await station.told("hot: 70 m")
            #expect(station.bell.obey(AlarmOrder(.removeFromService(reason: "probe broken"), "hot", who: "duty")) == nil)
            let event = try await station.told("out of service: probe broken")
            #expect(event.origin == "duty" && event.subject == "east/well/heat" && event.kind == .alarm)
            #expect(station.bell.obey(AlarmOrder(.acknowledge(comment: ""), "hot", who: "chief")) == .idle(.outOfService))
            let refused = try await station.told("refused")
            #expect(refused.origin == "chief")
            #expect(refused.text == "hot: acknowledge refused: there is nothing to do: the alarm is out of service")
        }
    }

    @Test("whoever shows the list is told when it is another, also of what is not in the logbook")
    func listener() async throws {
        let station = try Station()
        let told = Atomic<Int>(0)
        station.bell.meet { told.add(1, ordering: .relaxed) }
        try await station.serving {
            station.read(["heat": .good(.double(70))])
            _ = try await station.told("hot: 70 m")
            _ = station.bell.obey(AlarmOrder(.acknowledge(comment: ""), "hot", who: "chief"))
            #expect(told.load(ordering: .relaxed) == 2)
        }
    }
}
