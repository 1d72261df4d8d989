/// Where a link leads, as it is written: `tcp://host:port`, `rtu:///dev/ttyS0?baud=9600&parity=N&stop=1`, `mqtt://host:port`,
/// `mqtt:///run/broker.socket`.
package enum LinkAddress: Hashable, Sendable {
    case tcp(host: String, port: Int)
    case rtu(path: String, baud: Int, parity: Character, stopBits: Int)
    /// With port 0 the host is the path of a Unix socket.
    case mqtt(host: String, port: Int)

    /// What is wrong with an address, as the end of a sentence.
    package struct Malformed: Error {
        package let message: String
    }

    package static let schemes = ["tcp", "rtu", "mqtt"]

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
