import Modbus
import ModbusTransport
import Synchronization

/// A server's units, and how each of them behaves just now.
final class Plant: Sendable {
    enum Mood: Sendable {
        case well, dead
        case slow(Duration)
        case garbage([UInt8])
    }

    private let units: Mutex<[UnitID: (bank: RegisterBank, mood: Mood)]>

    init(_ units: UInt8...) {
        var bank = RegisterBank()
        for table in Table.allCases { bank.set(table, 0, (0..<200).map { table.isBits ? $0 % 3 & 1 : $0 * 7 }) }
        self.units = Mutex(Dictionary(uniqueKeysWithValues: units.map { (UnitID($0), (bank, .well)) }))
    }

    func set(_ unit: UInt8, _ mood: Mood) { units.withLock { $0[UnitID(unit)]?.mood = mood } }

    subscript(unit: UInt8, table: Table, address: UInt16) -> UInt16? { units.withLock { $0[UnitID(unit)]?.bank[table, address] } }

    /// Unit 0 is everybody: they do as told and say nothing.
    func answer(_ unit: UnitID, _ pdu: [UInt8]) -> ServerAnswer {
        units.withLock { units in
            if unit.rawValue == 0 {
                for id in units.keys { _ = units[id]?.bank.answer(pdu) }
                return .silence
            }
            guard let mood = units[unit]?.mood, let answer = units[unit]?.bank.answer(pdu) else { return .silence }
            switch mood {
            case .well: return .pdu(answer)
            case .dead: return .silence
            case .slow(let time): return .delay(time, answer)
            case .garbage(let bytes): return .garbage(bytes)
            }
        }
    }

    func server() -> ModbusServer { ModbusServer { self.answer($0, $1) } }

    /// What every unit holds at the start.
    static func registers(_ range: Range<UInt16>) -> Response { .registers(range.map { $0 * 7 }) }
    static func bits(_ range: Range<UInt16>) -> Response { .bits(range.map { $0 % 3 & 1 == 1 }) }
}
