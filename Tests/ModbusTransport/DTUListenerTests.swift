import Modbus
import ModbusTransport
import NIOCore
import NIOPosix
import Testing

/// A port for DTUs on a loop of its own, asked from a test's task.
private struct Port: Sendable {
    let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let listener: DTUListener
    let refusals: AsyncStream<DTURefusal>

    init() async throws {
        let listener = DTUListener(host: "127.0.0.1", port: 0, on: loop)
        let (refusals, outlet) = AsyncStream<DTURefusal>.makeStream()
        self.listener = listener
        self.refusals = refusals
        try await loop.submit { listener.onRefusal { outlet.yield($0) } }.get()
    }

    func link(_ id: DTUID) async throws -> LinkBench {
        let listener = listener
        return try await LinkBench(on: loop) { _ in listener.register(id: id) }
    }

    func refusal() async -> DTURefusal? {
        var iterator = refusals.makeAsyncIterator()
        return await iterator.next()
    }
}

@Suite("RTU over TCP, listening for DTUs", .timeLimit(.minutes(1)))
struct DTUListenerTests {
    private static let read = Request.read(.holding, address: 0, count: 2)
    private static let answer = Result<Response, ModbusError>.success(Plant.registers(0..<2))
    private static let text = Array("pump-1".utf8)

    @Test("each DTU is a link of its own, by the text or the bytes it registers with, heartbeats between its answers")
    func many() async throws {
        let port = try await Port()
        // One's packet is the beginning of another's.
        let ids: [[UInt8]] = [Self.text, Self.text + [0x30], [0x00, 0xFF, 0x0D]]
        var links: [LinkBench] = []
        for id in ids { links.append(try await port.link(.packet(id))) }
        let number = try await port.listener.start()
        let plants = [Plant(1), Plant(2), Plant(3)]
        let servers = plants.map { $0.server() }
        for (index, link) in links.enumerated() {
            try servers[index].dialAsDTU(port: number, registration: ids[index], heartbeat: .milliseconds(20))
            link.connect()
            // A link whose DTU is still on its way says so first.
            while let state = await link.state(), state != .connected { link.connect() }
        }
        for (index, link) in links.enumerated() {
            let unit = UInt8(index + 1)
            for (request, response) in conversation {
                #expect(await link.ask(request, unit: unit) == .success(response), "\(request) of \(unit)")
            }
        }
        port.listener.close()
        for link in links { #expect(await link.state() == .disconnected(reason: "the port for DTUs is closed")) }
        for server in servers { server.stop() }
    }

    @Test("a DTU that is away is named, found when it dials in, noticed when it goes, and found again, without asking anew")
    func goneAndBack() async throws {
        let port = try await Port()
        let link = try await port.link(.packet(Self.text))
        let number = try await port.listener.start()
        link.connect()
        #expect(await link.state() == .disconnected(reason: "DTU 'pump-1' has not dialled in yet"))
        #expect(await link.ask(Self.read) == .failure(.disconnected("the link is down")))
        let plant = Plant(1)
        for _ in 0..<3 {
            let server = plant.server()
            try server.dialAsDTU(port: number, registration: Self.text)
            #expect(await link.state() == .connected)
            #expect(await link.ask(Self.read) == Self.answer)
            server.stop()
            #expect(await link.state() == .disconnected(reason: "the device closed the connection"))
        }
        link.connect()
        let since = "DTU 'pump-1' has not dialled in since: the device closed the connection"
        #expect(await link.state() == .disconnected(reason: since))
        #expect(try await link.statistics().answers == 3)
        port.listener.close()
    }

    @Test("a DTU that dials anew is believed: the connection it left behind is closed, and it redials when cut off")
    func anew() async throws {
        let port = try await Port()
        let link = try await port.link(.packet(Self.text))
        let number = try await port.listener.start()
        let plant = Plant(1)
        let (old, new) = (plant.server(), plant.server())
        link.connect()
        _ = await link.state()
        try old.dialAsDTU(port: number, registration: Self.text)
        #expect(await link.state() == .connected)
        try new.dialAsDTU(port: number, registration: Self.text, redial: .milliseconds(10))
        #expect(await link.state() == .disconnected(reason: "DTU 'pump-1' dialled in anew"))
        #expect(await link.state() == .connected)
        old.stop()
        #expect(await link.ask(Self.read) == Self.answer)
        link.close()
        #expect(await link.state() == .disconnected(reason: "closed by us"))
        link.connect()
        while let state = await link.state(), state != .connected { link.connect() }
        #expect(await link.ask(Self.read) == Self.answer)
        port.listener.close()
        new.stop()
    }

    @Test("a DTU without a packet is known by its address, and whatever it says first is no answer")
    func address() async throws {
        let port = try await Port()
        let link = try await port.link(.address("127.0.0.1"))
        let number = try await port.listener.start()
        let server = Plant(1).server()
        link.connect()
        _ = await link.state()
        try server.dialAsDTU(port: number, registration: Array("hello\r\n".utf8))
        #expect(await link.state() == .connected)
        #expect(await link.ask(Self.read) == Self.answer)
        port.listener.close()
        server.stop()
    }

    @Test("a stranger is sent away with a word that says what it said")
    func stranger() async throws {
        let port = try await Port()
        let link = try await port.link(.packet(Self.text))
        let number = try await port.listener.start()
        let server = Plant(1).server()
        try server.dialAsDTU(port: number, registration: Array("GET / HTTP/1.1".utf8))
        var refusal = await port.refusal()
        #expect(refusal?.address == "127.0.0.1")
        #expect(refusal?.reason == "it registers as 'GET / HTTP/1.1', which no link expects")
        try server.dialAsDTU(port: number, registration: [0x70, 0x00])
        refusal = await port.refusal()
        #expect(refusal?.reason == "it registers as 70 00, which no link expects")
        try server.dialAsDTU(port: number, registration: Self.text)
        link.connect()
        while let state = await link.state(), state != .connected { link.connect() }
        #expect(await link.ask(Self.read) == Self.answer)
        port.listener.close()
        server.stop()
    }

    @Test("callers who say nothing leave room for those who do, and the port survives them")
    func silent() async throws {
        let port = try await Port()
        _ = try await port.link(.packet(Self.text))
        let number = try await port.listener.start()
        let server = ModbusServer { _, _ in .silence }
        for _ in 0..<65 { try server.dialAsDTU(port: number, registration: []) }
        #expect(await port.refusal()?.reason == "too many callers have not said yet who they are")
        server.stop()
        port.listener.close()
    }

    @Test("a port that is taken says so")
    func taken() async throws {
        let first = try await Port()
        let number = try await first.listener.start()
        let second = DTUListener(host: "127.0.0.1", port: number, on: first.loop)
        await #expect(throws: ModbusError.disconnected("no port for DTUs at 127.0.0.1:\(number): someone else listens there")) {
            _ = try await second.start()
        }
        first.listener.close()
    }
}
