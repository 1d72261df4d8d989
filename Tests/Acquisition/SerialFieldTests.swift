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
}
