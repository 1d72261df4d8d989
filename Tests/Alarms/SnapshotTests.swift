import Alarms
import Documents
import FoundationEssentials
import Telemetry
import Testing

@Suite("alarms over a restart")
struct SnapshotTests {
    static let float = "point: east/well/float\nwhen: { is: true }\n"

    /// The next run, so long after the end of this one, of the same files or others.
    static func next(_ bodies: KeyValuePairs<String, String>, after watch: Watch, _ gap: Duration, trusted: Bool = true) throws
        -> Watch
    {
        var next = try Watch(bodies)
        next.now = Moment(monotonic: .zero, wall: watch.now.wall.advanced(by: gap), isTrusted: trusted)
        next.desk = AlarmDesk(next.alarms, at: next.now)
        let saved = try JSONEncoder().encode(watch.desk.snapshot(at: watch.now))
        let changes = next.desk.restore(try JSONDecoder().decode(AlarmSnapshot.self, from: saved), at: next.now)
        next.told = changes
        return next
    }

    @Test("a shelf ends when it was promised, though the gateway was off in between")
    func shelf() throws {
        var watch = try Watch(["a": Self.float])
        watch.hear("east/well/float", true)
        watch.obey(.shelve(for: .seconds(3600), reason: "works", isOneShot: false), "a", who: "the shift")
        let until = try #require(watch.summary("a")?.shelf?.until)
        var soon = try Self.next(["a": Self.float], after: watch, .seconds(600))
        #expect(soon.summary("a")?.shelf?.reason == "works" && soon.summary("a")?.shelf?.who == "the shift")
        #expect(soon.summary("a")?.shelf?.until == until)
        soon.wait(.seconds(3000))
        #expect(soon.letter("a") == "B")
        let late = try Self.next(["a": Self.float], after: watch, .seconds(7200))
        #expect(late.told.contains { $0.kind == .unshelved && $0.time == until })
        #expect(late.letter("a") == "B")
    }

    @Test("a clock that cannot be trusted, or went back, ends no shelf")
    func untrusted() throws {
        var watch = try Watch(["a": Self.float])
        watch.hear("east/well/float", true)
        watch.obey(.shelve(for: .seconds(3600), reason: "works", isOneShot: false), "a")
        for (gap, isTrusted) in [(7200, false), (-7200, true)] {
            let next = try Self.next(["a": Self.float], after: watch, .seconds(gap), trusted: isTrusted)
            #expect(next.letter("a") == "G")
            var later = next
            later.wait(.seconds(3600))
            #expect(later.letter("a") == "B", "nor does it last longer than it may")
        }
    }

    @Test("a repeated call comes when it would have come")
    func repeated() throws {
        var watch = try Watch(["a": Self.float + "re-alarm: 10m"])
        watch.hear("east/well/float", true)
        var next = try Self.next(["a": Self.float + "re-alarm: 10m"], after: watch, .seconds(60))
        next.wait(.seconds(539))
        #expect(next.calls == 0)
        next.wait(.seconds(1))
        #expect(next.calls == 1)
    }

    @Test("a parent that begins anew is unknown, and hides its children at once")
    func parentAnew() throws {
        let high = "point: east/well/level\nwhen: { high: 80, deadband: 0 }\nparent: dead"
        var watch = try Watch(["dead": FamilyTests.dead, "high": high])
        FamilyTests.beat(&watch)
        watch.hear("east/well/level", 90)
        #expect(watch.letter("high") == "B")
        let next = try Self.next(["dead": FamilyTests.dead + "re-alarm: 1h", "high": high], after: watch, .zero)
        #expect(next.letter("high") == "H")
    }

    @Test("what was not acknowledged still waits, and does not call again")
    func unacknowledged() throws {
        var watch = try Watch(["a": Self.float])
        watch.hear("east/well/float", true)
        var next = try Self.next(["a": Self.float], after: watch, .seconds(60))
        #expect(next.letter("a") == "B")
        next.hear("east/well/float", true)
        #expect(next.calls == 0 && next.told.count(where: \.isAnnunciated) == 0)
    }

    @Test("a changed definition begins anew and one that is gone is told, but new words change nothing")
    func changed() throws {
        var watch = try Watch(["a": Self.float, "b": Self.float, "c": Self.float])
        watch.hear("east/well/float", true)
        let next = try Self.next(["a": Self.float + "on-delay: 5s", "c": Self.float + "# a remark"], after: watch, .seconds(1))
        #expect(next.told.filter { $0.kind == .begunAnew }.map(\.alarm) == ["a", "b"])
        #expect(next.letter("a") == "A" && next.letter("c") == "B")
    }

    @Test("points that are numbered otherwise are the same points")
    func renumbered() throws {
        var watch = try Watch(["a": "point: east/well/level\nwhen: { deviation: 5, from: twin, deadband: 0 }"])
        watch.hear(["east/well/level": .good(.double(9)), "east/well/twin": .good(.double(1))])
        #expect(watch.letter("a") == "B")
        let points = Array(Watch.county.points.reversed())
        let other = Directory(points: points, devices: Watch.county.devices.map { ($0.site, $0.name) })
        let alarms = AlarmFiles.read(
            [("a", "a.yaml", Watch.yaml("point: east/well/level\nwhen: { deviation: 5, from: twin, deadband: 0 }"))],
            directory: other,
            into: .init())
        var desk = AlarmDesk(alarms, at: watch.now)
        #expect(desk.restore(watch.desk.snapshot(at: watch.now), at: watch.now) == [])
        #expect(desk.summary(of: "a", at: watch.now)?.state == .unacknowledged)
    }

    @Test("alarms with nothing to remember cost nothing in the file, and what calls once costs one record")
    func lean() throws {
        var watch = try Watch(["a": "points: [\"*/*/current\", \"*/well/level\"]\nwhen: { high: 80, deadband: 0 }"])
        func size() throws -> Int { try JSONEncoder().encode(watch.desk.snapshot(at: watch.now)).count }
        for point in Watch.county.points where ["current", "level"].contains(point.name.point) { watch.hear("\(point.name)", 9) }
        let calm = try size()
        #expect(calm < 400)
        watch.hear("east/well/level", 90)
        #expect(try size() - calm < 1000)
    }

    @Test("a snapshot that is torn or absurd is refused or survived, and never traps", arguments: 1...60 as ClosedRange<UInt64>)
    func fuzz(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var run = History.Run()
        for step in History(seed: seed % 7, count: 120).steps { run.play(step) }
        var bytes = Array(try JSONEncoder().encode(run.desk.snapshot(at: run.now)))
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            let index = Int.random(in: bytes.indices, using: &random)
            // Digits for digits keep the text JSON, and make its numbers absurd.
            let isDigit = (0x30...0x39).contains(bytes[index])
            bytes[index] = isDigit ? UInt8.random(in: 0x30...0x39, using: &random) : bytes[index]
            if isDigit, Bool.random(using: &random) { bytes.insert(contentsOf: repeatElement(0x39, count: 9), at: index) }
        }
        guard let snapshot = try? JSONDecoder().decode(AlarmSnapshot.self, from: Data(bytes)) else { return }
        var next = History.Run(at: run.now)
        _ = next.desk.restore(snapshot, at: next.now)
        for step in History(seed: seed, count: 60).steps { next.play(step) }
        _ = next.desk.figures(at: next.now.monotonic)
    }
}
