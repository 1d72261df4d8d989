import Telemetry
import Testing

@Suite("the point table")
struct PointTableTests {
    private let point = PointID(index: 0)
    private let start = Moment(monotonic: .zero + .seconds(1000), wall: Timestamp(milliseconds: 1_782_000_000_000))

    private func table(maximumAge: Duration = .seconds(3)) throws -> PointTable {
        let name = try #require(PointName("site/device/level"))
        return PointTable(
            directory: Directory(
                points: [Point(name: name, device: DeviceID(index: 0), type: .double, maximumAge: maximumAge)],
                devices: [("site", "device")]))
    }

    private func batch(_ reading: Reading, at moment: Moment, time: Timestamp? = nil) -> Batch {
        Batch(
            device: DeviceID(index: 0), received: moment, samples: [Sample(point: point, time: time ?? moment.wall, reading: reading)])
    }

    @Test("marks a value stale once it is older than its point allows, and keeps it for people")
    func stale() throws {
        let table = try table()
        #expect(table.state(of: point, at: start.monotonic) == nil)
        table.apply(batch(.good(.double(2)), at: start))
        #expect(table.state(of: point, at: start.monotonic + .seconds(3))?.reading == .good(.double(2)))
        let late = try #require(table.state(of: point, at: start.monotonic + .seconds(3.001)))
        #expect(late.reading == .uncertain(.double(2), .stale))
        #expect(late.lastGood?.value == .double(2))
    }

    @Test("a message that lay at the broker is as old as it says")
    func retained() throws {
        let table = try table(maximumAge: .seconds(60))
        table.apply(batch(.good(.double(2)), at: start, time: start.wall.advanced(by: .seconds(-3600))))
        let state = try #require(table.state(of: point, at: start.monotonic))
        #expect(state.age == .seconds(3600))
        #expect(state.reading == .uncertain(.double(2), .stale))
    }

    @Test("late history does not replace news, but a clock put back does")
    func order() throws {
        let table = try table(maximumAge: .seconds(60))
        table.apply(batch(.good(.double(2)), at: start))
        table.apply(batch(.good(.double(1)), at: start.advanced(by: .seconds(1)), time: start.wall.advanced(by: .seconds(-5))))
        #expect(table.state(of: point, at: start.monotonic)?.reading == .good(.double(2)))
        let putBack = Moment(monotonic: start.monotonic + .seconds(2), wall: start.wall.advanced(by: .seconds(-7200)))
        table.apply(batch(.good(.double(3)), at: putBack))
        #expect(table.state(of: point, at: putBack.monotonic)?.reading == .good(.double(3)))
    }

    @Test("a bad reading holds no value, and the last good one stays beside it")
    func bad() throws {
        let table = try table()
        table.apply(batch(.good(.double(2)), at: start))
        table.apply(batch(.bad(.commFailure), at: start.advanced(by: .seconds(1))))
        let state = try #require(table.state(of: point, at: start.monotonic + .seconds(1)))
        #expect(state.reading.value == nil && state.lastGood?.value == .double(2) && state.lastGood?.time == start.wall)
    }
}
