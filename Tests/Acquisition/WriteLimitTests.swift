import Modbus
import Profiles
import Telemetry
import Testing

@testable import Acquisition

@Suite("writing within limits")
struct WriteLimitTests {
    private func link(
        _ limits: WriteLimits = WriteLimits(), table: Table = .holding, type: RegisterType = .uint16,
        function: WriteFunction = .single, meaning: Meaning = Meaning(), forbidden: [Table: [ClosedRange<Int>]] = [:],
        every: Duration = .seconds(1)
    ) -> VirtualLink {
        let source = RegisterSource(
            table: table, address: 7, codec: RegisterCodec(type, order: .abcd), meaning: meaning, function: function)
        let device = PolledDevice(
            id: DeviceID(index: 0), name: "site/drive", unit: UnitID(1), forbidden: forbidden,
            points: [
                PolledPoint(0, every: every),
                PolledPoint(id: PointID(index: 7), source: source, every: every, range: nil, limits: limits),
            ])
        var link = VirtualLink(LinkPlan(name: "plc", medium: .wire, timeout: .seconds(1), devices: [device]))
        link.run(for: .seconds(1))
        return link
    }

    /// The result of one write, and what it sent.
    private func write(_ value: Value, in link: inout VirtualLink, id: UInt64) -> (WriteResult?, [Request]) {
        let before = link.sent.count
        link.write(value, to: PointID(index: 7), id: id)
        link.run(for: .milliseconds(40))
        return (link.results[WriteID(number: id)], link.sent[before...].map(\.request))
    }

    @Test("each function that writes is sent and read back")
    func functions() throws {
        var coil = link(table: .coil, type: .bool)
        #expect(write(.bool(true), in: &coil, id: 1).1 == [.writeCoil(address: 7, true), .read(.coil, address: 7, count: 1)])
        #expect(coil.results[WriteID(number: 1)] == .echoed(.bool(true)))
        var coils = link(table: .coil, type: .bool, function: .multiple)
        #expect(write(.bool(false), in: &coils, id: 1).1.first == .writeCoils(address: 7, [false]))
        #expect(coils.results[WriteID(number: 1)] == .echoed(.bool(false)))
        var register = link()
        #expect(write(.int(0), in: &register, id: 1).1.first == .writeRegister(address: 7, 0))
        #expect(register.results[WriteID(number: 1)] == .echoed(.int(0)))
        var long = link(type: .uint32)
        #expect(write(.int(70_000), in: &long, id: 1).1.first == .writeRegisters(address: 7, [1, 4464]))
        #expect(long.results[WriteID(number: 1)] == .echoed(.int(70_000)))
        var meaning = Meaning()
        meaning.bits = BitField(4, 7)
        var bits = link(function: .mask, meaning: meaning)
        #expect(write(.int(9), in: &bits, id: 1).1.first == .maskWrite(address: 7, and: 0xFF0F, or: 0x90))
        #expect(bits.results[WriteID(number: 1)] == .echoed(.int(9)))
        #expect(bits.registers[7] == 0x97, "the other bits are left")
    }

    @Test("a value beyond its limits is refused in words, and nothing is sent")
    func values() {
        var link = link(WriteLimits(minimum: 10, maximum: 50, step: 2.5))
        for (value, word) in [
            (Value.int(9), "below"), (.int(51), "above"), (.int(11), "steps of 2.5"), (.double(.nan), "number"),
        ] {
            guard case (.refused(let why), let sent) = write(value, in: &link, id: 1) else {
                Issue.record("\(value) was not refused")
                continue
            }
            #expect(why.contains(word) && !sent.contains(where: \.isWrite))
        }
        #expect(write(.int(15), in: &link, id: 2).0 == .echoed(.int(15)))
    }

    @Test("two writes have their least time between them, and the refusal says until when")
    func every() {
        var link = link(WriteLimits(every: .seconds(5)))
        #expect(write(.int(1), in: &link, id: 1).0 == .echoed(.int(1)))
        link.run(for: .milliseconds(1960))
        let free = link.now.wall.advanced(by: .seconds(3))
        #expect(write(.int(2), in: &link, id: 2).0 == .refused("it may be written once in 5 s; again from \(free) on (in 3 s)"))
        link.run(for: .seconds(3))
        #expect(write(.int(2), in: &link, id: 3).0 == .echoed(.int(2)))
    }

    @Test(
        "a day's writes are no more than its budget in any 24 hours, but the safe value always goes",
        arguments: 1...5 as ClosedRange<UInt64>)
    func perDay(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var link = link(WriteLimits(perDay: 10, safe: .int(0)), every: .seconds(600))
        link.isKept = false
        var written: [Monotonic] = []
        for id in 1...200 as ClosedRange<UInt64> {
            link.run(for: .seconds(Int64.random(in: 1...7200, using: &random)))
            let at = link.now.monotonic
            guard write(.int(Int64(id)), in: &link, id: id).0 == .echoed(.int(Int64(id))) else {
                guard case .refused(let why) = link.results[WriteID(number: id)] else {
                    Issue.record("neither written nor refused")
                    continue
                }
                #expect(why.hasPrefix("its 10 writes a day are used up; again from"))
                #expect(written.filter { at - $0 < .seconds(86_400) }.count == 10)
                continue
            }
            written.append(at)
            #expect(written.filter { at - $0 < .seconds(86_400) }.count <= 10)
        }
        var worn = self.link(WriteLimits(perDay: 1, safe: .int(0)))
        #expect(write(.int(3), in: &worn, id: 1).0 == .echoed(.int(3)))
        #expect(write(.int(0), in: &worn, id: 2).0 == .echoed(.int(0)))
    }

    @Test("a write the device refuses costs nothing of the budget")
    func givenBack() {
        var link = link(WriteLimits(perDay: 1))
        link.manners[1] = .refuses(4)
        guard case .refused = write(.int(1), in: &link, id: 1).0 else {
            Issue.record("not refused")
            return
        }
        link.manners[1] = nil
        #expect(write(.int(1), in: &link, id: 2).0 == .echoed(.int(1)))
    }

    @Test("a point at a forbidden address is written and never read")
    func forbidden() {
        var link = link(forbidden: [.holding: [7...7]])
        let (result, sent) = write(.int(1), in: &link, id: 1)
        #expect(result == .unverified)
        #expect(sent == [.writeRegister(address: 7, 1)])
        link.run(for: .seconds(100))
        let touched = link.sent.contains { !$0.request.isWrite && Int($0.request.address) + $0.request.count > 7 }
        #expect(!touched)
    }

    @Test("writes wait in a lane that has an end")
    func bounded() {
        var link = link()
        link.manners[1] = .silent
        for id in 1...500 as ClosedRange<UInt64> { link.write(.int(1), to: PointID(index: 7), id: id) }
        let refused = link.results.values.filter { if case .refused = $0 { true } else { false } }
        #expect(refused.count >= 430)
        link.run(for: .seconds(100))
        #expect(link.results.count == 500)
    }
}
