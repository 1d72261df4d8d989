import Modbus
import Profiles
import Telemetry
import Testing

@testable import Acquisition

@Suite("learning what a device does not serve")
struct LearningTests {
    private func link(_ points: [PolledPoint], medium: LinkPlan.Medium = .wire, seed: UInt64 = 1) -> VirtualLink {
        let device = PolledDevice(id: DeviceID(index: 0), name: "site/meter", unit: UnitID(1), points: points)
        return VirtualLink(LinkPlan(name: "plc", medium: medium, timeout: .seconds(1), devices: [device]), seed: seed)
    }

    private func isBad(_ sample: Sample) -> Bool { sample.reading == .bad(.commFailure) }

    @Test(
        "any set of unserved registers is found in the first scan, and all others are read",
        arguments: 1...40 as ClosedRange<UInt64>)
    func bisection(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let addresses = (0..<300).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
        let share = Int.random(in: 1...50, using: &random)
        var link = link(addresses.map { PolledPoint($0) }, seed: seed)
        link.unserved = Set((0..<300).filter { _ in Int.random(in: 0..<60, using: &random) < share })
        link.run(for: .seconds(5))
        let first = try #require(link.batches.first)
        #expect(first.samples.map(\.point.index).sorted() == addresses)
        #expect(Set(first.samples.filter(isBad).map(\.point.index)) == link.unserved.intersection(addresses))
        // Once all is known, nothing is refused any more, and what can be read together is.
        link.run(for: .seconds(20))
        let before = link.sent.count
        link.run(for: .seconds(10))
        let scan = Set(link.sent[before...].map(\.request))
        let all = scan.allSatisfy { link.unserved.isDisjoint(with: Int($0.address)..<Int($0.address) + $0.count) }
        #expect(all)
        #expect(link.sent.count - before == 10 * scan.count)
        let last = Set(link.batches.last?.samples.map(\.point.index) ?? [])
        #expect(last.symmetricDifference(Set(addresses).subtracting(link.unserved)).sorted() == [])
        #expect(link.events.count == (link.unserved.isDisjoint(with: addresses) ? 0 : 1))
    }

    @Test("one bad register among a hundred costs one request a scan, and is told once by its address")
    func one() {
        var link = link((0..<100).map { PolledPoint($0) })
        link.unserved = [37]
        link.run(for: .seconds(20))
        let before = link.sent.count
        link.run(for: .seconds(10))
        #expect(link.sent.count - before == 20)
        #expect(
            link.events.map(\.text) == ["site/meter refuses holding registers 37; left out, and tried again from time to time"])
    }

    @Test("a hole between wanted registers is read around, and no point is called bad for it")
    func hole() throws {
        var link = link([0, 1, 40, 41].map { PolledPoint($0) })
        link.unserved = [20]
        link.run(for: .seconds(10))
        #expect(link.events.isEmpty)
        let good = link.batches.allSatisfy { $0.samples.count == 4 && $0.samples.allSatisfy { !isBad($0) } }
        #expect(good)
        #expect(
            link.sent.suffix(2).map(\.request) == [.read(.holding, address: 0, count: 2), .read(.holding, address: 40, count: 2)])
    }

    @Test("a device that gives fewer registers at once than its profile says is read in pieces it gives")
    func size() {
        var link = link((0..<120).map { PolledPoint($0) })
        link.most = 50
        link.run(for: .seconds(10))
        #expect(link.events.isEmpty)
        let before = link.sent.count
        link.run(for: .seconds(10))
        #expect(link.sent.count - before <= 40)
        #expect(link.batches.last?.samples.count == 120)
    }

    @Test("a left out register is tried ever more rarely, and is back, and told, when it is served again")
    func again() throws {
        var link = link((0..<10).map { PolledPoint($0) })
        link.unserved = [3, 4, 8]
        link.run(for: .seconds(10))
        #expect(link.events.count == 1 && link.events[0].text.contains("holding registers 3…4, 8;"))
        var before = link.sent.count
        link.run(for: .seconds(7200))
        let extra = link.sent[before...].filter { link.unserved.contains(Int($0.request.address)) }.count
        #expect((15...30).contains(extra), "tried \(extra) times")
        link.unserved = [8]
        link.run(for: .seconds(3 * 3600))
        #expect(link.events.map(\.text).dropFirst().allSatisfy { $0.hasPrefix("site/meter serves holding registers") })
        #expect(Set(link.batches.last?.samples.map(\.point.index) ?? []) == [0, 1, 2, 3, 4, 5, 6, 7, 9])
        before = link.events.count
        link.run(for: .seconds(3600))
        #expect(link.events.count == before)
    }

    @Test("a device that refuses everything is told once and asked little")
    func everything() {
        var link = link((0..<100).map { PolledPoint($0) })
        link.unserved = Set(0..<1000)
        link.run(for: .seconds(40))
        #expect(link.events.count == 1)
        #expect(link.batches.count == 1)
        #expect(link.sent.count == 199)
        #expect(link.poller.deviceStates.map(\.state) == [.good])
    }

    @Test("an answer that is late is no refusal: nothing is learned from silence")
    func silence() {
        var link = link((0..<50).map { PolledPoint($0) })
        link.run(for: .seconds(3))
        link.manners[1] = .silent
        link.run(for: .seconds(30))
        link.manners[1] = nil
        link.run(for: .seconds(40))
        #expect(link.batches.last?.samples.count == 50)
        #expect(link.sent.last?.request == .read(.holding, address: 0, count: 50))
    }

    @Test(
        "an exception of any other kind is told by its name when it begins, and once when it ends",
        arguments: [1, 4, 5, 6, 7, 8, 9, 0x63] as [UInt8])
    func exceptions(code: UInt8) {
        var link = link((0..<10).map { PolledPoint($0) })
        link.run(for: .seconds(5))
        link.manners[1] = .refuses(code)
        link.run(for: .seconds(60))
        #expect(link.batches.last?.samples.allSatisfy(isBad) == true)
        link.manners[1] = nil
        link.run(for: .seconds(20))
        let name = ModbusError.name(ofException: code)
        let told = [
            "site/meter answers a read of holding registers 0…9 with exception \(code) (\(name)); "
                + "what is read there is bad until it does not",
            "site/meter answers without exceptions again",
        ]
        #expect(link.events.map(\.text).filter { $0.contains("exception") } == told)
        #expect(link.batches.last?.samples.allSatisfy(isBad) == false)
    }
}
