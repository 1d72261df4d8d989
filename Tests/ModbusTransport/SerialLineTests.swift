import FoundationEssentials
import Modbus
import ModbusTransport
import Testing

/// A serial line on a thread of its own, as it is meant to be used.
actor LineBench {
    private let thread = ThreadExecutor(name: "line-under-test")
    private let line: SerialLine

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(path: String, baud: Int = 115_200) { line = SerialLine(path: path, baud: baud) }

    var isOpen: Bool { line.isOpen }

    var threadName: String {
        let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        return name?.split(separator: "\n").first.map(String.init) ?? ""
    }

    func open() throws { try line.open() }

    func close() { line.close() }

    func ask(_ request: Request, unit: UInt8 = 1, timeout: Duration = .seconds(2)) -> Result<Response, ModbusError> {
        do throws(ModbusError) {
            return .success(try line.perform(request, unit: UnitID(unit), timeout: timeout))
        } catch {
            return .failure(error)
        }
    }
}

@Suite("A serial line", .timeLimit(.minutes(1)))
struct SerialLineTests {
    private static let read = Request.read(.holding, address: 0, count: 2)
    private static let answer = Result<Response, ModbusError>.success(Plant.registers(0..<2))

    @Test("reads and writes everything a unit serves, each unit its own")
    func conversationOnTheLine() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let line = try LineBench(path: server.serveRTU())
        try await line.open()
        for (request, response) in conversation { #expect(await line.ask(request) == .success(response), "\(request)") }
        #expect(await line.ask(.read(.holding, address: 199, count: 2)) == .failure(.exception(2)))
        #expect(await line.ask(.read(.holding, address: 150, count: 1), unit: 2) == .success(Plant.registers(150..<151)))
        #expect(plant[1, .holding, 150] == 0xBE12)
        await line.close()
        server.stop()
    }

    @Test("silence is a timeout, and the line stays open")
    func silence() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let line = try LineBench(path: server.serveRTU())
        try await line.open()
        plant.set(2, .dead)
        #expect(await line.ask(Self.read, unit: 2, timeout: .milliseconds(20)) == .failure(.timeout))
        #expect(await line.ask(Self.read, unit: 1) == Self.answer)
        #expect(await line.isOpen)
        server.stop()
    }

    @Test("a late answer is not taken for another unit's")
    func late() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let line = try LineBench(path: server.serveRTU())
        try await line.open()
        plant.set(1, .slow(.milliseconds(60)))
        plant.set(2, .slow(.milliseconds(120)))
        #expect(await line.ask(Self.read, unit: 1, timeout: .milliseconds(20)) == .failure(.timeout))
        #expect(await line.ask(.read(.input, address: 5, count: 1), unit: 2) == .success(Plant.registers(5..<6)))
        server.stop()
    }

    @Test(
        "garbage is malformed, and the next request is answered",
        arguments: [
            [0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x01, 0x03], [0x01, 0x03, 0x04, 0x00, 0x00, 0x00, 0x07, 0xDE, 0xAD],
            [0x01, 0x04, 0x02, 0x00, 0x00, 0xB9, 0x30], [UInt8](repeating: 0x55, count: 300),
        ] as [[UInt8]])
    func garbage(bytes: [UInt8]) async throws {
        let plant = Plant(1)
        let server = plant.server()
        let line = try LineBench(path: server.serveRTU())
        try await line.open()
        plant.set(1, .garbage(bytes))
        let result = await line.ask(Self.read, timeout: .milliseconds(30))
        guard case .failure(.malformed) = result else {
            Issue.record("\(result)")
            return
        }
        plant.set(1, .well)
        #expect(await line.ask(Self.read) == Self.answer)
        server.stop()
    }

    @Test("random bytes never trap and never stop the line", arguments: 0..<5 as Range<UInt64>)
    func noise(seed: UInt64) async throws {
        var dice = Dice(seed: seed)
        let plant = Plant(1)
        let server = plant.server()
        let line = try LineBench(path: server.serveRTU())
        try await line.open()
        for _ in 0..<5 {
            let noise = (0..<Int.random(in: 1...40, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
            plant.set(1, .garbage([1, 3] + noise))
            _ = await line.ask(Self.read, timeout: .milliseconds(10))
            plant.set(1, .well)
            #expect(await line.ask(Self.read) == Self.answer)
        }
        server.stop()
    }

    @Test("what is for everybody is done by everybody and answered by nobody")
    func broadcast() async throws {
        let plant = Plant(1, 2)
        let server = plant.server()
        let line = try LineBench(path: server.serveRTU())
        try await line.open()
        #expect(await line.ask(.writeRegister(address: 9, 4711), unit: 0) == .success(.written))
        for unit: UInt8 in [1, 2] {
            #expect(await line.ask(.read(.holding, address: 9, count: 1), unit: unit) == .success(.registers([4711])))
        }
        guard case .failure(.unservable) = await line.ask(Self.read, unit: 0) else {
            Issue.record("a read from everybody")
            return
        }
        guard case .failure(.unservable) = await line.ask(Self.read, unit: 248) else {
            Issue.record("a unit past 247")
            return
        }
        server.stop()
    }

    @Test("a device that goes is noticed, and found again behind the same link when it is back")
    func goneAndBack() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headgate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("bus").path
        let plant = Plant(1)
        let first = plant.server()
        #expect(try first.serveRTU(linkPath: path) == path)
        let line = LineBench(path: path, baud: 9600)
        try await line.open()
        #expect(await line.ask(Self.read) == Self.answer)
        first.stop()
        guard case .failure(.disconnected) = await line.ask(Self.read) else {
            Issue.record("an answer without a device")
            return
        }
        #expect(await !line.isOpen)
        await #expect(throws: ModbusError.self) { try await line.open() }
        let second = plant.server()
        _ = try second.serveRTU(linkPath: path)
        try await line.open()
        #expect(await line.ask(Self.read) == Self.answer)
        second.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("its actor runs on a thread with the name it was given")
    func thread() async {
        #expect(await LineBench(path: "/dev/null").threadName == "line-under-test")
    }
}
