import FoundationEssentials
import Glibc
import Synchronization

/// A broker that misbehaves as told: accepts one connection after the other on a Unix socket, from a thread of its own.
final class FakeBroker: Sendable {
    enum Manner: Sendable {
        /// Accepts connections and publishes, and never acknowledges any.
        case forgetful
        /// Answers every subscription with 0x80 (MQTT 3.1.1, 3.9.3).
        case refusesSubscriptions
        /// Answers the connect with these bytes.
        case answers([UInt8])
    }

    let socket: String
    private let listener: Int32
    private let manner: Manner
    private let accepted = Atomic(0)

    var connections: Int { accepted.load(ordering: .relaxed) }

    init(_ manner: Manner) throws {
        self.manner = manner
        socket = FileManager.default.temporaryDirectory.path + "/headgate-fake-" + UUID().uuidString.prefix(8)
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
                if let raw { Unmanaged<FakeBroker>.fromOpaque(raw).takeRetainedValue().serve() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        unlink(socket)
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            accepted.add(1, ordering: .relaxed)
            talk(connection)
            close(connection)
        }
        close(listener)
    }

    private func talk(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return }
            for answer in answers(to: Array(buffer[..<count])) {
                _ = answer.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
            }
        }
    }

    /// Every packet of these tests is shorter than 128 bytes, so its length is its second byte.
    private func answers(to bytes: [UInt8]) -> [[UInt8]] {
        var answers: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count >= 2 {
            let packet = Array(rest.prefix(2 + Int(rest[rest.startIndex + 1])))
            rest = rest.dropFirst(packet.count)
            switch (packet[0] >> 4, manner) {
            case (1, .answers(let garbage)): answers.append(garbage)
            case (1, _): answers.append([0x20, 2, 0, 0])
            case (8, .refusesSubscriptions) where packet.count > 4: answers.append([0x90, 3, packet[2], packet[3], 0x80])
            default: break
            }
        }
        return answers
    }
}
