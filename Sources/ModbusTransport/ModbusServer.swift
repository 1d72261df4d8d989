package import Modbus
import NIOCore
import NIOPosix
import Synchronization

/// What a server does with a request; the last three are for faults.
package enum ServerAnswer: Hashable, Sendable {
    case pdu([UInt8])
    /// The unit is dead, or not there.
    case silence
    /// The PDU, but later.
    case delay(Duration, [UInt8])
    /// These bytes on the wire, as they are: no header, no check sum.
    case garbage([UInt8])
}

/// A Modbus server for simulators: TCP and RTU over TCP on as many ports, RTU on as many pseudo-terminals, as it is told to
/// serve, and calls to those who would be called. One thread of its own does it all, and asks `answer` there.
package final class ModbusServer: Sendable {
    package typealias Answer = @Sendable (UnitID, [UInt8]) -> ServerAnswer

    private let answer: Answer
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let terminals = Mutex<[PseudoTerminal]>([])
    private let isStopped = Atomic(false)

    package init(answer: @escaping Answer) { self.answer = answer }

    deinit { stop() }

    /// Serves Modbus TCP. Returns the port, the system's choice for 0.
    package func serveTCP(host: String = "127.0.0.1", port: Int = 0) throws -> Int {
        let answer = answer
        return try serve(host, port) { ServerHandler(MBAPServing(), answer: answer) }
    }

    /// Serves RTU frames over TCP, as a serial server in its transparent mode does. Returns the port.
    package func serveRTUOverTCP(host: String = "127.0.0.1", port: Int = 0) throws -> Int {
        let answer = answer
        return try serve(host, port) { ServerHandler(RTUServing(), answer: answer) }
    }

    /// Dials in as a DTU, and serves RTU frames on that connection. Throws if nobody takes the first call.
    ///
    /// - Parameters:
    ///   - registration: what it says right after connecting; nothing if empty.
    ///   - heartbeat: says that again so often.
    ///   - redial: dials again so long after it was cut off, or not taken; nil for never.
    package func dialAsDTU(
        host: String = "127.0.0.1", port: Int, registration: [UInt8], heartbeat: Duration? = nil, redial: Duration? = nil
    ) throws {
        let dtu = ServedDTU(
            host: host, port: port, registration: registration, heartbeat: heartbeat.map { TimeAmount($0) },
            redial: redial.map { TimeAmount($0) }, answer: answer)
        try dtu.dial(on: group.next()).wait()
    }

    private func serve(
        _ host: String, _ port: Int, with makeHandler: @escaping @Sendable () -> any ChannelHandler
    ) throws -> Int {
        let channel = try ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(makeHandler()) }
            }
            .bind(host: host, port: port).wait()
        return channel.localAddress?.port ?? port
    }

    /// Serves Modbus RTU on a pseudo-terminal of its own. Returns the path a client opens: the terminal's, or if told the
    /// symbolic link to it, which replaces one that is there.
    package func serveRTU(linkPath: String? = nil) throws -> String {
        let terminal = try PseudoTerminal(linkPath: linkPath)
        terminals.withLock { $0.append(terminal) }
        let answer = answer
        _ = try NIOPipeBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ServerHandler(RTUServing(), answer: answer))
                }
            }
            .takingOwnershipOfDescriptor(inputOutput: terminal.takeController()).wait()
        return linkPath ?? terminal.path
    }

    /// Closes everything, removes the symbolic links, joins the thread. Not to be called from `answer`.
    package func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        try? group.syncShutdownGracefully()
        for terminal in terminals.withLock({ $0 }) { terminal.close() }
    }
}
