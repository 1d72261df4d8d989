import Acquisition
import Modbus
import ModbusTransport
import NIOCore
import NIOPosix

/// A link on which one person asks one thing after another.
protocol FieldLink: Sendable {
    /// Connects if need be, asks, and waits for the answer.
    func ask(_ request: Request, of unit: UnitID, within timeout: Duration) async throws(ModbusError) -> Response
    func close() async
}

extension FieldTarget {
    /// How long a DTU may take to dial in, which many do once in half a minute.
    static let patience = Duration.seconds(60)

    /// Hands out the link, not connected yet, and closes it afterwards whatever happened.
    func withLink<Outcome>(
        _ body: (any FieldLink) async throws(FieldError) -> Outcome
    ) async throws(FieldError) -> Outcome {
        let link: any FieldLink
        do throws(ModbusError) {
            link = try await makeLink()
        } catch {
            throw .failed(words(for: error))
        }
        do throws(FieldError) {
            let outcome = try await body(link)
            await link.close()
            return outcome
        } catch {
            await link.close()
            throw error
        }
    }

    private func makeLink() async throws(ModbusError) -> any FieldLink {
        let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let limit = max(timeout, .seconds(5))
        switch address {
        case .tcp(let host, let port):
            return StreamPort(on: loop) { TCPLink(host: host, port: port, on: $0, connectTimeout: limit) }
        case .rtuOverTCP(let host, let port):
            return StreamPort(on: loop) { RTUOverTCPLink(host: host, port: port, on: $0, connectTimeout: limit) }
        case .rtuListen(let host, let port, let caller):
            let listener = DTUListener(host: host, port: port, on: loop)
            let id: DTUID
            switch caller {
            case .packet(let bytes): id = .packet(bytes)
            case .address(let address): id = .address(address)
            }
            let link = StreamPort(on: loop, listener: listener, patience: Self.patience) { _ in listener.register(id: id) }
            _ = try await listener.listen()
            return link
        case .rtu(let path, let baud, let parity, let stopBits):
            let parities: [Character: Parity] = ["E": .even, "O": .odd]
            return SerialPort(path: path, baud: baud, parity: parities[parity] ?? .none, stopBits: stopBits)
        case .mqtt:
            throw .unservable("a broker is no link to ask on")
        }
    }
}

extension DTUListener {
    fileprivate func listen() async throws(ModbusError) -> Int {
        do {
            return try await start()
        } catch let error as ModbusError {
            throw error
        } catch {
            throw .disconnected("\(error)")
        }
    }
}

/// A link on an event loop, TCP of any kind.
final class StreamPort: FieldLink {
    private let loop: any EventLoop
    private let link: EventLoopFuture<NIOLoopBound<any StreamLink>>
    private let listener: DTUListener?
    /// How long to wait for whoever dials in; nil where we dial.
    private let patience: Duration?

    init(
        on loop: any EventLoop, listener: DTUListener? = nil, patience: Duration? = nil,
        _ make: @escaping @Sendable (any EventLoop) -> any StreamLink
    ) {
        self.loop = loop
        self.listener = listener
        self.patience = patience
        link = loop.submit { NIOLoopBound(make(loop), eventLoop: loop) }
    }

    func ask(_ request: Request, of unit: UnitID, within timeout: Duration) async throws(ModbusError) -> Response {
        try await connect()
        return try await outcome { link, promise in
            link.send(request, to: unit, timeout: timeout) { promise.succeed($0) }
            link.flush()
        }
    }

    private func connect() async throws(ModbusError) {
        let patience = patience
        let loop = loop
        let _: Bool = try await outcome { link, promise in
            if link.isConnected { return promise.succeed(.success(true)) }
            link.onStateChange = { state in
                switch state {
                case .connected: promise.succeed(.success(true))
                case .disconnected(let reason) where patience == nil: promise.succeed(.failure(.disconnected(reason)))
                case .disconnected: return
                }
            }
            link.connect()
            guard let patience else { return }
            loop.scheduleTask(in: TimeAmount(patience)) {
                let seconds = patience.components.seconds
                promise.succeed(.failure(.disconnected("nobody dialled in within \(seconds) s and said to be this DTU")))
            }
        }
    }

    /// What comes of something begun on the loop.
    private func outcome<Value: Sendable>(
        _ begin: @escaping @Sendable (any StreamLink, EventLoopPromise<Result<Value, ModbusError>>) -> Void
    ) async throws(ModbusError) -> Value {
        let promise = loop.makePromise(of: Result<Value, ModbusError>.self)
        link.whenComplete { made in
            switch made {
            case .success(let link): begin(link.value, promise)
            case .failure(let error): promise.fail(error)
            }
        }
        let result: Result<Value, ModbusError>
        do {
            result = try await promise.futureResult.get()
        } catch {
            throw .disconnected("\(error)")
        }
        return try result.get()
    }

    func close() async {
        _ = try? await link.map { link in
            link.value.onStateChange = nil
            link.value.close()
        }.get()
        listener?.close()
    }
}

/// A serial line, on a thread of its own.
actor SerialPort: FieldLink {
    private let executor = ThreadExecutor(name: "serial")
    private let line: SerialLine

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(path: String, baud: Int, parity: Parity, stopBits: Int) {
        line = SerialLine(path: path, baud: baud, parity: parity, stopBits: stopBits)
    }

    func ask(_ request: Request, of unit: UnitID, within timeout: Duration) async throws(ModbusError) -> Response {
        if !line.isOpen { try line.open() }
        return try line.perform(request, unit: unit, timeout: timeout)
    }

    func close() async { line.close() }
}
