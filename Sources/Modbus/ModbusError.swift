/// Why a request has no answer. The sentence says the cause; who asked adds the link, the unit and the range.
package enum ModbusError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The device refused, with this exception code.
    case exception(UInt8)
    /// No answer within the time given.
    case timeout
    /// There is no link: the cause, in words.
    case disconnected(String)
    /// What came is no answer to what was asked: its length, unit, function, echo or check sum is wrong.
    case malformed(String)
    /// The request itself is beyond what the protocol can carry; nothing was sent.
    case unservable(String)

    /// Whether the same request may do better later. A device that does not know a function or an address will not.
    package var isRetryable: Bool {
        switch self {
        case .timeout, .disconnected, .malformed: true
        case .unservable: false
        case .exception(let code): ![1, 2, 3, 7].contains(code)
        }
    }

    package var description: String {
        switch self {
        case .exception(let code): "refused: \(Self.name(ofException: code)) (exception \(code < 10 ? "0" : "")\(code))"
        case .timeout: "no answer in time"
        case .disconnected(let cause): "not connected: \(cause)"
        case .malformed(let what): "not a valid answer: \(what)"
        case .unservable(let why): "not a valid request: \(why)"
        }
    }

    /// Modbus Application Protocol V1.1b3, §7, and 7, which it no longer lists but older devices still send.
    package static func name(ofException code: UInt8) -> String {
        switch code {
        case 1: "illegal function"
        case 2: "illegal data address"
        case 3: "illegal data value"
        case 4: "server device failure"
        case 5: "acknowledged, still working"
        case 6: "server device busy"
        case 7: "negative acknowledge"
        case 8: "memory parity error"
        case 10: "gateway path unavailable"
        case 11: "gateway target device failed to respond"
        default: "unknown exception"
        }
    }
}

extension ModbusError {
    package static let illegalFunction = ModbusError.exception(1)
    package static let illegalAddress = ModbusError.exception(2)
    package static let illegalValue = ModbusError.exception(3)
}
