import Modbus
import Telemetry
import Testing

@testable import Acquisition

@Suite("the grid")
struct GridTests {
    @Test("gives back what is due in order, however it was put in", arguments: 1...20 as ClosedRange<UInt64>)
    func order(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var grid = Grid()
        var kept: [Int64] = []
        for _ in 0..<400 {
            if Bool.random(using: &random) {
                let due = Int64.random(in: 0..<1000, using: &random)
                grid.add(.gate, at: Monotonic(nanoseconds: due))
                kept = (kept + [due]).sorted()
            } else {
                let now = Int64.random(in: 0..<1000, using: &random)
                let isDue = kept.first.map { $0 <= now } ?? false
                #expect((grid.take(dueBy: Monotonic(nanoseconds: now)) != nil) == isDue)
                if isDue { kept.removeFirst() }
            }
            #expect(grid.next == kept.first.map { Monotonic(nanoseconds: $0) } ?? .never)
        }
    }

    private func plan(_ periods: [Duration], devices: Int = 1) -> LinkPlan {
        LinkPlan(
            name: "plc", medium: .wire, timeout: .seconds(1),
            devices: (0..<devices).map { index in
                PolledDevice(
                    id: DeviceID(index: index), name: "d\(index)", unit: UnitID(UInt8(index % 240 + 1)), requestsInFlight: 4,
                    points: periods.enumerated().map { PolledPoint($0, id: index * 10 + $0, every: $1) })
            })
    }

    @Test("keeps every class from ten milliseconds to a day, the slow ones to the tick", arguments: 1...5 as ClosedRange<UInt64>)
    func classes(seed: UInt64) {
        let periods = [
            Duration.milliseconds(10), .milliseconds(100), .milliseconds(250), .seconds(60), .seconds(3600), .seconds(86_400),
        ]
        var link = VirtualLink(plan(periods), seed: seed)
        link.latency = .milliseconds(2)
        link.run(for: .seconds(1))
        #expect(Set(link.batches.flatMap(\.samples).map(\.point.index)) == Set(0..<6), "each is read once within a second")
        link.run(for: .seconds(59))
        func count(_ point: Int) -> Int { link.batches.filter { $0.samples[0].point.index == point }.count }
        #expect((5980...6001).contains(count(0)))
        #expect((595...601).contains(count(1)))
        #expect((236...241).contains(count(2)))
        #expect((1...2).contains(count(3)))
        #expect(link.poller.missedTicks == 0)
        var slow = VirtualLink(plan([.seconds(3600), .seconds(86_400)]), seed: seed)
        slow.run(for: .seconds(10 * 86_400))
        let days = slow.batches.filter { $0.samples[0].point.index == 1 }.map(\.received.monotonic)
        #expect(days.count == 11 || days.count == 10)
        #expect(zip(days.dropFirst(), days.dropFirst(2)).allSatisfy { $1 - $0 == .seconds(86_400) })
        let hours = slow.batches.filter { $0.samples[0].point.index == 0 }.map(\.received.monotonic)
        #expect((240...241).contains(hours.count))
    }

    @Test("spreads a slow class over its whole period, yet reads it first within a second")
    func stagger() {
        var link = VirtualLink(plan([.seconds(60)], devices: 200), seed: 3)
        link.run(for: .seconds(1))
        #expect(link.batches.count == 200)
        link.run(for: .seconds(60))
        let second = link.batches.dropFirst(200).map { $0.received.monotonic.nanoseconds / 1_000_000_000 / 10 }
        let tens = Dictionary(grouping: second) { $0 }.mapValues(\.count)
        #expect(tens.count >= 6)
        #expect(tens.values.allSatisfy { $0 < 70 }, "\(tens)")
    }

    @Test("a thousand devices wake the link by slots, not each by itself")
    func slots() {
        var link = VirtualLink(plan([.seconds(1)], devices: 200))
        link.run(for: .seconds(10))
        let moments = Set(link.sent.map(\.at))
        #expect(moments.count <= 110)
        #expect(link.batches.count >= 200 * 9)
    }

    @Test(
        "ticks nobody came by for are skipped and counted, in whatever order time jumps", arguments: 1...20 as ClosedRange<UInt64>
    )
    func jumps(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var poller = LinkPoller(plan([.milliseconds(100)]), seed: seed, at: .zero)
        var now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 0))
        var begun = 0
        _ = poller.due(at: now)
        _ = poller.connected(at: now)
        for _ in 0..<200 {
            while let outgoing = poller.next() {
                begun += 1
                _ = poller.answered(outgoing.ticket, .success(.registers([1])), at: now)
            }
            now = now.advanced(by: .milliseconds(Int64.random(in: 0...5000, using: &random)))
            _ = poller.due(at: now)
            #expect(poller.nextWake > now.monotonic)
        }
        while poller.next() != nil { begun += 1 }
        #expect(begun + poller.missedTicks == Int(now.monotonic.nanoseconds / 100_000_000) + 1)
    }
}
