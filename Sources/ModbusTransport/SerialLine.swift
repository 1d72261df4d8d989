package import Modbus

package enum Parity: String, CaseIterable, Sendable {
    case none, even, odd

    var letter: CChar {
        switch self {
        case .none: CChar(UInt8(ascii: "N"))
        case .even: CChar(UInt8(ascii: "E"))
        case .odd: CChar(UInt8(ascii: "O"))
        }
    }
}

/// A client on one serial line (Modbus RTU). It blocks, so it is used from one thread of the caller's own.
package final class SerialLine {
    package let path: String
    private let baud: Int
    private let parity: Parity
    private let stopBits: Int
    private let dataBits: Int
    private var context: Context?

    package init(path: String, baud: Int, parity: Parity = .none, stopBits: Int = 1, dataBits: Int = 8) {
        self.path = path
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
        self.dataBits = dataBits
    }

    package private(set) var isOpen = false

    /// Opens the device anew, whatever it was before.
    package func open() throws(ModbusError) {
        close()
        context = try Context(opening: path, baud: baud, parity: parity, dataBits: dataBits, stopBits: stopBits)
        isOpen = true
    }

    package func close() {
        context = nil
        isOpen = false
    }

    /// Asks, and waits for the answer: one transaction on the wire. A request to unit 0 goes to everybody, and nobody answers.
    ///
    /// - Parameter timeout: what the unit may take to think; the time the bytes need on the wire is added to it.
    package func perform(_ request: Request, unit: UnitID, timeout: Duration) throws(ModbusError) -> Response {
        guard unit.rawValue <= 247 else { throw .unservable("unit \(unit) on a serial line, which has 0 to 247") }
        guard unit.rawValue > 0 || request.isWrite else { throw .unservable("a read from everybody (unit 0)") }
        let pdu = try request.encode()
        do throws(ModbusError) {
            guard isOpen else { throw .disconnected("\(path) is not open") }
            guard try fallSilent() else { throw .malformed("the line is never silent") }
            try context?.send(pdu, to: unit)
            if unit.rawValue == 0 { return .written }
            let answer = try receive(from: unit, within: timeout + characterTime * (pdu.count + 3 + answerLength(of: request)))
            return try PDU.response(answer, to: request)
        } catch {
            switch error {
            case .disconnected: close()
            case .timeout, .malformed: _ = try fallSilent()
            case .exception, .unservable: break
            }
            throw error
        }
    }

    /// An answer of another unit does not end the wait for this one's (Modbus over Serial Line V1.02, §2.4.1).
    private func receive(from unit: UnitID, within time: Duration) throws(ModbusError) -> [UInt8] {
        let deadline = ContinuousClock.now + time
        var isForeign = false
        repeat {
            do throws(ModbusError) {
                if let pdu = try context?.receive(within: ContinuousClock.now.duration(to: deadline)) ?? nil { return pdu }
                isForeign = true
            } catch {
                if error == .timeout, isForeign { break }
                throw error
            }
        } while ContinuousClock.now < deadline
        throw .malformed("another unit answered for unit \(unit)")
    }

    /// Frames are parted by silence: 3.5 characters, or 1.75 ms above 19200 baud (§2.5.1.1). Until then it drops what it hears.
    private func fallSilent() throws(ModbusError) -> Bool {
        let silence = baud > 19200 ? 2 : Int32(clamping: 38_500 / max(baud, 1) + 1)
        do throws(ModbusError) {
            return try context?.waitForSilence(milliseconds: silence) ?? true
        } catch {
            close()
            throw error
        }
    }

    /// Eleven bits each.
    private var characterTime: Duration { .microseconds(11_000_000 / max(baud, 1)) }

    private func answerLength(of request: Request) -> Int {
        guard !request.isWrite else { return 10 }
        return 5 + (request.table.isBits ? request.count / 8 + 1 : request.count * 2)
    }
}
