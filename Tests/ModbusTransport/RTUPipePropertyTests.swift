import Modbus
import NIOCore
import Testing

@testable import ModbusTransport

/// Devices behind a modem in a bad cell: they lose questions and think long, the network stops and brings all at once, cuts
/// anywhere, and noise and others' frames come between. What they hold at an address can be told from every other.
private struct BadCell {
    /// How long a device thinks at most, if it answers at all: nearly twice what it is given.
    static let longest: Int64 = 190
    private var dice: Dice
    private var queue: [(due: Int64, bytes: [UInt8])] = []
    private var busyUntil: Int64 = 0
    private var stalledUntil: Int64 = 0
    /// Nothing is lost any more, nobody thinks long, and only heartbeats come between.
    var isCalm = false

    init(seed: UInt64) { dice = Dice(seed: seed) }

    static func value(_ unit: UInt8, _ address: UInt16) -> UInt16 { UInt16(unit) << 12 | address }

    static func refuses(_ address: UInt16) -> Bool { address % 7 == 3 }

    mutating func hear(_ frame: RTUFrame, at now: Int64) {
        guard isCalm || chance(900), case .read(_, let address, let count)? = try? PDU.request(frame.pdu) else { return }
        let think =
            isCalm || chance(800) ? Int64.random(in: 1...60, using: &dice) : Int64.random(in: 1...Self.longest, using: &dice)
        busyUntil = max(busyUntil, now, stalledUntil) + think
        let function = frame.pdu.first ?? 0
        let values = (0..<count).map { Self.value(frame.unit.rawValue, address + $0) }
        let pdu =
            Self.refuses(address)
            ? PDU.exception(2, to: function)
            : [function, UInt8(count * 2)] + values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        queue.append((busyUntil, RTUFrame(unit: frame.unit, pdu: pdu).encode()))
    }

    /// What has arrived, in pieces.
    mutating func say(at now: Int64) -> [[UInt8]] {
        if !isCalm, queue.isEmpty, now > stalledUntil + 1000, chance(20) {
            stalledUntil = now + Int64.random(in: 100...3000, using: &dice)
        }
        guard now >= stalledUntil else { return [] }
        var bytes: [UInt8] = []
        while let first = queue.first, first.due <= now {
            bytes += first.bytes
            queue.removeFirst()
        }
        if !isCalm, chance(2) {
            bytes += (0..<Int.random(in: 1...30, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
        }
        if !isCalm, chance(2) { bytes += register(0xDEAD, unit: 9).encode() }
        if chance(2) { bytes += Array("pump-7".utf8) }
        var pieces: [[UInt8]] = []
        while !bytes.isEmpty {
            let count = Int.random(in: 1...bytes.count, using: &dice)
            pieces.append(Array(bytes.prefix(count)))
            bytes.removeFirst(count)
        }
        return pieces
    }

    mutating func question() -> (Request, UInt8) {
        let count = UInt16.random(in: 1...3, using: &dice)
        let table: Table = chance(700) ? .holding : .input
        return (
            .read(table, address: UInt16.random(in: 0...50, using: &dice), count: count), UInt8.random(in: 1...2, using: &dice)
        )
    }

    private mutating func chance(_ perMille: Int) -> Bool { Int.random(in: 0..<1000, using: &dice) < perMille }
}

@Suite("RTU frames in any stream")
struct RTUPipePropertyTests {
    @Test(
        "however late, torn and mixed the answers come, none is another question's; in good weather each question has one",
        arguments: 0..<30 as Range<UInt64>)
    func neverWrong(seed: UInt64) throws {
        let bench = try RTUBench(heartbeat: Array("pump-7".utf8))
        var cell = BadCell(seed: seed)
        var now: Int64 = 0
        for name in 0..<170 where bench.pipe.isOpen {
            if name == 150 {
                cell.isCalm = true
                for _ in 0..<700 { step(bench, &cell, &now) }
            }
            let (request, unit) = cell.question()
            bench.ask(name, request, unit: unit, timeout: .milliseconds(100))
            let asked = now
            while bench.results[name] == nil, now - asked < 5000 {
                for frame in try bench.sent() { cell.hear(frame, at: now) }
                step(bench, &cell, &now)
            }
            switch bench.results[name] {
            case .success(.registers(let values))?:
                #expect(
                    values == (0..<UInt16(request.count)).map { BadCell.value(unit, request.address + $0) }, "question \(name)")
            case .failure(.exception)?: #expect(BadCell.refuses(request.address), "question \(name)")
            case let result: #expect(result != nil && name < 150, "question \(name) has no answer: \(String(describing: result))")
            }
        }
        #expect(bench.pipe.isOpen)
    }

    private func step(_ bench: RTUBench, _ cell: inout BadCell, _ now: inout Int64) {
        bench.wait(milliseconds: 5)
        now += 5
        for piece in cell.say(at: now) { bench.receive(piece) }
    }

    @Test("any bytes, cut anywhere, end in an answer, a wait or a close, each question once", arguments: 0..<20 as Range<UInt64>)
    func anyBytes(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let bench = try RTUBench()
        for name in 0..<60 {
            bench.ask(name)
            for _ in 0..<Int.random(in: 0...4, using: &dice) {
                // Much of it begins as an answer would.
                let head: [UInt8] = [[], [1], [1, 3], [1, 3, 2], [1, 0x83]].randomElement(using: &dice) ?? []
                let count = Int.random(in: 0...300, using: &dice)
                bench.receive(head + (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) })
                bench.wait(milliseconds: Int64.random(in: 0...100, using: &dice))
            }
            if let asked = try bench.sent().last, Bool.random(using: &dice) { bench.receive(register(UInt16(asked.pdu[2]))) }
        }
        bench.wait(milliseconds: 120_000)
        #expect(bench.results.count == 60)
        for case (let name, .success(let response)) in bench.results { #expect(response == .registers([UInt16(name)])) }
    }

    @Test("the fuzzers' entries hold their promises on bytes that are nearly frames", arguments: 0..<50 as Range<UInt64>)
    func fuzzEntries(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<50 {
            let count = Int.random(in: 0...40, using: &dice)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
            let tcp = MBAPFrame(transaction: 7, unit: UnitID(1), pdu: [3] + noise).encode()
            let rtu = RTUFrame(unit: UnitID(1), pdu: [3, UInt8(clamping: count)] + noise).encode()
            FuzzEntries.mbap(noise)
            FuzzEntries.mbap(Array(noise.prefix(1)) + tcp + tcp + noise)
            FuzzEntries.pdu(noise)
            FuzzEntries.pdu([7, UInt8(clamping: count / 2), 1, 0, 3, UInt8(clamping: count)] + noise)
            FuzzEntries.rtu(noise)
            FuzzEntries.rtu([7, UInt8(clamping: count / 2), 1] + Array(noise.prefix(3)) + rtu + rtu)
        }
    }
}
