package import Modbus
import NIOCore

/// A link to a DTU, which dials in when it will. It is connected from when its DTU has dialled in and the link was asked to
/// connect, in either order, and again whenever the DTU is back; `connect()` while the DTU is away says so, at once. Confined
/// to its listener's loop.
package final class DTULink: StreamLink {
    package let id: DTUID
    package var onStateChange: ((LinkState) -> Void)?

    private let loop: any EventLoop
    private var pipe: RTUPipe?
    private var isWanted = false
    /// Whether its owner was told that it is connected, and not yet that it is no longer.
    private var isUp = false
    private var past = LinkStatistics()
    private var absence: String

    /// - Parameter absence: why there is no DTU, where it is not that it has yet to dial in.
    init(_ id: DTUID, on loop: any EventLoop, absence: String? = nil) {
        self.id = id
        self.loop = loop
        self.absence = absence ?? "DTU \(id) has not dialled in yet"
    }

    package var isConnected: Bool {
        loop.preconditionInEventLoop()
        return isUp && pipe?.isOpen ?? false
    }

    package var statistics: LinkStatistics {
        loop.preconditionInEventLoop()
        return pipe.map { past + $0.statistics } ?? past
    }

    package func connect() {
        loop.preconditionInEventLoop()
        guard !isUp else { return }
        isWanted = true
        loop.assumeIsolated().execute { [weak self] in
            guard let self, self.isWanted, !self.isUp else { return }
            if self.pipe?.isOpen ?? false { self.rise() } else { self.onStateChange?(.disconnected(reason: self.absence)) }
        }
    }

    package func send(
        _ request: Request, to unit: UnitID, timeout: Duration, done: @escaping (Result<Response, ModbusError>) -> Void
    ) {
        loop.preconditionInEventLoop()
        if isUp, let pipe { return pipe.send(request, to: unit, timeout: timeout, done: done) }
        loop.assumeIsolated().execute { done(.failure(.disconnected("the link is down"))) }
    }

    package func flush() {
        loop.preconditionInEventLoop()
        if isUp { pipe?.flush() }
    }

    package func close() {
        loop.preconditionInEventLoop()
        end("closed by us")
    }

    func end(_ reason: String) {
        let wasWaiting = isWanted && !isUp
        isWanted = false
        if let pipe { pipe.close(reason) }
        if wasWaiting { onStateChange?(.disconnected(reason: reason)) }
    }

    /// The pipe for a DTU that has just said it is this one. One that was here is thought lost: it would not dial otherwise.
    func admit() -> RTUPipe {
        pipe?.close("DTU \(id) dialled in anew")
        var heartbeat: [UInt8] = []
        if case .packet(let packet) = id { heartbeat = packet }
        weak var admitted: RTUPipe?
        let pipe = RTUPipe(on: loop, heartbeat: heartbeat) { [weak self] in
            if let self, let admitted { self.left(admitted, $0) }
        }
        admitted = pipe
        self.pipe = pipe
        return pipe
    }

    /// The admitted pipe is on its channel.
    func arrived() {
        if isWanted, !isUp, pipe?.isOpen ?? false { rise() }
    }

    private func rise() {
        isUp = true
        onStateChange?(.connected)
    }

    private func left(_ gone: RTUPipe, _ reason: String) {
        guard pipe === gone else { return }
        past = past + gone.statistics
        pipe = nil
        absence = "DTU \(id) has not dialled in since: \(reason)"
        guard isUp else { return }
        isUp = false
        onStateChange?(.disconnected(reason: reason))
    }
}
