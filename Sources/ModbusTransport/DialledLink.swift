package import Modbus
import NIOCore
import NIOPosix

/// A link that dials. It connects when told, once; when to try again is the caller's to decide.
package class DialledLink: StreamLink {
    private enum Phase {
        case idle
        case connecting
        case connected(any Pipe)
    }

    package final var onStateChange: ((LinkState) -> Void)?

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let connectTimeout: Duration
    private let makePipe: (_ onEnd: @escaping (String) -> Void) -> any Pipe
    private var phase = Phase.idle
    /// Counts the attempts, so that one given up is known when it succeeds after all.
    private var attempt = 0
    private var past = LinkStatistics()

    init(
        host: String, port: Int, on loop: any EventLoop, connectTimeout: Duration,
        makePipe: @escaping (_ onEnd: @escaping (String) -> Void) -> any Pipe
    ) {
        self.host = host
        self.port = port
        self.loop = loop
        self.connectTimeout = connectTimeout
        self.makePipe = makePipe
    }

    package final var isConnected: Bool {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { return pipe.isOpen }
        return false
    }

    package final var statistics: LinkStatistics {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { return past + pipe.statistics }
        return past
    }

    package final func connect() {
        loop.preconditionInEventLoop()
        guard case .idle = phase else { return }
        phase = .connecting
        attempt += 1
        let attempt = attempt
        let pipe = makePipe { [weak self] reason in
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

    package final func send(
        _ request: Request, to unit: UnitID, timeout: Duration, done: @escaping (Result<Response, ModbusError>) -> Void
    ) {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { return pipe.send(request, to: unit, timeout: timeout, done: done) }
        loop.assumeIsolated().execute { done(.failure(.disconnected("the link is down"))) }
    }

    package final func flush() {
        loop.preconditionInEventLoop()
        if case .connected(let pipe) = phase { pipe.flush() }
    }

    package final func close() {
        loop.preconditionInEventLoop()
        switch phase {
        case .idle: return
        case .connecting: ended(attempt, "closed by us")
        case .connected(let pipe): pipe.close("closed by us")
        }
    }

    private func dial(_ pipe: any Pipe) -> EventLoopFuture<any Channel> {
        let pipe = NIOLoopBound(pipe, eventLoop: loop)
        let bootstrap = Liveness.options.reduce(ClientBootstrap(group: loop)) { $0.channelOption($1.option, value: $1.value) }
            .connectTimeout(TimeAmount(min(max(connectTimeout, .milliseconds(1)), .seconds(86400))))
            .channelOption(.maxMessagesPerRead, value: 1)  // an answer fits one read; asking again costs a system call
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(pipe.value) }
            }
        if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
        return bootstrap.connect(host: host, port: port)
    }

    private func dialled(_ attempt: Int, _ channel: any Channel, _ pipe: any Pipe) {
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
