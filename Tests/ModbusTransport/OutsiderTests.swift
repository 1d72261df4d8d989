import FoundationEssentials
import Modbus
import ModbusTransport
import Subprocess
import SystemPackage
import Testing

/// Whether somebody else's program is here.
enum Outsider {
    /// The python3 that `./test` gave pymodbus, or the system's.
    static let python = ProcessInfo.processInfo.environment["HEADGATE_PYTHON"].map { Executable.path(FilePath($0)) } ?? .name("python3")

    static func hasMbpoll() async -> Bool { await succeeds(.name("mbpoll"), ["-V"]) }

    static func hasPymodbus() async -> Bool { await succeeds(python, ["-c", "import pymodbus.simulator"]) }

    private static func succeeds(_ program: Executable, _ arguments: [String]) async -> Bool {
        let result = try? await run(program, arguments: Arguments(arguments), output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }
}

@Suite("With programs nobody here wrote", .timeLimit(.minutes(1)))
struct OutsiderTests {
    @Test(
        "mbpoll reads on a pseudo-terminal what ours serves there, and ours holds what mbpoll writes",
        .enabled("needs mbpoll: apt-get install mbpoll") { await Outsider.hasMbpoll() })
    func mbpoll() async throws {
        let plant = Plant(1, 17)
        let server = plant.server()
        let path = try server.serveRTU()
        for (type, table) in [("0", Table.coil), ("1", .discrete), ("3", .input), ("4", .holding)] {
            let words = try await mbpoll(path, ["-t", type, "-a", "17", "-r", "5", "-c", "20"])
            let read = words.split(separator: "\n").filter { $0.hasPrefix("[") }.map { line in
                line.split(whereSeparator: { "[]: \t(".contains($0) }).prefix(2).compactMap { Int($0) }
            }
            #expect(read == (5..<25).map { [$0, table.isBits ? $0 % 3 & 1 : $0 * 7] }, "\(words)")
        }
        _ = try await mbpoll(path, ["-t", "4", "-r", "100"], writing: ["4711"])
        _ = try await mbpoll(path, ["-t", "4", "-r", "101"], writing: ["1", "65535", "0"])
        _ = try await mbpoll(path, ["-t", "0", "-r", "100"], writing: ["1", "0", "1"])
        #expect((100...103).map { plant[1, .holding, $0] } == [4711, 1, 65535, 0])
        #expect((100...102).map { plant[1, .coil, $0] } == [1, 0, 1])
        #expect(try await mbpoll(path, ["-t", "4", "-r", "199", "-c", "2"]).contains("Illegal data address"))
        server.stop()
    }

    @Test("a serial line reads and writes everything that Debian's libmodbus serves on a pseudo-terminal")
    func libmodbus() async throws {
        let server = try #require(LibmodbusLine(unit: 17))
        let line = LineBench(path: server.path)
        try await line.open()
        for (request, response) in conversation {
            #expect(await line.ask(request, unit: 17) == .success(response), "\(request)")
        }
        #expect(await line.ask(.read(.holding, address: 199, count: 2), unit: 17) == .failure(.exception(2)))
        let silence = await line.ask(.read(.holding, address: 0, count: 1), unit: 1, timeout: .milliseconds(20))
        #expect(silence == .failure(.timeout))
        await line.close()
        server.stop()
    }

    @Test(
        "a link reads and writes everything that pymodbus serves as RTU over TCP",
        .enabled("needs a python3 that has pymodbus; ./test makes one") { await Outsider.hasPymodbus() })
    func pymodbus() async throws {
        _ = try await run(
            Outsider.python, arguments: ["-c", Self.pymodbusServer], input: .none, output: .sequence, error: .discarded
        ) { process in
            defer { try? process.send(signal: .kill) }
            var lines = process.standardOutput.strings().makeAsyncIterator()
            let line = try #require(try await lines.next())
            let link = try await LinkBench(rtuPort: try #require(Int(line)))
            link.connect()
            #expect(await link.state() == .connected)
            for (request, response) in conversation { #expect(await link.ask(request) == .success(response), "\(request)") }
            let queued = await link.ask((0..<50).map { .read(.holding, address: $0, count: 100) })
            #expect(queued == (0..<50).map { .success(Plant.registers($0..<($0 + 100))) })
            #expect(await link.ask(.read(.holding, address: 199, count: 2)) == .failure(.exception(2)))
            #expect(await link.ask(.read(.coil, address: 0, count: 3)) == .success(Plant.bits(0..<3)))
            link.close()
        }
    }

    /// What mbpoll says. `-0`: addresses from zero; `-1`: once; `-t 0, 1, 3, 4`: coils, discrete inputs, input registers,
    /// holding registers.
    private func mbpoll(_ path: String, _ options: [String], writing values: [String] = []) async throws -> String {
        let line = ["-m", "rtu", "-b", "115200", "-P", "none", "-o", "2", "-0", "-1"]
        return try await run(
            .name("mbpoll"), arguments: Arguments(line + options + [path] + values), output: .string(limit: 1 << 16),
            error: .combinedWithOutput
        ).standardOutput
    }

    /// Coils, discrete inputs, holding and input registers as a `Plant` holds them.
    private static let pymodbusServer = """
        import asyncio
        from pymodbus import FramerType
        from pymodbus.server import ModbusTcpServer
        from pymodbus.simulator import DataType, SimData, SimDevice

        def bits(): return [SimData(0, values=[i % 3 == 1 for i in range(200)], datatype=DataType.BITS)]
        def words(): return [SimData(0, values=[i * 7 for i in range(200)], datatype=DataType.REGISTERS)]

        async def main():
            device = SimDevice(1, simdata=(bits(), bits(), words(), words()))
            server = ModbusTcpServer(device, framer=FramerType.RTU, address=("127.0.0.1", 0))
            await server.serve_forever(background=True)
            print(server.transport.sockets[0].getsockname()[1], flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
        """
}
