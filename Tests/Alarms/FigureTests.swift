import Alarms
import Telemetry
import Testing

/// The figures of ISA-18.2-2016, clause 16, and EEMUA 191.
@Suite("flood figures")
struct FigureTests {
    /// Calls `count` times, a second apart.
    static func call(_ count: Int, on watch: inout Watch) {
        for _ in 0..<count {
            watch.wait(.seconds(1))
            watch.hear("east/well/float", false)
            watch.hear("east/well/float", true)
        }
    }

    static let float = "point: east/well/float\nwhen: { is: true }"

    @Test("ten calls in ten minutes are no flood; the eleventh begins one, and it ends when fewer than five are left")
    func flood() throws {
        var watch = try Watch(["a": Self.float])
        Self.call(10, on: &watch)
        #expect(!watch.figures().isFlood && watch.figures().callsInTenMinutes == 10)
        Self.call(1, on: &watch)
        #expect(watch.figures().isFlood)
        #expect(watch.changes.last?.kind == .floodBegan)
        let began = watch.now
        watch.forget()
        // The calls came at seconds 1 to 11: the seventh leaves the window 600 s after second 7, and four are left.
        watch.wait(.seconds(595))
        watch.hear("east/well/float", true)
        #expect(watch.figures().isFlood && watch.figures().callsInTenMinutes == 5)
        watch.wait(.seconds(1))
        #expect(watch.kinds.contains(.floodEnded) && !watch.figures().isFlood)
        #expect(watch.changes.first { $0.kind == .floodEnded }?.time == began.wall.advanced(by: .seconds(596)))
        #expect(watch.figures().floods == 1)
    }

    @Test("a flood's end is told at its own instant, however late the desk is asked")
    func floodEnd() throws {
        var watch = try Watch(["a": Self.float])
        Self.call(11, on: &watch)
        let began = watch.now
        watch.wait(.seconds(86_400))
        #expect(watch.changes.first { $0.kind == .floodEnded }?.time == began.wall.advanced(by: .seconds(596)))
    }

    @Test("three calls within a minute are chattering, three in just a minute are not", arguments: [(29, true), (30, false)])
    func chattering(_ gap: Int, _ isChattering: Bool) throws {
        var watch = try Watch(["a": Self.float])
        for _ in 0..<3 {
            Self.call(1, on: &watch)
            watch.wait(.seconds(gap - 1))
        }
        #expect(watch.figures().chattering == (isChattering ? ["a"] : []))
    }

    @Test("an alarm that stands for more than a day is stale, shelved or not")
    func stale() throws {
        var watch = try Watch(["a": Self.float, "b": "point: east/pump-1/running\nwhen: { is: true }"])
        watch.hear("east/well/float", true)
        watch.hear("east/pump-1/running", true)
        watch.obey(.shelve(for: .seconds(3600 * 8), reason: "a test", isOneShot: false), "b")
        watch.wait(.seconds(86_400))
        #expect(watch.figures().stale == [])
        watch.wait(.seconds(1))
        #expect(watch.figures().stale == ["a", "b"])
    }

    @Test("the top ten are ten, by their number of calls, and days end")
    func topTen() throws {
        let names = Watch.county.points.map(\.name.description)
        var watch = try Watch(["a": "points: \"*/*/*\"\nwhen: { quality: bad }"])
        for (index, name) in names.enumerated() {
            for _ in 0...index {
                watch.hear(name, 1)
                watch.hear([name: .bad(.sensorFault)])
            }
        }
        let figures = watch.figures()
        #expect(figures.topTen.count == 10)
        #expect(figures.topTen.first?.alarm == "a#\(names.last ?? "")" && figures.topTen.first?.count == names.count)
        #expect(figures.topTen.map(\.count) == figures.topTen.map(\.count).sorted(by: >))
        let calls = figures.callsInADay
        watch.wait(.seconds(86_400 + 60))
        #expect(watch.figures().callsInADay < calls)
    }

    @Test("shares are of calls and of definitions, beside 80, 15 and 5 in a hundred and less than one")
    func shares() throws {
        let files = Watch.read([
            "a": Watch.yaml(Self.float, priority: "low"),
            "b": Watch.yaml("point: west/well/float\nwhen: { is: true }", priority: "high"),
        ])
        var desk = AlarmDesk(files.alarms, at: Watch.start)
        let point = try #require(Watch.county.id(of: "east/well/float"))
        _ = desk.hear([Heard(point: point, reading: .good(.bool(true)), staleAt: nil)], at: Watch.start)
        let shares = desk.figures(at: Watch.start.monotonic).shares
        #expect(shares.map(\.recommended) == [0.01, 0.05, 0.15, 0.80])
        #expect(shares.map(\.called) == [0, 0, 0, 1])
        #expect(shares.map(\.defined) == [0, 0.5, 0, 0.5])
    }

    @Test("what is remembered has an end, and says what it lost")
    func bounded() throws {
        var watch = try Watch(["a": Self.float])
        Self.call(5000, on: &watch)
        #expect(watch.figures().callsInADay + watch.figures().forgotten == 5000)
        #expect(watch.figures().callsInADay == 4096)
    }
}
