import Modbus
import Profiles
import Telemetry
import Testing

@testable import Acquisition

@Suite("a link's poller")
struct LinkPollerTests {
    /// Devices of three holding registers each (addresses 0, 1 and 100) at 1 s, on units 1, 2, ….
    private func plan(units: Int, inFlight: Int = 1, medium: LinkPlan.Medium = .tcp(host: "", port: 0)) -> LinkPlan {
        LinkPlan(
            name: "plc", medium: medium, timeout: .milliseconds(500),
            devices: (0..<units).map { index in
                PolledDevice(
                    id: DeviceID(index: index), name: "site/device-\(index + 1)", unit: UnitID(UInt8(index + 1)),
                    requestsInFlight: inFlight,
                    points: [0, 1, 700].enumerated().map { offset, address in
                        PolledPoint(
                            id: PointID(index: index * 3 + offset),
                            source: RegisterSource(
                                table: .holding, address: UInt16(address), codec: RegisterCodec(.uint16, order: .abcd)),
                            every: .seconds(1), range: 0...900)
                    })
            })
    }

    @Test("turns one scan into one batch, stamped when the answers arrived")
    func scan() throws {
        var link = VirtualLink(plan(units: 1))
        link.run(for: .seconds(1))
        let batch = try #require(link.batches.first)
        #expect(batch.samples.map(\.reading) == [.good(.int(0)), .good(.int(1)), .good(.int(700))])
        #expect(batch.samples[2].time == batch.received.wall)
        #expect(batch.samples[0].time.advanced(by: .milliseconds(10)) == batch.samples[2].time)
        #expect(link.sent.count == 2)
    }

    @Test("keeps its period for an hour")
    func period() {
        var link = VirtualLink(plan(units: 3, inFlight: 2))
        link.run(for: .seconds(3600))
        #expect(link.batches.count == 3 * 3600)
        #expect(link.poller.missedTicks == 0)
    }

    @Test("skips and counts the ticks a slow device misses, and never bunches them")
    func missed() {
        var link = VirtualLink(plan(units: 1, medium: .line()))
        // Two requests of 499 ms each just fit between one tick and the next.
        link.manners[1] = .answers(after: .milliseconds(499))
        link.run(for: .seconds(60))
        #expect(link.poller.missedTicks == 0)
        #expect(link.batches.count >= 58)
        var crowded = VirtualLink(plan(units: 3, medium: .line()))
        for unit in 1...3 as ClosedRange<UInt8> { crowded.manners[unit] = .answers(after: .milliseconds(400)) }
        crowded.run(for: .seconds(240))
        // The line carries one scan of two requests in 0.8 s.
        #expect((298...302).contains(crowded.batches.count))
        #expect(abs(crowded.poller.missedTicks - (3 * 240 - crowded.batches.count)) <= 6)
    }

    @Test("answers of the wrong length are bad readings, never numbers")
    func garbage() throws {
        var link = VirtualLink(plan(units: 1))
        link.manners[1] = .garbage
        link.run(for: .seconds(1))
        let batch = try #require(link.batches.first)
        // One register where two were asked for is garbage; one where one was asked for is an answer.
        #expect(batch.samples.map(\.reading) == [.bad(.commFailure), .bad(.commFailure), .good(.int(1))])
    }

    @Test("a number outside its range is bad and says so")
    func outOfRange() throws {
        var link = VirtualLink(plan(units: 1))
        link.registers[1] = 901
        link.run(for: .seconds(1))
        #expect(try #require(link.batches.first).samples[1].reading == .bad(.outOfRange))
    }

    @Test("a dead unit behind a shared connection costs its neighbours nothing")
    func deadUnit() {
        var link = VirtualLink(plan(units: 10))
        link.run(for: .seconds(10))
        link.manners[4] = .silent
        let before = link.batches.count
        link.run(for: .seconds(100))
        let after = link.batches[before...]
        for device in 0..<10 where device != 3 {
            #expect(after.filter { $0.device.index == device }.count >= 99)
        }
        #expect(link.events.filter { $0.text.contains("no longer answers") }.count == 1)
        let bad = after.filter { $0.device.index == 3 }
        #expect(bad.allSatisfy { $0.samples.allSatisfy { $0.reading == .bad(.commFailure) } })
        #expect((2...4).contains(bad.count), "told at once, then once a minute, not every second")
    }

    @Test("a dead unit on a serial line is probed ever more rarely, and is back after one answer")
    func probes() {
        var link = VirtualLink(plan(units: 2, medium: .line()))
        link.manners[2] = .silent
        link.run(for: .seconds(300))
        let asked = link.sent.filter { $0.unit == 2 }.count
        #expect((10...40).contains(asked), "asked \(asked) times in five minutes")
        #expect(link.batches.filter { $0.device.index == 0 }.count >= 290)
        link.manners[2] = nil
        link.run(for: .seconds(32))
        #expect(link.events.last?.text.contains("answers again") == true)
        #expect(link.batches.last { $0.device.index == 1 }?.samples.first?.reading == .good(.int(0)))
    }

    @Test("an exception of the device is bad for that block, and the unit counts as alive", arguments: [1, 4, 6] as [UInt8])
    func exceptions(code: UInt8) throws {
        var link = VirtualLink(plan(units: 1))
        link.manners[1] = .refuses(code)
        link.run(for: .seconds(10))
        #expect(link.events.count == 1 && link.events.first?.text.contains("with exception \(code) (") == true)
        #expect(link.sent.count >= 18)
        #expect(link.poller.deviceStates.map(\.state) == [.good])
        link.manners[1] = .refuses(11)
        link.run(for: .seconds(10))
        #expect(link.events.count == 2)
        #expect(link.poller.deviceStates.map(\.state) == [.down])
    }

    @Test("a write leaves before the reads that wait, and is read back at once")
    func write() throws {
        var link = VirtualLink(plan(units: 1, medium: .line()))
        link.manners[1] = .answers(after: .milliseconds(100))
        while link.sent.isEmpty { link.run(for: .milliseconds(50)) }
        link.write(.int(42), to: PointID(index: 1), id: 7)
        link.run(for: .milliseconds(500))
        #expect(link.sent[1].request == .writeRegister(address: 1, 42))
        #expect(link.sent[2].request == .read(.holding, address: 1, count: 1))
        #expect(link.results[WriteID(number: 7)] == .echoed(.int(42)))
        #expect(
            link.batches.contains {
                $0.samples == [Sample(point: PointID(index: 1), time: $0.received.wall, reading: .good(.int(42)))]
            })
    }

    @Test("a write of the wrong type or to a lost link has its answer at once")
    func refusedWrites() {
        var link = VirtualLink(plan(units: 1))
        link.run(for: .seconds(1))
        link.write(.string("on"), to: PointID(index: 1), id: 1)
        link.cut("pulled out")
        link.write(.int(1), to: PointID(index: 1), id: 2)
        guard case .refused = link.results[WriteID(number: 1)] else {
            Issue.record("not refused")
            return
        }
        guard case .failed(let why) = link.results[WriteID(number: 2)] else {
            Issue.record("not failed")
            return
        }
        #expect(why.contains("pulled out"))
    }

    @Test(
        "a lost link is told once, dialled with growing pauses, and told once when it is back",
        arguments: 1...5 as ClosedRange<UInt64>)
    func lostLink(seed: UInt64) {
        var link = VirtualLink(plan(units: 2), seed: seed)
        link.run(for: .seconds(5))
        link.refusal = "connection refused"
        link.cut("reset by peer")
        link.run(for: .seconds(120))
        #expect(link.events.map(\.text) == ["link plc lost: reset by peer"])
        #expect(link.edges.map(\.isUp) == [true, false])
        link.refusal = nil
        link.run(for: .seconds(32))
        #expect(link.events.count == 2 && link.events[1].text.contains("restored"))
        #expect(link.batches.last?.samples.first?.reading == .good(.int(0)))
    }

    @Test("no request is on the wire beyond what a device takes", arguments: [1, 2, 4])
    func depth(inFlight: Int) {
        var link = VirtualLink(plan(units: 1, inFlight: inFlight))
        link.manners[1] = .silent
        link.run(for: .milliseconds(1099))
        let first = link.sent.first?.at
        #expect(link.sent.filter { $0.at == first }.count == min(inFlight, 2))
    }
}
