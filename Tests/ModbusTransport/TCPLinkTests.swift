import Modbus
import ModbusTransport
import Testing

@Suite("A TCP link", .timeLimit(.minutes(1)))
struct TCPLinkTests {
    @Test("reads and writes everything a server of libmodbus serves")
    func libmodbus() async throws {
        let server = try #require(LibmodbusServer())
        let link = try await LinkBench(port: server.port)
        link.connect()
        #expect(await link.state() == .connected)
        for (request, response) in conversation { #expect(await link.ask(request) == .success(response), "\(request)") }
        let refused = await link.ask(.read(.holding, address: 199, count: 2))
        #expect(refused == .failure(.exception(2)))
        let piped = await link.ask((0..<100).map { .read(.holding, address: $0, count: 10) })
        #expect(piped == (0..<100).map { .success(Plant.registers($0..<($0 + 10))) })
        link.close()
        #expect(await link.state() == .disconnected(reason: "closed by us"))
    }

    @Test("reads and writes everything the simulators' server serves, a hundred in flight")
    func server() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let link = try await LinkBench(port: server.serveTCP())
        link.connect()
        #expect(await link.state() == .connected)
        for (request, response) in conversation { #expect(await link.ask(request) == .success(response), "\(request)") }
        let piped = await link.ask((0..<100).map { .read(.input, address: $0, count: 100) }, unit: 2)
        #expect(piped == (0..<100).map { .success(Plant.registers($0..<($0 + 100))) })
        #expect(plant[1, .holding, 151] == 1)
        #expect(plant[2, .holding, 151] == 1057)
        let statistics = try await link.statistics()
        #expect(statistics.requests == conversation.count + 100)
        #expect(statistics.answers == statistics.requests)
        link.close()
        #expect(await link.state() != nil)
        server.stop()
    }

    @Test("a dead unit times out, a slow one's answer is dropped late, and the others never notice")
    func faults() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let link = try await LinkBench(port: server.serveTCP())
        link.connect()
        #expect(await link.state() == .connected)
        let request = Request.read(.holding, address: 0, count: 2)
        plant.set(2, .dead)
        #expect(await link.ask(request, unit: 2, timeout: .milliseconds(20)) == .failure(.timeout))
        plant.set(2, .slow(.milliseconds(60)))
        #expect(await link.ask(request, unit: 2, timeout: .milliseconds(20)) == .failure(.timeout))
        #expect(await link.ask(request, unit: 1) == .success(Plant.registers(0..<2)))
        #expect(await link.ask(request, unit: 2) == .success(Plant.registers(0..<2)))
        let statistics = try await link.statistics()
        #expect(statistics.timeouts == 2)
        #expect(statistics.late == 1)
        #expect(statistics.desyncs == 0)
        link.close()
        server.stop()
    }

    @Test("garbage is malformed and ends the connection; the next one works")
    func garbage() async throws {
        let plant = Plant(1)
        let server = plant.server()
        let link = try await LinkBench(port: server.serveTCP())
        link.connect()
        #expect(await link.state() == .connected)
        plant.set(1, .garbage([0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3]))
        guard case .failure(.malformed) = await link.ask(.read(.coil, address: 0, count: 1)) else {
            Issue.record("garbage was believed")
            return
        }
        guard case .disconnected(let reason)? = await link.state() else { return }
        #expect(reason.hasPrefix("closed by us"))
        plant.set(1, .well)
        link.connect()
        #expect(await link.state() == .connected)
        #expect(await link.ask(.read(.coil, address: 0, count: 1)) == .success(.bits([false])))
        #expect(try await link.statistics().desyncs == 1)
        link.close()
        server.stop()
    }

    @Test("a server that goes is noticed, refused while away, and found again when it is back")
    func goneAndBack() async throws {
        let plant = Plant(1)
        let first = plant.server()
        let port = try first.serveTCP()
        let link = try await LinkBench(port: port)
        link.connect()
        #expect(await link.state() == .connected)
        first.stop()
        guard case .disconnected? = await link.state() else { return }
        guard case .failure(.disconnected) = await link.ask(.read(.coil, address: 0, count: 1)) else {
            Issue.record("an answer without a link")
            return
        }
        link.connect()
        #expect(await link.state() == .disconnected(reason: "connection refused"))
        let second = plant.server()
        _ = try second.serveTCP(port: port)
        link.connect()
        #expect(await link.state() == .connected)
        #expect(await link.ask(.read(.coil, address: 0, count: 2)) == .success(Plant.bits(0..<2)))
        link.close()
        second.stop()
    }

    @Test("an attempt can be given up, and a host that is none says so")
    func attempts() async throws {
        let link = try await LinkBench(port: 502, host: "no-such-host.invalid")
        link.connect()
        guard case .disconnected? = await link.state() else { return }
        let plant = Plant(1)
        let server = plant.server()
        let other = try await LinkBench(port: server.serveTCP())
        other.connectAndClose()
        #expect(await other.state() == .disconnected(reason: "closed by us"))
        other.connect()
        #expect(await other.state() == .connected)
        #expect(await other.ask(.read(.coil, address: 0, count: 2)) == .success(Plant.bits(0..<2)))
        other.close()
        server.stop()
    }
}
