import Modbus
import NIOCore
import NIOEmbedded
import Testing

@testable import ModbusTransport

/// A pipe on a channel without a socket, and on a loop whose time is moved by hand.
private final class Bench {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let pipe: RequestPipe
    private(set) var results: [Int: Result<Response, ModbusError>] = [:]
    private(set) var order: [Int] = []
    private(set) var ends: [String] = []

    init() throws {
        channel = EmbeddedChannel(loop: loop)
        final class Ends { var report: (String) -> Void = { _ in } }
        let ends = Ends()
        pipe = RequestPipe(on: loop) { ends.report($0) }
        ends.report = { [weak self] in self?.ends.append($0) }
        try channel.pipeline.syncOperations.addHandler(pipe)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 502)).wait()
    }

    /// Reads one register at an address that serves as its name.
    func ask(_ name: Int, unit: UInt8 = 1, timeout: Duration = .seconds(1)) {
        pipe.send(.read(.holding, address: UInt16(name), count: 1), to: UnitID(unit), timeout: timeout) { [weak self] result in
            #expect(self?.results[name] == nil, "\(name) is answered once")
            self?.results[name] = result
            self?.order.append(name)
        }
    }

    /// What went over the wire since last asked for: one array a write.
    func sent() throws -> [[MBAPFrame]] {
        var writes: [[MBAPFrame]] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            var decoder = MBAPDecoder()
            decoder.append(buffer.readableBytesView)
            var frames: [MBAPFrame] = []
            while let frame = try decoder.next() { frames.append(frame) }
            writes.append(frames)
        }
        return writes
    }

    func flush() throws -> [MBAPFrame] {
        pipe.flush()
        return try sent().flatMap { $0 }
    }

    func answer(_ frame: MBAPFrame, with value: UInt16) throws {
        let pdu = PDU.encode(.registers([value]), to: .read(.holding, address: 0, count: 1))
        try receive(MBAPFrame(transaction: frame.transaction, unit: frame.unit, pdu: pdu).encode())
    }

    func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
}

private func isDisconnected(_ result: Result<Response, ModbusError>?) -> Bool {
    if case .failure(.disconnected)? = result { true } else { false }
}

@Suite("Requests in flight")
struct RequestPipeTests {
    @Test("requests written before a flush leave in one write, each with its own transaction")
    func together() throws {
        let bench = try Bench()
        for name in 1...3 { bench.ask(name) }
        #expect(try bench.sent().isEmpty)
        bench.pipe.flush()
        let writes = try bench.sent()
        #expect(writes.map(\.count) == [3])
        #expect(Set(writes[0].map(\.transaction)).count == 3)
        bench.pipe.flush()
        #expect(try bench.sent().isEmpty)
    }

    @Test("answers in any order, and in pieces, reach who asked")
    func anyOrder() throws {
        let bench = try Bench()
        for name in 1...3 { bench.ask(name) }
        let frames = try bench.flush()
        try bench.answer(frames[2], with: 30)
        try bench.answer(frames[0], with: 10)
        let pdu = PDU.exception(2, to: 3)
        for byte in MBAPFrame(transaction: frames[1].transaction, unit: frames[1].unit, pdu: pdu).encode() {
            #expect(bench.results[2] == nil)
            try bench.receive([byte])
        }
        #expect(bench.order == [3, 1, 2])
        #expect(bench.results == [1: .success(.registers([10])), 2: .failure(.exception(2)), 3: .success(.registers([30]))])
        #expect(bench.pipe.isOpen)
        #expect(bench.pipe.statistics.answers == 3)
    }

    @Test("each request times out at its own deadline, whatever came before it")
    func deadlines() throws {
        let bench = try Bench()
        bench.ask(1, timeout: .seconds(5))
        bench.ask(2, timeout: .seconds(1))
        bench.ask(3, timeout: .seconds(3))
        _ = try bench.flush()
        bench.loop.advanceTime(by: .milliseconds(999))
        #expect(bench.order == [])
        bench.loop.advanceTime(by: .milliseconds(1))
        #expect(bench.order == [2])
        bench.ask(4, timeout: .seconds(1))
        bench.loop.advanceTime(by: .seconds(2))
        #expect(bench.order == [2, 4, 3])
        bench.loop.advanceTime(by: .seconds(2))
        #expect(bench.order == [2, 4, 3, 1])
        #expect(bench.results.values.allSatisfy { $0 == .failure(.timeout) })
        #expect(bench.pipe.statistics.timeouts == 4)
        #expect(bench.pipe.isOpen)
    }

    @Test("a late answer is dropped and counted, and is nobody else's")
    func late() throws {
        let bench = try Bench()
        bench.ask(1)
        let old = try bench.flush()
        bench.loop.advanceTime(by: .seconds(1))
        bench.ask(2)
        let new = try bench.flush()
        try bench.answer(old[0], with: 1)
        #expect(bench.results[2] == nil)
        try bench.answer(new[0], with: 2)
        #expect(bench.results == [1: .failure(.timeout), 2: .success(.registers([2]))])
        #expect(bench.pipe.statistics.late == 1)
        #expect(bench.pipe.isOpen)
        try bench.answer(old[0], with: 1)
        #expect(!bench.pipe.isOpen, "the same late answer twice is one too many")
    }

    @Test("an overdue transaction id is not given to another request when the count comes round")
    func wrap() throws {
        let bench = try Bench()
        bench.ask(1)
        let overdue = try bench.flush()[0]
        bench.loop.advanceTime(by: .seconds(1))
        for _ in 0..<66 {
            for _ in 0..<1000 { bench.pipe.send(.writeCoil(address: 0, true), to: UnitID(1), timeout: .seconds(1)) { _ in } }
            bench.pipe.flush()
            for frame in try bench.sent().flatMap({ $0 }) {
                if frame.transaction == overdue.transaction { Issue.record("\(frame.transaction) is used again") }
                try bench.receive(frame.encode())
            }
        }
        #expect(bench.pipe.statistics.answers == 66000)
    }

    @Test("an answer that fits no request closes the connection, and fails all in flight as malformed")
    func desync() throws {
        let strangers: [(MBAPFrame) -> [UInt8]] = [
            { MBAPFrame(transaction: $0.transaction &+ 100, unit: $0.unit, pdu: [3, 2, 0, 1]).encode() },
            { MBAPFrame(transaction: $0.transaction, unit: UnitID(9), pdu: [3, 2, 0, 1]).encode() },
            { MBAPFrame(transaction: $0.transaction, unit: $0.unit, pdu: [4, 2, 0, 1]).encode() },
            { _ in Array("HTTP/1.1 400 Bad Request".utf8) },
        ]
        for stranger in strangers {
            let bench = try Bench()
            bench.ask(1)
            bench.ask(2)
            try bench.receive(stranger(try bench.flush()[0]))
            bench.loop.run()
            #expect(bench.order == [1, 2])
            #expect(isMalformed(bench.results[1]) && isMalformed(bench.results[2]))
            #expect(bench.ends.count == 1)
            #expect(bench.pipe.statistics.desyncs == 1)
            #expect(!bench.channel.isActive)
        }
    }

    @Test("an answer of a wrong length is malformed, but the frames around it are sound and the connection stays")
    func wrongLength() throws {
        let bench = try Bench()
        bench.ask(1)
        bench.ask(2)
        let frames = try bench.flush()
        try bench.receive(MBAPFrame(transaction: frames[0].transaction, unit: frames[0].unit, pdu: [3, 4, 0, 1, 0, 2]).encode())
        try bench.answer(frames[1], with: 2)
        #expect(isMalformed(bench.results[1]))
        #expect(bench.results[2] == .success(.registers([2])))
        #expect(bench.pipe.isOpen)
    }

    @Test("a connection that closes fails all in flight once, and takes nothing more")
    func closes() throws {
        let bench = try Bench()
        bench.ask(1)
        _ = try bench.flush()
        bench.channel.pipeline.fireChannelInactive()
        #expect(isDisconnected(bench.results[1]))
        bench.ask(2)
        #expect(bench.results[2] == nil, "never from inside send")
        bench.loop.run()
        #expect(isDisconnected(bench.results[2]))
        bench.pipe.close("closed by us")
        bench.loop.advanceTime(by: .seconds(10))
        #expect(bench.ends == ["the device closed the connection"])
        #expect(bench.order == [1, 2])
    }

    @Test("a request beyond the protocol's limits fails alone, and later")
    func unservable() throws {
        let bench = try Bench()
        var result: Result<Response, ModbusError>?
        bench.pipe.send(.read(.holding, address: 0, count: 126), to: UnitID(1), timeout: .seconds(1)) { result = $0 }
        #expect(result == nil)
        bench.loop.run()
        if case .failure(.unservable)? = result {} else { Issue.record("\(String(describing: result))") }
        #expect(try bench.flush().isEmpty)
    }

    @Test("who is answered may ask again, and close, from inside the answer")
    func reentrance() throws {
        let bench = try Bench()
        var asked = 0
        func again() {
            asked += 1
            bench.pipe.send(.writeCoil(address: 1, true), to: UnitID(1), timeout: .seconds(1)) { result in
                if case .success = result, asked < 5 { again() } else { bench.pipe.close("enough") }
            }
        }
        again()
        while bench.pipe.isOpen {
            let frames = try bench.flush()
            for frame in frames { try bench.receive(frame.encode()) }
            if frames.isEmpty { break }
        }
        #expect(asked == 5)
        #expect(bench.ends == ["enough"])
    }

    @Test("what answers that came together make their callers ask leaves in one write")
    func gathered() throws {
        let bench = try Bench()
        for _ in 0..<3 {
            bench.pipe.send(.writeCoil(address: 1, true), to: UnitID(1), timeout: .seconds(1)) { _ in
                bench.ask(bench.order.count + 100)
                bench.pipe.send(.writeCoil(address: 2, true), to: UnitID(1), timeout: .seconds(1)) { _ in }
                bench.pipe.flush()
            }
        }
        let echoes = try bench.flush().flatMap { $0.encode() }
        try bench.receive(echoes)
        #expect(try bench.sent().map(\.count) == [6])
    }

    @Test("a device that never answers is given up before transaction ids run out")
    func overdue() throws {
        let bench = try Bench()
        for name in 0...RequestPipe.maximumOverdue { bench.ask(name, timeout: .seconds(1)) }
        _ = try bench.flush()
        bench.loop.advanceTime(by: .seconds(1))
        #expect(bench.results.count == RequestPipe.maximumOverdue + 1)
        #expect(bench.ends.count == 1)
    }

    @Test("random bytes end in answers, a wait or a close, and every request ends once", arguments: 0..<30 as Range<UInt64>)
    func noise(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let bench = try Bench()
        for name in 0..<50 {
            bench.ask(name)
            let frames = try bench.flush()
            if Int.random(in: 0..<4, using: &dice) == 0 {
                try bench.receive((0..<Int.random(in: 0...30, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) })
            } else if let frame = frames.first {
                try bench.answer(frame, with: UInt16(name))
            }
        }
        bench.loop.advanceTime(by: .seconds(2))
        #expect(bench.results.count == 50)
    }
}
