import Modbus
import NIOCore
import NIOEmbedded
import Testing

@testable import ModbusTransport

/// An RTU pipe on a channel without a socket, and on a loop whose time is moved by hand.
final class RTUBench {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let pipe: RTUPipe
    private(set) var results: [Int: Result<Response, ModbusError>] = [:]
    private(set) var order: [Int] = []
    private(set) var ends: [String] = []
    private var requests = RTURequestDecoder()

    init(heartbeat: [UInt8] = []) throws {
        channel = EmbeddedChannel(loop: loop)
        final class Ends { var report: (String) -> Void = { _ in } }
        let ends = Ends()
        pipe = RTUPipe(on: loop, heartbeat: heartbeat) { ends.report($0) }
        ends.report = { [weak self] in self?.ends.append($0) }
        try channel.pipeline.syncOperations.addHandler(pipe)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 502)).wait()
    }

    func ask(_ name: Int, _ request: Request, unit: UInt8 = 1, timeout: Duration = .seconds(1)) {
        pipe.send(request, to: UnitID(unit), timeout: timeout) { [weak self] result in
            #expect(self?.results[name] == nil, "\(name) is answered once")
            self?.results[name] = result
            self?.order.append(name)
        }
        pipe.flush()
    }

    /// Reads one register at an address that serves as its name.
    func ask(_ name: Int, unit: UInt8 = 1) { ask(name, .read(.holding, address: UInt16(name), count: 1), unit: unit) }

    /// The questions that went over the wire since last asked for.
    func sent() throws -> [RTUFrame] {
        var frames: [RTUFrame] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            requests.append(buffer.readableBytesView)
            while let frame = requests.next() { frames.append(frame) }
        }
        return frames
    }

    func receive(_ bytes: [UInt8]) { channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes)) }

    func receive(_ frame: RTUFrame) { receive(frame.encode()) }

    func wait(milliseconds: Int64) { loop.advanceTime(by: .milliseconds(milliseconds)) }
}

func register(_ value: UInt16, unit: UInt8 = 1) -> RTUFrame {
    RTUFrame(unit: UnitID(unit), pdu: [3, 2, UInt8(value >> 8), UInt8(value & 0xFF)])
}

func isMalformed(_ result: Result<Response, ModbusError>?) -> Bool {
    if case .failure(.malformed)? = result { true } else { false }
}

@Suite("RTU frames in a stream")
struct RTUPipeTests {
    @Test("one question is on the wire at a time, and the next leaves with the answer")
    func oneAtATime() throws {
        let bench = try RTUBench()
        for name in 1...3 { bench.ask(name) }
        for name in 1...3 {
            #expect(try bench.sent().map(\.pdu) == [[3, 0, UInt8(name), 0, 1]])
            bench.receive(register(UInt16(name) * 10))
            #expect(bench.results[name] == .success(.registers([UInt16(name) * 10])))
        }
        #expect(bench.pipe.statistics.answers == 3)
    }

    @Test("exceptions of every code are the device's word", arguments: 0...255 as ClosedRange<UInt8>)
    func exceptions(code: UInt8) throws {
        let bench = try RTUBench()
        bench.ask(1)
        for byte in RTUFrame(unit: UnitID(1), pdu: [0x83, code]).encode() { bench.receive([byte]) }
        #expect(bench.results[1] == .failure(.exception(code)))
        #expect(bench.pipe.isOpen)
    }

    @Test("an answer is found behind and inside any noise, before its time is up")
    func noise() throws {
        let noises: [[UInt8]] = [[0], [1, 3], [1, 3, 250], [1, 3, 0, 1, 0, 1], [1, 0x83], Array(repeating: 0x55, count: 700)]
        for noise in noises {
            let bench = try RTUBench()
            bench.ask(1)
            bench.receive(noise)
            bench.receive(register(7).encode() + noise)
            #expect(bench.results[1] == .success(.registers([7])), "\(noise.prefix(6))")
            bench.ask(2)
            bench.wait(milliseconds: 50)
            bench.receive(register(8))
            #expect(bench.results[2] == .success(.registers([8])), "\(noise.prefix(6))")
        }
    }

    @Test("what comes instead of an answer is named when time is up, and the next question waits for silence")
    func instead() throws {
        let cases: [([UInt8], String)] = [
            (register(7, unit: 2).encode(), "unit 2 answered for unit 1"),
            (RTUFrame(unit: UnitID(1), pdu: [4, 2, 0, 7]).encode(), "function 4 in answer to 3"),
            (
                RTUFrame(unit: UnitID(1), pdu: [3, 4, 0, 7, 0, 8]).encode(),
                "4 bytes of data instead of 2 for 1 holding registers"
            ),
            (Array(register(7).encode().dropLast()), "noise, or half an answer"),
            (register(7).encode().dropLast() + [0], "noise, or half an answer"),
        ]
        for (bytes, words) in cases {
            let bench = try RTUBench()
            bench.ask(1)
            bench.ask(2)
            bench.wait(milliseconds: 990)
            bench.receive(bytes)
            #expect(bench.results[1] == nil, "the right answer may still come")
            _ = try bench.sent()
            bench.wait(milliseconds: 10)
            #expect(bench.results[1] == .failure(.malformed(words)))
            #expect(try bench.sent().isEmpty)
            bench.wait(milliseconds: 40)
            #expect(try bench.sent().count == 1)
            #expect(bench.pipe.isOpen)
        }
    }

    @Test("a late answer is dropped, and the next question's is its own")
    func late() throws {
        let bench = try RTUBench()
        bench.ask(1)
        bench.wait(milliseconds: 1000)
        #expect(bench.results[1] == .failure(.timeout))
        bench.receive(register(1))
        bench.ask(2)
        bench.wait(milliseconds: 50)
        bench.receive(register(2))
        #expect(bench.results[2] == .success(.registers([2])))
        #expect(bench.pipe.statistics.late == 1)
    }

    @Test("an answer that may be the last question's is not this one's: all falls silent, then it is asked again")
    func doubt() throws {
        let bench = try RTUBench()
        bench.ask(1)
        bench.wait(milliseconds: 1000)
        bench.ask(2)
        #expect(try bench.sent().count == 2)
        bench.receive(register(1))
        bench.wait(milliseconds: 100)
        bench.receive(register(2))
        #expect(bench.results[2] == nil)
        bench.wait(milliseconds: 1999)
        #expect(try bench.sent().isEmpty)
        bench.wait(milliseconds: 1)
        #expect(try bench.sent().map(\.pdu) == [[3, 0, 2, 0, 1]])
        bench.receive(register(2))
        #expect(bench.results[2] == .success(.registers([2])))
        bench.ask(3)
        bench.receive(register(3))
        #expect(bench.results[3] == .success(.registers([3])), "and all is well")
    }

    @Test("whether a write was done is not read from an answer that may be an earlier write's")
    func doubtfulWrite() throws {
        let bench = try RTUBench()
        bench.ask(1, .writeRegisters(address: 5, [1, 2]))
        bench.wait(milliseconds: 1000)
        bench.ask(2, .writeRegisters(address: 5, [3, 4]))
        bench.receive(RTUFrame(unit: UnitID(1), pdu: [16, 0, 5, 0, 2]))
        #expect(isMalformed(bench.results[2]))
    }

    @Test("a dead unit costs its neighbours nothing but its own time")
    func neighbours() throws {
        let bench = try RTUBench()
        for name in 0..<600 {
            bench.ask(name, unit: name % 3 == 0 ? 2 : 1)
            if name % 3 == 0 { bench.wait(milliseconds: 1000) } else { bench.receive(register(UInt16(name))) }
            #expect(bench.results[name] == (name % 3 == 0 ? .failure(.timeout) : .success(.registers([UInt16(name)]))))
        }
        #expect(bench.pipe.isOpen)
    }

    @Test("a port that never speaks is given up, after a bounded time")
    func mute() throws {
        let bench = try RTUBench()
        for name in 0..<RTUPipe.maximumOverdue {
            #expect(bench.pipe.isOpen)
            bench.ask(name)
            bench.wait(milliseconds: 1000)
            #expect(bench.results[name] == .failure(.timeout))
        }
        #expect(bench.ends == ["256 answers are overdue"])
    }

    @Test("a flood after silence is not believed: the question fails, and the connection ends")
    func flood() throws {
        let bench = try RTUBench()
        bench.ask(1)
        bench.wait(milliseconds: 1000)
        bench.receive(Array(repeating: 0xA5, count: 300_000))
        bench.ask(2)
        for _ in 0..<100 {
            bench.wait(milliseconds: 20)
            bench.receive(Array(repeating: 0xA5, count: 1000))
        }
        #expect(bench.results[2] == .failure(.malformed("the line is never silent")))
        #expect(bench.ends.count == 1)
        let other = try RTUBench()
        other.ask(1)
        for _ in 0..<70 { other.receive(Array(repeating: 3, count: 1000)) }
        #expect(other.results[1] == .failure(.malformed("a flood of bytes without an answer")))
        #expect(other.pipe.statistics.desyncs == 1)
    }

    @Test("signs of life are no answers and no noise, even inside of an answer")
    func heartbeats() throws {
        let life = Array("pump-7".utf8)
        let bench = try RTUBench(heartbeat: life)
        bench.ask(1)
        bench.receive(life)
        bench.wait(milliseconds: 1000)
        #expect(bench.results[1] == .failure(.timeout), "life is not noise")
        bench.receive(life)
        bench.ask(2, .read(.input, address: 0, count: 1))
        let answer = RTUFrame(unit: UnitID(1), pdu: [4, 2, 0, 9]).encode()
        for byte in answer[..<4] + life + answer[4...] { bench.receive([byte]) }
        #expect(bench.results[2] == .success(.registers([9])))
    }

    @Test("what everybody is told is done when they had time for it, and a read from everybody is refused")
    func broadcast() throws {
        let bench = try RTUBench()
        bench.ask(1, .writeRegister(address: 1, 2), unit: 0)
        bench.ask(2, .read(.coil, address: 1, count: 1), unit: 0)
        bench.ask(3)
        #expect(try bench.sent().count == 1)
        bench.wait(milliseconds: 100)
        #expect(bench.results[1] == .success(.written))
        if case .failure(.unservable)? = bench.results[2] {} else { Issue.record("a read from everybody") }
        #expect(try bench.sent().count == 1)
    }

    @Test("a connection that closes fails the question on the wire and those waiting, once, and takes nothing more")
    func closes() throws {
        let bench = try RTUBench()
        for name in 1...3 { bench.ask(name) }
        bench.channel.pipeline.fireChannelInactive()
        bench.ask(4)
        bench.loop.run()
        #expect(bench.order == [1, 2, 3, 4])
        #expect(bench.results.values.allSatisfy { $0 == .failure(.disconnected("the device closed the connection")) })
        #expect(bench.ends == ["the device closed the connection"])
    }

    @Test("who is answered may ask again, and close, from inside the answer")
    func reentrance() throws {
        let bench = try RTUBench()
        var asked = 0
        func again() {
            asked += 1
            bench.pipe.send(.writeCoil(address: 1, true), to: UnitID(1), timeout: .seconds(1)) { result in
                if case .success = result, asked < 5 { again() } else { bench.pipe.close("enough") }
            }
            bench.pipe.flush()
        }
        again()
        while bench.pipe.isOpen, let frame = try bench.sent().first { bench.receive(frame) }
        #expect(asked == 5)
        #expect(bench.ends == ["enough"])
    }
}
