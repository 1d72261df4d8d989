import Fieldwork
import FoundationEssentials
import Modbus
import ModbusTransport
import Synchronization
import Telemetry

/// A folder of a test's own, gone after it.
final class Workbench: Sendable {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/fieldwork-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    func pump() throws -> String { try file("pump.yaml", Self.pump) }

    static let pump = """
        profile: 1
        model: Lutan P7
        order: CDAB
        points:
          level:    { holding: 0, type: int16, scale: 0.01, unit: m, range: [0, 6] }
          total:    { holding: 1, type: uint32, unit: m3 }
          state:    { holding: 3, type: uint16, values: { 0: stopped, 1: forward, 2: reverse }, writable: true }
          running:  { coil: 4, writable: { safe: false } }
          tripped:  { discrete: 5 }
          speed:    { holding: 10, type: float32, unit: Hz, writable: { min: 20, max: 50, step: 0.5 } }
          flow:     { input: 7, type: float32, unit: m3/h }
          fault:    { holding: 20, bit: 3 }
          mode:     { holding: 20, bits: [4, 7], writable: { mask: true } }
          name:     { holding: 30, type: string, length: 8 }

        """
}

/// What a command told.
final class Said: Sendable {
    private let told = Mutex<[String]>([])
    var lines: [String] { told.withLock { $0 } }
    var text: String { lines.joined(separator: "\n") }
    func tell(_ line: String) { told.withLock { $0.append(line) } }
}

/// A device made by hand: units, their registers, and what became of them.
final class HandMade: Sendable {
    private let banks: Mutex<[UInt8: RegisterBank]>
    private let server: Mutex<ModbusServer?> = Mutex(nil)
    /// Registers that take a write and forget it.
    let isDeaf = Mutex(false)

    init(_ banks: [UInt8: RegisterBank]) { self.banks = Mutex(banks) }

    func stop() { server.withLock { $0 }?.stop() }

    func start() throws -> String {
        let server = ModbusServer { self.answer($0, $1) }
        self.server.withLock { $0 = server }
        return "tcp://127.0.0.1:\(try server.serveTCP())"
    }

    subscript(unit: UInt8, table: Table, address: UInt16) -> UInt16? { banks.withLock { $0[unit]?[table, address] } }

    func writes(_ unit: UInt8) -> [RegisterBank.Write] { banks.withLock { $0[unit]?.writes ?? [] } }

    private func answer(_ unit: UnitID, _ pdu: [UInt8]) -> ServerAnswer {
        banks.withLock { banks in
            guard let bank = banks[unit.rawValue] else { return unit.rawValue == 9 ? .pdu(PDU.exception(11, to: pdu[0])) : .silence }
            var after = bank
            let answer = after.answer(pdu)
            if !isDeaf.withLock({ $0 }) { banks[unit.rawValue] = after }
            return .pdu(answer)
        }
    }
}

/// The error a command must give, as its status and its words.
func refusal(_ body: () async throws(FieldError) -> Void) async -> FieldError? {
    do throws(FieldError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
