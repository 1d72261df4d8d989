import Acquisition
import ModbusTransport

/// Everything here that reads what others wrote, each behind one door for bytes. A harness reads them as the gateway would, and
/// traps where a promise is broken; what it is given is never wrong.
package enum Harness: String, CaseIterable, Sendable {
    // Frames.
    case mbap, pdu, rtu, dtu
    // Messages.
    case json, ingest
    // Files and what is written in them.
    case yaml, profile, table, address

    package func run(_ bytes: [UInt8]) {
        switch self {
        case .mbap: FuzzEntries.mbap(bytes)
        case .pdu: FuzzEntries.pdu(bytes)
        case .rtu: FuzzEntries.rtu(bytes)
        case .dtu: FuzzEntries.dtu(bytes)
        case .json: Self.json(bytes)
        case .ingest: Self.ingest(bytes)
        case .yaml: Self.yaml(bytes)
        case .profile: Self.profile(bytes)
        case .table: Self.table(bytes)
        case .address: Self.address(bytes)
        }
    }

    /// A link's address says where it leads, or what is wrong with it.
    private static func address(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        do throws(LinkAddress.Malformed) {
            switch try LinkAddress(text) {
            case .tcp(let host, let port), .rtuOverTCP(let host, let port):
                precondition(!host.isEmpty && (1...65535).contains(port), "nowhere to dial")
            case .mqtt(let host, let port):
                precondition(!host.isEmpty && (host.hasPrefix("/") ? 0...65535 : 1...65535).contains(port), "no broker")
            case .rtu(let path, let baud, let parity, let stopBits):
                precondition(path.hasPrefix("/") && baud > 0 && "NEO".contains(parity) && (1...2).contains(stopBits), "no line")
            case .rtuListen(_, let port, let caller):
                precondition((1...65535).contains(port), "no port to listen on")
                switch caller {
                case .packet(let packet): precondition(!packet.isEmpty, "a packet of nothing")
                case .address(let address): precondition(!address.isEmpty, "an address of nothing")
                }
            }
        } catch {
            precondition(!error.message.isEmpty, "wrong, and nobody knows why")
        }
    }
}
