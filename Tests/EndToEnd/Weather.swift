import Foundation
import RealServers
import Synchronization

/// A wire that goes bad: whoever dials its port is put through to a server, as far as the weather allows. A thread of its own
/// carries the bytes.
final class Weather: Sendable {
    enum Kind: CaseIterable, Sendable {
        case fair
        /// Every connection is cut, and new ones are at once.
        case cut
        /// Bytes go neither way, and nobody is told.
        case silent
        /// The server hears everything, and nobody hears the server. What it said is lost, and its connection with it.
        case deaf
    }

    enum Server: Sendable {
        case port(Int)
        case socket(String)
    }

    private struct State {
        var kind = Kind.fair
        var isOver = false
        var hasEnded = false
        /// Told by the thread once it has seen to the last change.
        var isSettled = true
    }

    let port: Int
    private let listener: Int32
    private let server: Server
    private let state = Mutex(State())

    private init(before server: Server) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = try bound(listener)
        guard listen(listener, 64) == 0 else { throw Unexpected("nobody can listen") }
        self.server = server
    }

    /// Listens for as long as the body takes.
    static func serve<Answer: Sendable>(before server: Server, _ body: (Weather) async throws -> Answer) async throws -> Answer {
        let weather = try Weather(before: server)
        Thread.detachNewThread { weather.carry() }
        let result: Result<Answer, any Error>
        do { result = .success(try await body(weather)) } catch { result = .failure(error) }
        weather.state.withLock { $0.isOver = true }
        while !weather.state.withLock({ $0.hasEnded }) { await breathe() }
        return try result.get()
    }

    /// Returns when it is so.
    func turn(_ kind: Kind) async {
        state.withLock { ($0.kind, $0.isSettled) = (kind, false) }
        while !state.withLock({ $0.isSettled }) { await breathe() }
    }

    // MARK: On the thread

    private func carry() {
        var pairs: [(client: Int32, server: Int32)] = []
        var kind = Kind.fair
        while case let now = state.withLock({ $0 }), !now.isOver {
            if !now.isSettled {
                // What was lost in between leaves a hole that no connection survives.
                if now.kind == .cut || kind == .deaf { hangUp(&pairs) }
                kind = now.kind
                state.withLock { if $0.kind == kind { $0.isSettled = true } }
            }
            let ends = [listener] + (kind == .silent ? [] : pairs.flatMap { [$0.client, $0.server] })
            var waiting = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waiting, UInt(waiting.count), 5) > 0 else { continue }
            var broken: Set<Int32> = []
            for end in waiting.dropFirst() where end.revents != 0 {
                guard let pair = pairs.first(where: { $0.client == end.fd || $0.server == end.fd }) else { continue }
                if !relay(pair, from: end.fd, isHeard: kind != .deaf) { broken.insert(pair.client) }
            }
            var ended = pairs.filter { broken.contains($0.client) }
            pairs.removeAll { broken.contains($0.client) }
            hangUp(&ended)
            if waiting[0].revents != 0, let pair = answer(kind) { pairs.append(pair) }
        }
        hangUp(&pairs)
        close(listener)
        state.withLock { $0.hasEnded = true }
    }

    private func answer(_ kind: Kind) -> (client: Int32, server: Int32)? {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        guard kind != .cut, let server = dial() else {
            close(client)
            return nil
        }
        return (client, server)
    }

    /// False: one of the two is gone.
    private func relay(_ pair: (client: Int32, server: Int32), from end: Int32, isHeard: Bool) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(end, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        if end == pair.server, !isHeard { return true }
        let other = end == pair.client ? pair.server : pair.client
        return send(other, buffer, count, Int32(MSG_NOSIGNAL)) == count
    }

    private func hangUp(_ pairs: inout [(client: Int32, server: Int32)]) {
        for pair in pairs {
            close(pair.client)
            close(pair.server)
        }
        pairs = []
    }

    private func dial() -> Int32? {
        let end: Int32
        let status: Int32
        switch server {
        case .port(let port):
            end = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = loopback(port)
            status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(end, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
        case .socket(let path):
            end = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
            status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(end, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
        }
        guard status == 0 else {
            close(end)
            return nil
        }
        return end
    }
}

private func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

/// Binds a socket to a port that nobody has, and returns that.
private func bound(_ descriptor: Int32) throws -> Int {
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
    }
    guard isBound else { throw Unexpected("no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
}
