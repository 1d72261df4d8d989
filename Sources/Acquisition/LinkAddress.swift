/// Where a link leads, as it is written:
///
/// - `tcp://host:port`: Modbus TCP;
/// - `rtu:///dev/ttyS0?baud=9600&parity=N&stop=1`: a serial line;
/// - `rtu+tcp://host:port`: RTU frames over TCP, to a converter;
/// - `rtu+listen://:port?packet=0A1B`, `…?text=pump-7`, `…?address=10.0.0.7`: RTU frames over TCP, from a DTU that dials in and
///   says who it is by its registration packet, in hex or as text, or by its address;
/// - `mqtt://host:port`, `mqtt:///run/broker.socket`: a broker.
package enum LinkAddress: Hashable, Sendable {
    case tcp(host: String, port: Int)
    case rtu(path: String, baud: Int, parity: Character, stopBits: Int)
    case rtuOverTCP(host: String, port: Int)
    /// An empty host listens on every address of this machine.
    case rtuListen(host: String, port: Int, caller: Caller)
    /// With port 0 the host is the path of a Unix socket.
    case mqtt(host: String, port: Int)

    /// How a DTU that dials in is known.
    package enum Caller: Hashable, Sendable {
        case packet([UInt8])
        case address(String)
    }

    /// What is wrong with an address, as the end of a sentence.
    package struct Malformed: Error {
        package let message: String

        package init(message: String) { self.message = message }
    }

    package static let schemes = ["tcp", "rtu", "rtu+tcp", "rtu+listen", "mqtt"]

    package init(_ text: String) throws(Malformed) {
        guard let colon = text.firstRange(of: "://") else {
            throw Malformed(message: "'\(text)' is not an address such as tcp://192.0.2.7:502 or rtu:///dev/ttyS0?baud=9600")
        }
        let rest = String(text[colon.upperBound...])
        switch text[..<colon.lowerBound] {
        case "tcp":
            let (host, port) = try Self.hostAndPort(rest, default: 502)
            self = .tcp(host: host, port: port)
        case "mqtt" where rest.hasPrefix("/"):
            self = .mqtt(host: rest, port: 0)
        case "mqtt":
            let (host, port) = try Self.hostAndPort(rest, default: 1883)
            self = .mqtt(host: host, port: port)
        case "rtu":
            self = try Self.rtu(rest)
        case "rtu+tcp":
            let (host, port) = try Self.hostAndPort(rest, default: 502)
            self = .rtuOverTCP(host: host, port: port)
        case "rtu+listen":
            self = try Self.listen(rest)
        default:
            throw Malformed(message: "'\(text[..<colon.lowerBound])' is not a kind of link; known: \(Self.schemes.joined(separator: ", "))")
        }
    }

    /// `host:port`, `[::1]:port`, or a host alone.
    package static func hostAndPort(_ text: String, default port: Int?) throws(Malformed) -> (String, Int) {
        var host = text
        var portText: String?
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            host = String(text[text.index(after: text.startIndex)..<close])
            let after = text[text.index(after: close)...]
            if !after.isEmpty {
                guard after.hasPrefix(":") else { throw Malformed(message: "'\(text)' has something between ']' and the port") }
                portText = String(after.dropFirst())
            }
        } else if let colon = text.lastIndex(of: ":") {
            host = String(text[..<colon])
            portText = String(text[text.index(after: colon)...])
        }
        guard !host.isEmpty, !host.contains(where: { $0 == "/" || $0 == "@" || $0.isWhitespace }) else {
            throw Malformed(message: "'\(text)' names no host; write host:port")
        }
        guard let portText else {
            guard let port else { throw Malformed(message: "'\(text)' names no port; write host:port") }
            return (host, port)
        }
        guard let number = Int(portText), (1...65535).contains(number) else {
            throw Malformed(message: "'\(portText)' is not a port; ports are 1 to 65535")
        }
        return (host, number)
    }

    private static func listen(_ text: String) throws(Malformed) -> LinkAddress {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (host, port) = parts[0].hasPrefix(":") ? ("", try hostAndPort("x" + parts[0], default: nil).1)
            : try hostAndPort(parts[0], default: nil)
        let setting = parts.count > 1 ? parts[1].split(separator: "=", maxSplits: 1).map(String.init) : []
        guard setting.count == 2 else {
            throw Malformed(
                message: "rtu+listen:// must say who dials in: rtu+listen://:9000?packet=0A1B, ?text=pump-7 or ?address=10.0.0.7")
        }
        switch setting[0] {
        case "packet":
            guard let bytes = hex(setting[1]) else { throw Malformed(message: "packet cannot be '\(setting[1])': write hex bytes, 0A1B") }
            return .rtuListen(host: host, port: port, caller: .packet(bytes))
        case "text": return .rtuListen(host: host, port: port, caller: .packet(Array(setting[1].utf8)))
        case "address": return .rtuListen(host: host, port: port, caller: .address(setting[1]))
        default: throw Malformed(message: "rtu+listen has no setting '\(setting[0])'; known: packet, text, address")
        }
    }

    private static func hex(_ text: String) -> [UInt8]? {
        let digits = Array(text)
        guard !digits.isEmpty, digits.count.isMultiple(of: 2), digits.count <= 256 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(digits[index...(index + 1)]), radix: 16), digits[index] != "+", digits[index] != "-" else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }

    private static func rtu(_ text: String) throws(Malformed) -> LinkAddress {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        guard path.hasPrefix("/"), path.count > 1 else {
            throw Malformed(message: "rtu:// wants the path of a serial device, rtu:///dev/ttyS0?baud=9600&parity=N&stop=1")
        }
        var baud = 9600
        var parity: Character = "N"
        var stop = 1
        for setting in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let pair = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = pair.count == 2 ? pair[1] : ""
            switch pair[0] {
            case "baud":
                guard let number = Int(value), [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200].contains(number) else {
                    throw Malformed(message: "baud cannot be '\(value)'; known: 1200 2400 4800 9600 19200 38400 57600 115200")
                }
                baud = number
            case "parity":
                guard ["N", "E", "O"].contains(value), let letter = value.first else {
                    throw Malformed(message: "parity cannot be '\(value)'; known: N, E, O")
                }
                parity = letter
            case "stop":
                guard let number = Int(value), (1...2).contains(number) else {
                    throw Malformed(message: "stop cannot be '\(value)'; known: 1, 2")
                }
                stop = number
            default:
                throw Malformed(message: "rtu has no setting '\(pair[0])'; known: baud, parity, stop")
            }
        }
        return .rtu(path: path, baud: baud, parity: parity, stopBits: stop)
    }
}
