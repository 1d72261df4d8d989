import Modbus
import ModbusTransport
import Plants

extension Wired {
    /// What goes on the wire for a request: the unit's answer, or what its fault makes of it.
    ///
    /// - Parameter absent: what this wire has for a unit that is not on it.
    mutating func serve(_ unit: UnitID, _ pdu: [UInt8], dice: inout Dice, absent: ServerAnswer) -> ServerAnswer {
        let fault = fault(of: unit)
        if fault == .dead { return .silence }
        if fault == .garbage {
            return .garbage((0..<Int(dice.between(3, 40))).map { _ in UInt8(truncatingIfNeeded: dice.roll()) })
        }
        guard let answer = answer(unit, pdu) else { return absent }
        if case .slow(let milliseconds) = fault { return .delay(.milliseconds(milliseconds), answer) }
        return .pdu(answer)
    }
}
