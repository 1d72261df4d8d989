import Modbus
import Telemetry
import Testing

@testable import Acquisition

@Suite("a unit's health")
struct HealthTests {
    private func plan(units: Int, medium: LinkPlan.Medium, deadShare: Double = 0.1, every: Duration = .seconds(1)) -> LinkPlan {
        LinkPlan(
            name: "line", medium: medium, timeout: .milliseconds(500), deadShare: deadShare,
            devices: (0..<units).map { index in
                PolledDevice(
                    id: DeviceID(index: index), name: "site/d\(index + 1)", unit: UnitID(UInt8(index + 1)),
                    points: [PolledPoint(0, id: index, every: every)])
            })
    }

    /// `.` is an answer, `x` a silence; the states come out as `s`, `g` and `d`.
    private func states(after story: String) -> (states: String, edges: [UnitHealth.Edge]) {
        var random = SeededRandom(seed: 1)
        var health = UnitHealth()
        var states = ""
        var edges: [UnitHealth.Edge] = []
        for (second, outcome) in story.enumerated() {
            let now = Monotonic.zero + .seconds(second + 1)
            let edge = outcome == "." ? health.answered(at: now) : health.wasSilent(launched: now, at: now, &random)
            if let edge { edges.append(edge) }
            states.append(health.state.rawValue.first ?? "?")
        }
        return (states, edges)
    }

    @Test("moves with hysteresis, and speaks once an edge")
    func hysteresis() {
        #expect(states(after: "....x.x.....x......").states == "ssggggggggggggggggg")
        #expect(states(after: "...x.x.x........").states == "ssgggggsssssssss".prefix(15) + "g")
        #expect(states(after: "...xxx...").states == "ssgggdssg")
        #expect(states(after: "xx").edges == [.lost(hasEverAnswered: false)])
        let flapping = states(after: "...xxx.x.x.x.x...")
        #expect(flapping.states == "ssgggdsdsdsdsdssg")
        let told = flapping.edges.filter { $0 != .speaks && $0 != .lostAgain }
        #expect(told == [.lost(hasEverAnswered: true), .returned(since: .zero + .seconds(6))])
        #expect(states(after: "...x.x.x........").edges == [.doubtful(missing: 3), .reliable])
    }

    @Test("requests that were out together and all fail are one silence")
    func together() {
        var random = SeededRandom(seed: 1)
        var health = UnitHealth()
        for _ in 0..<3 { _ = health.answered(at: .zero) }
        for _ in 0..<4 { _ = health.wasSilent(launched: .zero, at: .zero + .seconds(1), &random) }
        #expect(health.state == .good)
    }

    @Test(
        "one dead unit among ten leaves its neighbours 98 % of their scans on time",
        arguments: [LinkPlan.Medium.wire, .line(baud: 19_200)], [false, true])
    func neighbours(medium: LinkPlan.Medium, isConverter: Bool) {
        var link = VirtualLink(plan(units: 10, medium: medium))
        link.isConverter = isConverter
        link.run(for: .seconds(10))
        link.manners[4] = .silent
        let before = link.batches.count
        link.run(for: .seconds(600))
        let after = link.batches[before...]
        for device in 0..<10 where device != 3 {
            let good = after.filter { $0.device.index == device && $0.samples[0].reading.isGood }
            #expect(good.count >= 588, "device \(device): \(good.count) of 600 scans")
            let gaps = zip(good.dropFirst(), good).map { $0.received.monotonic - $1.received.monotonic }
            let late = gaps.filter { $0 > .milliseconds(1550) }.count
            #expect(late <= 12, "device \(device): \(late) of 600 scans late")
        }
    }

    @Test("dead units take no more than their share of a line", arguments: [0.05, 0.1, 0.25], 1...4 as ClosedRange<UInt64>)
    func share(share: Double, seed: UInt64) {
        var link = VirtualLink(plan(units: 20, medium: .line(baud: 115_200), deadShare: share), seed: seed)
        link.run(for: .seconds(30))
        for unit in 1...8 as ClosedRange<UInt8> { link.manners[unit] = .silent }
        link.run(for: .seconds(30))
        let settled = link.silences.count
        let probed = link.now.monotonic
        link.run(for: .seconds(900))
        let spent = link.silences[settled...].reduce(Duration.zero) { $0 + ($1.to - $1.from) }
        #expect(spent.seconds <= 900 * share + 1)
        #expect(spent.seconds >= 900 * min(share, 0.1) * 0.7, "the share is used")
        for unit in 1...8 as ClosedRange<UInt8> {
            let probes = link.silences.filter { $0.unit == unit && $0.from > probed }.count
            #expect(probes >= 8, "unit \(unit) was probed \(probes) times in 15 min")
        }
    }

    @Test("when a whole line was dead and one unit speaks, the others are tried at once")
    func cable() {
        var link = VirtualLink(plan(units: 20, medium: .line(baud: 115_200)))
        link.run(for: .seconds(30))
        for unit in 1...20 as ClosedRange<UInt8> { link.manners[unit] = .silent }
        link.run(for: .seconds(600))
        link.manners = [:]
        let before = link.batches.count
        link.run(for: .seconds(33))
        let good = link.batches[before...].filter { $0.samples[0].reading.isGood }
        let first = Dictionary(grouping: good, by: \.device.index).compactMap { $0.value.first?.received.monotonic }.sorted()
        #expect(first.count == 20)
        #expect((first.last ?? .never) - (first.first ?? .zero) < .seconds(3))
        #expect(link.events.count == 40)
    }

    @Test("a slow class need not wait for its next tick to learn that its device is dead, or back")
    func slowClass() {
        var link = VirtualLink(plan(units: 2, medium: .wire, every: .seconds(3600)))
        link.run(for: .seconds(3 * 3600))
        link.manners[1] = .silent
        link.run(for: .seconds(3600 + 15))
        let lost = link.events.filter { $0.text.contains("no longer answers") }
        #expect(lost.count == 1)
        #expect(lost.first.map { link.now.wall.since($0.time) } ?? .zero < .seconds(3615))
        link.manners[1] = nil
        let before = link.batches.count
        link.run(for: .seconds(40))
        #expect(link.batches[before...].contains { $0.device.index == 0 && $0.samples[0].reading.isGood })
        #expect(link.events.last?.text.contains("answers again") == true)
    }

    @Test("a device has its pause between requests, its own timeout, and others use the line meanwhile")
    func pause() {
        let slow = PolledDevice(
            id: DeviceID(index: 0), name: "slow", unit: UnitID(1), pause: .milliseconds(80), timeout: .seconds(3),
            points: [0, 300, 600].map { PolledPoint($0) })
        let quick = PolledDevice(
            id: DeviceID(index: 1), name: "quick", unit: UnitID(2), points: [0, 300, 600].map { PolledPoint($0, id: $0 + 1) })
        for medium in [LinkPlan.Medium.wire, .line()] {
            var link = VirtualLink(LinkPlan(name: "l", medium: medium, timeout: .seconds(1), devices: [slow, quick]))
            link.run(for: .seconds(60))
            let times = link.sent.filter { $0.unit == 1 }.map(\.at)
            #expect(zip(times.dropFirst(), times).allSatisfy { $0 - $1 >= .milliseconds(90) })
            #expect(times.count >= 177)
            #expect(link.poller.missedTicks == 0)
            // A write waits for the pause as well, and no longer.
            while link.sent.last?.unit != 1 { link.run(for: .milliseconds(10)) }
            link.write(.int(5), to: PointID(index: 300), id: 1)
            link.run(for: .milliseconds(200))
            #expect(link.results[WriteID(number: 1)] == .echoed(.int(5)))
            let all = link.sent.filter { $0.unit == 1 }.map(\.at)
            #expect(zip(all.dropFirst(), all).allSatisfy { $0 - $1 >= .milliseconds(90) })
            link.manners[1] = .silent
            let before = link.silences.count
            link.run(for: .seconds(20))
            #expect(link.silences[before...].allSatisfy { $0.to - $0.from == .seconds(3) })
        }
    }
}
