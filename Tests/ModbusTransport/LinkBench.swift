import Modbus
import ModbusTransport
import NIOCore
import NIOPosix

/// A link over a stream, asked from a test's task.
final class LinkBench: Sendable {
    let states: AsyncStream<LinkState>
    private let loop: any EventLoop
    private let link: NIOLoopBound<any StreamLink>

    convenience init(port: Int, host: String = "127.0.0.1") async throws {
        try await self.init { TCPLink(host: host, port: port, on: $0, connectTimeout: .seconds(2)) }
    }

    convenience init(rtuPort port: Int) async throws {
        try await self.init { RTUOverTCPLink(host: "127.0.0.1", port: port, on: $0, connectTimeout: .seconds(2)) }
    }

    init(
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        _ makeLink: @escaping @Sendable (any EventLoop) -> any StreamLink
    ) async throws {
        let (states, outlet) = AsyncStream<LinkState>.makeStream()
        self.states = states
        self.loop = loop
        link = try await loop.submit {
            let link = makeLink(loop)
            link.onStateChange = { outlet.yield($0) }
            return NIOLoopBound(link, eventLoop: loop)
        }.get()
    }

    func connect() { loop.execute { self.link.value.connect() } }

    /// Connects, and changes its mind before anything can have come of it.
    func connectAndClose() {
        loop.execute {
            self.link.value.connect()
            self.link.value.close()
        }
    }

    func close() { loop.execute { self.link.value.close() } }

    /// The next change of state.
    func state() async -> LinkState? {
        var iterator = states.makeAsyncIterator()
        return await iterator.next()
    }

    func ask(_ request: Request, unit: UInt8 = 1, timeout: Duration = .seconds(5)) async -> Result<Response, ModbusError> {
        await ask([request], unit: unit, timeout: timeout)[0]
    }

    /// All in flight together. The results are in the order of the requests.
    func ask(_ requests: [Request], unit: UInt8 = 1, timeout: Duration = .seconds(5)) async -> [Result<Response, ModbusError>] {
        await withCheckedContinuation { continuation in
            loop.execute {
                let link = self.link.value
                var results: [Result<Response, ModbusError>?] = Array(repeating: nil, count: requests.count)
                var left = requests.count
                for (index, request) in requests.enumerated() {
                    link.send(request, to: UnitID(unit), timeout: timeout) { result in
                        results[index] = result
                        left -= 1
                        if left == 0 { continuation.resume(returning: results.compactMap { $0 }) }
                    }
                }
                link.flush()
            }
        }
    }

    func statistics() async throws -> LinkStatistics { try await loop.submit { self.link.value.statistics }.get() }
}

/// Every kind of request, with what a `Plant` answers.
let conversation: [(Request, Response)] = [
    (.read(.holding, address: 0, count: 125), Plant.registers(0..<125)),
    (.read(.input, address: 7, count: 1), Plant.registers(7..<8)),
    (.read(.coil, address: 3, count: 100), Plant.bits(3..<103)),
    (.read(.discrete, address: 0, count: 8), Plant.bits(0..<8)),
    (.writeCoil(address: 150, true), .written),
    (.writeRegister(address: 150, 0xBEEF), .written),
    (.writeCoils(address: 151, [true, false, true]), .written),
    (.writeRegisters(address: 151, [1, 2, 3]), .written),
    (.read(.coil, address: 150, count: 4), .bits([true, true, false, true])),
    (.read(.holding, address: 150, count: 4), .registers([0xBEEF, 1, 2, 3])),
    (.maskWrite(address: 150, and: 0xFF00, or: 0x0012), .written),
    (.read(.holding, address: 150, count: 1), .registers([0xBE12])),
]
