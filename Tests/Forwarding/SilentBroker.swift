import FoundationEssentials
import Glibc
import Synchronization

/// A broker that takes whatever is published, and acknowledges it only from when it is told to. Serves one connection after the
/// other on a Unix socket, from a thread of its own.
final class SilentBroker: Sendable {
    private struct State {
        var acknowledges = false
        var connections = 0
        /// Messages of the present connection that were not acknowledged.
        var open = 0
        var mostOpen = 0
        var acknowledged = 0
    }

    let socket: String
    private let listener: Int32
    private let state = Mutex(State())

    var connections: Int { state.withLock { $0.connections } }
    var mostOpen: Int { state.withLock { $0.mostOpen } }
    var acknowledged: Int { state.withLock { $0.acknowledged } }

    init(folder: String) throws {
        socket = folder + "/silent"
        listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard status == 0, listen(listener, 8) == 0 else { throw CocoaError(.fileWriteUnknown) }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<SilentBroker>.fromOpaque(raw).takeRetainedValue().serve() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    /// From now on it acknowledges what comes; what has come it has forgotten.
    func recover() { state.withLock { $0.acknowledges = true } }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            state.withLock { $0.connections += 1 }
            var waiting: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = read(connection, &buffer, buffer.count), count > 0 {
                waiting += buffer[..<count]
                while let packet = next(&waiting) {
                    guard let answer = answer(packet) else { continue }
                    _ = answer.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
                }
            }
            state.withLock { $0.open = 0 }
            close(connection)
        }
        close(listener)
    }

    /// One packet's type and flags, and its content (MQTT 3.1.1, 2.2).
    private func next(_ bytes: inout [UInt8]) -> (head: UInt8, content: [UInt8])? {
        var (length, place) = (0, 1)
        repeat {
            guard place < bytes.count, place < 5 else { return nil }
            length |= Int(bytes[place] & 0x7F) << (7 * (place - 1))
            place += 1
        } while bytes[place - 1] & 0x80 != 0
        guard bytes.count >= place + length else { return nil }
        defer { bytes.removeFirst(place + length) }
        return (bytes[0], Array(bytes[place..<place + length]))
    }

    private func answer(_ packet: (head: UInt8, content: [UInt8])) -> [UInt8]? {
        switch packet.head >> 4 {
        case 1: return [0x20, 2, 0, 0]
        case 3 where packet.head & 6 == 2:
            let topic = Int(packet.content[0]) << 8 | Int(packet.content[1])
            return state.withLock { state in
                guard state.acknowledges else {
                    state.open += 1
                    state.mostOpen = max(state.mostOpen, state.open)
                    return nil
                }
                state.acknowledged += 1
                return [0x40, 2, packet.content[2 + topic], packet.content[3 + topic]]
            }
        case 12: return [0xD0, 0]
        default: return nil
        }
    }
}
