package import Modbus
package import NIOCore
import NIOPosix

/// A client of one Modbus TCP server. Confined to one event loop: every call is on it, and so is every call back.
///
/// It connects when told, once; when to try again is the caller's to decide. Close it before letting go of it.
package final class TCPLink {
    private enum Phase {
        case idle
        case connecting
        case connected(RequestPipe)
    }

    /// Called on every change but the one a caller makes by `connect()`. The calls to `done` of all that was in flight come
    /// first.
    package var onStateChange: ((LinkState) -> Void)?

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let connectTimeout: Duration
    private var phase = Phase.idle
    /// Counts the attempts, so that one given up is known when it succeeds after all.
    private var attempt = 0
    private var past = LinkStatistics()

    package init(host: String, port: Int, on loop: any EventLoop, connectTimeout: Duration) {
        self.host = host
        self.port = port
        self.loop = loop
        self.connectTimeout = connectTimeout
    }

    package var isConnected: Bool {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { return pipe.isOpen }
        return false
    }

    package var statistics: LinkStatistics {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { return past + pipe.statistics }
        return past
    }

    /// Tries once to connect; the outcome comes through `onStateChange`. Does nothing while connecting or connected.
    package func connect() {
        loop.preconditionInEventLoop()
        guard case .idle = phase else { return }
        phase = .connecting
        attempt += 1
        let attempt = attempt
        let pipe = RequestPipe(on: loop) { [weak self] reason in
            // While connecting, the attempt's own outcome says more.
            if let self, case .connected = self.phase { self.ended(attempt, reason) }
        }
        dial(pipe).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel): dialled(attempt, channel, pipe)
            case .failure(let error): ended(attempt, words(for: error))
            }
        }
    }

    /// Writes a request; `flush()` puts it on the wire, together with the others. Answers may come in any order.
    ///
    /// `done` is called exactly once, on the loop, and never before this returns. The timeout counts from now.
    package func send(
        _ request: Request, to unit: UnitID, timeout: Duration, done: @escaping (Result<Response, ModbusError>) -> Void
    ) {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { return pipe.send(request, to: unit, timeout: timeout, done: done) }
        loop.assumeIsolated().execute { done(.failure(.disconnected("the link is down"))) }
    }

    package func flush() {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { pipe.flush() }
    }

    /// Ends the connection, or the attempt to make one. Everything in flight fails with `.disconnected` before this returns.
    package func close() {
        loop.preconditionInEventLoop()
        switch phase {
        case .idle: return
        case .connecting: ended(attempt, "closed by us")
        case .connected(let pipe): pipe.close("closed by us")
        }
    }

    private func dial(_ pipe: RequestPipe) -> EventLoopFuture<any Channel> {
        let pipe = NIOLoopBound(pipe, eventLoop: loop)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(min(max(connectTimeout, .milliseconds(1)), .seconds(86400))))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)  // an answer fits one read; asking again costs a system call
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(pipe.value) }
            }
        if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
        return bootstrap.connect(host: host, port: port)
    }

    private func dialled(_ attempt: Int, _ channel: any Channel, _ pipe: RequestPipe) {
        guard attempt == self.attempt, case .connecting = phase, pipe.isOpen else {
            channel.close(promise: nil)
            return ended(attempt, "the device closed the connection")
        }
        phase = .connected(pipe)
        onStateChange?(.connected)
    }

    private func ended(_ attempt: Int, _ reason: String) {
        guard attempt == self.attempt else { return }
        switch phase {
        case .idle: return
        case .connecting: break
        case .connected(let pipe): past = past + pipe.statistics
        }
        phase = .idle
        onStateChange?(.disconnected(reason: reason))
    }
}
