import Glibc
import Modbus
import NIOCore
import NIOPosix
import Synchronization

/// A request as it came in, and how to answer it, rightly or not.
struct Asked: Sendable {
    enum Framing: Sendable { case tcp, rtu }

    let framing: Framing
    let transaction: UInt16
    let unit: UnitID
    let pdu: [UInt8]

    private static let bank: RegisterBank = {
        var bank = RegisterBank()
        for table in Table.allCases { bank.set(table, 0, (0..<20).map { $0 + 7 }) }
        return bank
    }()

    /// A device's whole answer: register n holds n + 7.
    var right: [UInt8] {
        var bank = Self.bank
        return bank.answer(pdu)
    }

    func frame(_ pdu: [UInt8], unit: UInt8? = nil, transaction: UInt16? = nil) -> [UInt8] {
        let unit = unit.map { UnitID($0) } ?? self.unit
        switch framing {
        case .tcp: return MBAPFrame(transaction: transaction ?? self.transaction, unit: unit, pdu: pdu).encode()
        case .rtu: return RTUFrame(unit: unit, pdu: pdu).encode()
        }
    }
}

/// A device at the other end of connections that does as a test says, byte for byte.
final class ScriptedPeer: Sendable {
    enum Deed: Sendable {
        case says([UInt8])
        case nothing
        /// Says goodbye; says it, but goes on listening; or does not even say it.
        case closes, closesHalf, resets
    }

    typealias Manner = @Sendable (Asked) -> Deed

    static let right: Manner = { .says($0.frame($0.right)) }

    private struct State {
        var manner: Manner = ScriptedPeer.right
        /// What it does as soon as somebody has dialled.
        var greeting = Deed.nothing
        var callers: [ObjectIdentifier: any Channel] = [:]
        var server: (any Channel)?
        var accepted = 0
    }

    let port: Int
    private let framing: Asked.Framing
    private let state: Mutex<State>

    init(_ framing: Asked.Framing, port: Int = 0, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) async throws {
        let keeper = Keeper()
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Caller(of: keeper)) }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.framing = framing
        self.port = server.localAddress?.port ?? 0
        state = Mutex(State(server: server))
        keeper.peer.withLock { $0 = self }
    }

    var accepted: Int { state.withLock { $0.accepted } }

    func set(_ manner: @escaping Manner, greeting: Deed = .nothing) {
        state.withLock { ($0.manner, $0.greeting) = (manner, greeting) }
    }

    /// Ends everything; whoever dials now is refused.
    func stop() async throws {
        let channels = state.withLock { state in
            defer { (state.callers, state.server) = ([:], nil) }
            return Array(state.callers.values) + [state.server].compactMap { $0 }
        }
        for channel in channels { try? await channel.close() }
    }

    /// Breaks all connections without a word.
    func reset() {
        for channel in state.withLock({ Array($0.callers.values) }) { Self.reset(channel) }
    }

    private static func reset(_ channel: any Channel) {
        // Closed with nothing to linger for, a socket sends RST.
        let hard = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        (hard ?? channel.eventLoop.makeSucceededVoidFuture()).whenComplete { _ in channel.close(promise: nil) }
    }

    private func enter(_ channel: any Channel) -> Deed {
        state.withLock { state in
            state.accepted += 1
            state.callers[ObjectIdentifier(channel)] = channel
            return state.greeting
        }
    }

    private func leave(_ channel: any Channel) { state.withLock { $0.callers[ObjectIdentifier(channel)] = nil } }

    private func deed(_ asked: Asked) -> Deed { state.withLock { $0.manner }(asked) }

    /// Told of its peer once that listens.
    private final class Keeper: Sendable {
        let peer = Mutex<ScriptedPeer?>(nil)
    }

    private final class Caller: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let keeper: Keeper
        private var mbap = MBAPDecoder()
        private var rtu = RTURequestDecoder()

        init(of keeper: Keeper) { self.keeper = keeper }

        private var peer: ScriptedPeer? { keeper.peer.withLock { $0 } }

        func channelActive(context: ChannelHandlerContext) {
            if let peer { perform(peer.enter(context.channel), context) }
        }

        func channelInactive(context: ChannelHandlerContext) { peer?.leave(context.channel) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let peer else { return }
            let bytes = unwrapInboundIn(data).readableBytesView
            switch peer.framing {
            case .tcp:
                mbap.append(bytes)
                while let frame = (try? mbap.next()) ?? nil {
                    perform(peer.deed(Asked(framing: .tcp, transaction: frame.transaction, unit: frame.unit, pdu: frame.pdu)), context)
                }
            case .rtu:
                rtu.append(bytes)
                while let frame = rtu.next() {
                    perform(peer.deed(Asked(framing: .rtu, transaction: 0, unit: frame.unit, pdu: frame.pdu)), context)
                }
            }
        }

        private func perform(_ deed: Deed, _ context: ChannelHandlerContext) {
            switch deed {
            case .nothing: return
            case .says(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .closes: context.close(promise: nil)
            case .closesHalf: context.close(mode: .output, promise: nil)
            case .resets: ScriptedPeer.reset(context.channel)
            }
        }
    }
}
