import Modbus
import ModbusTransport
import Testing

@Suite("RTU over TCP, dialled", .timeLimit(.minutes(1)))
struct RTUOverTCPLinkTests {
    private static let read = Request.read(.holding, address: 0, count: 2)
    private static let answer = Result<Response, ModbusError>.success(Plant.registers(0..<2))

    @Test("reads and writes everything the simulators' server serves, each unit its own")
    func server() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let link = try await LinkBench(rtuPort: server.serveRTUOverTCP())
        link.connect()
        #expect(await link.state() == .connected)
        for (request, response) in conversation { #expect(await link.ask(request) == .success(response), "\(request)") }
        let queued = await link.ask((0..<100).map { .read(.input, address: $0, count: 100) }, unit: 2)
        #expect(queued == (0..<100).map { .success(Plant.registers($0..<($0 + 100))) })
        #expect(await link.ask(.read(.holding, address: 199, count: 2)) == .failure(.exception(2)))
        #expect(await link.ask(.writeRegister(address: 9, 4711), unit: 0) == .success(.written))
        #expect(plant[2, .holding, 9] == 4711)
        let statistics = try await link.statistics()
        #expect(statistics.answers == conversation.count + 101)
        link.close()
        #expect(await link.state() == .disconnected(reason: "closed by us"))
        server.stop()
    }

    @Test("a dead unit times out, a slow one's late answer is nobody else's, and the connection stays")
    func faults() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let link = try await LinkBench(rtuPort: server.serveRTUOverTCP())
        link.connect()
        #expect(await link.state() == .connected)
        plant.set(2, .dead)
        #expect(await link.ask(Self.read, unit: 2, timeout: .milliseconds(20)) == .failure(.timeout))
        plant.set(2, .slow(.milliseconds(60)))
        #expect(await link.ask(Self.read, unit: 2, timeout: .milliseconds(40)) == .failure(.timeout))
        plant.set(2, .well)
        let next = await link.ask(.read(.holding, address: 5, count: 2), unit: 2, timeout: .milliseconds(500))
        #expect(next == .success(Plant.registers(5..<7)))
        #expect(await link.ask(Self.read, unit: 1) == Self.answer)
        let statistics = try await link.statistics()
        #expect(statistics.timeouts == 2)
        #expect(statistics.late >= 1)
        #expect(statistics.desyncs == 0)
        link.close()
        server.stop()
    }

    @Test(
        "garbage is malformed with a cause, and the next question is answered on the same connection",
        arguments: [
            ([0x00], "noise"), ([0x01, 0x03], "noise"), ([UInt8](repeating: 0x55, count: 300), "noise"),
            (RTUAnswer.of(2, [3, 4, 0, 0, 0, 7]), "unit 2 answered for unit 1"),
            (RTUAnswer.of(1, [4, 4, 0, 0, 0, 7]), "function 4"),
            (RTUAnswer.of(1, [3, 2, 0, 0]), "2 bytes of data instead of 4"),
        ] as [([UInt8], String)])
    func garbage(bytes: [UInt8], words: String) async throws {
        let plant = Plant(1)
        let server = plant.server()
        let link = try await LinkBench(rtuPort: server.serveRTUOverTCP())
        link.connect()
        #expect(await link.state() == .connected)
        plant.set(1, .garbage(bytes))
        let result = await link.ask(Self.read, timeout: .milliseconds(30))
        guard case .failure(.malformed(let cause)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(cause.hasPrefix(words))
        plant.set(1, .well)
        #expect(await link.ask(Self.read, timeout: .milliseconds(500)) == Self.answer)
        #expect(try await link.statistics().desyncs == 0)
        link.close()
        server.stop()
    }

    @Test("a port that accepts and never speaks: each question ends in its time, as no answer")
    func mute() async throws {
        let server = ModbusServer { _, _ in .silence }
        let link = try await LinkBench(rtuPort: server.serveRTUOverTCP())
        link.connect()
        #expect(await link.state() == .connected)
        let start = ContinuousClock.now
        let results = await link.ask((0..<5).map { .read(.coil, address: $0, count: 1) }, timeout: .milliseconds(20))
        #expect(results == Array(repeating: .failure(.timeout), count: 5))
        #expect(ContinuousClock.now - start < .seconds(2))
        link.close()
        server.stop()
    }

    @Test("a connection cut is noticed, refused while away, and found again when it is back")
    func goneAndBack() async throws {
        let plant = Plant(1)
        let first = plant.server()
        let port = try first.serveRTUOverTCP()
        let link = try await LinkBench(rtuPort: port)
        link.connect()
        #expect(await link.state() == .connected)
        #expect(await link.ask(Self.read) == Self.answer)
        first.stop()
        guard case .disconnected? = await link.state() else { return }
        #expect(await link.ask(Self.read) == .failure(.disconnected("the link is down")))
        link.connect()
        #expect(await link.state() == .disconnected(reason: "connection refused"))
        let second = plant.server()
        _ = try second.serveRTUOverTCP(port: port)
        link.connect()
        #expect(await link.state() == .connected)
        #expect(await link.ask(Self.read) == Self.answer)
        link.close()
        second.stop()
    }
}

/// A sound answer's bytes.
enum RTUAnswer {
    static func of(_ unit: UInt8, _ pdu: [UInt8]) -> [UInt8] { RTUFrame(unit: UnitID(unit), pdu: pdu).encode() }
}
