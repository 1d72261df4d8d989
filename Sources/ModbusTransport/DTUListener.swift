import Modbus
package import NIOCore
import NIOPosix

/// A port where DTUs dial in, each of which is a link of its own.
package final class DTUListener: Sendable {
    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let desk: NIOLoopBoundBox<DTUDesk>

    /// - Parameters:
    ///   - host: the address to listen on; empty for all.
    ///   - port: 0 for one of the system's choice.
    package init(host: String = "", port: Int, on loop: any EventLoop) {
        self.host = host.isEmpty ? "0.0.0.0" : host
        self.port = port
        self.loop = loop
        desk = .makeBoxSendingValue(DTUDesk(on: loop), eventLoop: loop)
    }

    /// The link to the DTU that goes by this id. On the loop, before or after `start()`.
    package func register(_ id: DTUID) throws(DTURegistrationError) -> DTULink { try desk.value.register(id) }

    /// The same for whoever has a link to run rather than a file to judge: one that cannot be registered says so whenever it
    /// is asked to connect, and all others go on.
    package func register(id: DTUID) -> DTULink {
        do throws(DTURegistrationError) {
            return try register(id)
        } catch {
            return DTULink(id, on: loop, absence: "\(error)")
        }
    }

    /// Called on the loop for every caller that is sent away. Strangers may call often: whoever logs this counts.
    package func onRefusal(_ body: @escaping (DTURefusal) -> Void) { desk.value.onRefusal = body }

    /// Listens from now on. Returns the port. On any thread.
    package func start() async throws -> Int {
        let desk = desk
        let bootstrap = Liveness.options.reduce(ServerBootstrap(group: loop)) {
            $0.childChannelOption($1.option, value: $1.value)
        }
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(DTUReception(at: desk.value))
            }
        }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            try await loop.submit { desk.value.opened(channel) }.get()
            return channel.localAddress?.port ?? port
        } catch {
            throw ModbusError.disconnected("no port for DTUs at \(host):\(port): \(words(for: error))")
        }
    }

    /// Ends the listening, and every connection and link. On any thread.
    package func close() {
        let desk = desk
        loop.execute { desk.value.close() }
    }
}

/// Who may dial in, and who has. Touched on its loop only.
final class DTUDesk {
    /// How long a caller may take to say who it is.
    static let patience = TimeAmount.seconds(30)
    /// How long what was said waits for more, where a longer packet begins with it.
    static let pause = TimeAmount.milliseconds(300)
    /// Callers that have not said yet who they are.
    static let maximumUnnamed = 64

    enum Judgement {
        case known(DTULink)
        /// A whole packet, and the beginning of another's.
        case perhaps(DTULink)
        case incomplete
        case unknown
    }

    var onRefusal: ((DTURefusal) -> Void)?
    private let loop: any EventLoop
    private var links: [DTUID: DTULink] = [:]
    private var server: (any Channel)?
    private var unnamed: [ObjectIdentifier: any Channel] = [:]
    private(set) var isClosed = false

    init(on loop: any EventLoop) { self.loop = loop }

    func register(_ id: DTUID) throws(DTURegistrationError) -> DTULink {
        var id = id
        switch id {
        case .packet(let packet): guard !packet.isEmpty else { throw .emptyPacket }
        case .address(let address): id = .address(Self.plain(address))
        }
        guard links[id] == nil else { throw .taken(id) }
        let link = DTULink(id, on: loop)
        links[id] = link
        return link
    }

    func link(callingFrom address: String) -> DTULink? { links[.address(Self.plain(address))] }

    /// Who this is, by what it has said so far.
    func judge(_ said: [UInt8]) -> Judgement {
        var best: (length: Int, link: DTULink)?
        var mayGoOn = false
        for case (.packet(let packet), let link) in links {
            if said.starts(with: packet) {
                if packet.count > best?.length ?? 0 { best = (packet.count, link) }
            } else if packet.starts(with: said) {
                mayGoOn = true
            }
        }
        if let best { return mayGoOn ? .perhaps(best.link) : .known(best.link) }
        return mayGoOn ? .incomplete : .unknown
    }

    /// False if there are too many already.
    func enter(_ channel: any Channel) -> Bool {
        guard unnamed.count < Self.maximumUnnamed else { return false }
        unnamed[ObjectIdentifier(channel)] = channel
        return true
    }

    func leave(_ channel: any Channel) { unnamed[ObjectIdentifier(channel)] = nil }

    func opened(_ channel: any Channel) {
        if isClosed { channel.close(promise: nil) } else { server = channel }
    }

    func close() {
        isClosed = true
        server?.close(promise: nil)
        server = nil
        for channel in unnamed.values { channel.close(promise: nil) }
        for link in links.values { link.end("the port for DTUs is closed") }
    }

    /// An address as the system writes it; an IPv4 caller's is the same on an IPv6 port.
    private static func plain(_ address: String) -> String {
        let system = (try? SocketAddress(ipAddress: address, port: 0))?.ipAddress ?? address
        return system.hasPrefix("::ffff:") && system.contains(".") ? String(system.dropFirst(7)) : system
    }
}
