import FoundationEssentials
import Modbus
import ModbusTransport
import Synchronization
import Telemetry
import Testing

@testable import Acquisition

@Suite("a serial line's field", .timeLimit(.minutes(1)))
struct SerialFieldTests {
    @Test("a write that a pause holds back does not wait for the next scan")
    func write() async throws {
        let bank = Mutex(RegisterBank())
        bank.withLock { $0[.holding, 0] = 7 }
        let server = ModbusServer { _, pdu in .pdu(bank.withLock { $0.answer(pdu) }) }
        defer { server.stop() }
        let path = try server.serveRTU()
        let device = PolledDevice(
            id: DeviceID(index: 0), name: "site/drive", unit: UnitID(1), pause: .milliseconds(150),
            points: [PolledPoint(0, every: .seconds(3600))])
        let medium = LinkPlan.Medium.serial(path: path, baud: 115_200, parity: "N", stopBits: 1)
        let plan = LinkPlan(name: "line", medium: medium, timeout: .seconds(1), devices: [device])
        let (batches, heard) = AsyncStream.makeStream(of: Batch.self)
        let field = SerialField(
            plan, line: SerialLine(path: path, baud: 115_200), time: SystemTime(), seed: 1,
            sink: Sink(batch: { heard.yield($0) }, event: { _ in }))
        try await withThrowingTaskGroup { group in
            group.addTask { try await field.run() }
            var readings = batches.makeAsyncIterator()
            #expect(await readings.next()?.samples.map(\.reading) == [.good(.int(7))])
            // Just read, so the device's pause has begun; the next scan is an hour away.
            #expect(await field.write(.int(8), to: PointID(index: 0), id: WriteID(number: 1)) == .echoed(.int(8)))
            #expect(await readings.next()?.samples.map(\.reading) == [.good(.int(8))])
            let states = await field.deviceStates.map(\.state)
            #expect(states == [.good])
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    @Test("a line pulled out and put back, three times, is told of by its path and read again each time")
    func pulledOut() async throws {
        let path = "\(FileManager.default.temporaryDirectory.path)/headgate-line-\(ProcessInfo.processInfo.processIdentifier)"
        func cable() throws -> ModbusServer {
            let server = ModbusServer { unit, pdu in
                .pdu(Asked(framing: .rtu, transaction: 0, unit: unit, pdu: pdu).right)
            }
            #expect(try server.serveRTU(linkPath: path) == path)
            return server
        }
        let medium = LinkPlan.Medium.serial(path: path, baud: 115_200, parity: "N", stopBits: 1)
        try await running([.single("line", medium, point: 0)]) { acquisition, recorder in
            let absent = "link line lost: not connected: \(path): no such file or directory"
            #expect(await recorder.until { $0.told(of: "line").contains(absent) })
            for _ in 0..<3 {
                let server = try cable()
                #expect(await recorder.until { $0.readings[0] == .good(.int(7)) })
                recorder.forget()
                server.stop()
                let gone = "link line lost: \(path): the device is gone"
                #expect(await recorder.until { $0.readings[0] == .bad(.commFailure) && $0.told(of: "line").contains(gone) })
                let refused = WriteResult.failed("link line is down: \(path): the device is gone")
                #expect(await acquisition.write(.int(1), to: PointID(index: 0)) == refused)
            }
        }
    }
}
