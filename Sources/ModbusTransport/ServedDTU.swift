import NIOCore
import NIOPosix

/// A simulated DTU: dials, says who it is, serves what is behind it, and dials again when it is cut off.
struct ServedDTU: Sendable {
    let host: String
    let port: Int
    let registration: [UInt8]
    let heartbeat: TimeAmount?
    let redial: TimeAmount?
    let answer: ModbusServer.Answer

    func dial(on loop: any EventLoop) -> EventLoopFuture<Void> {
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers: [any ChannelHandler] = [
                        Registration(registration, every: heartbeat), ServerHandler(RTUServing(), answer: answer),
                    ]
                    try channel.pipeline.syncOperations.addHandlers(handlers)
                }
            }
            .connect(host: host, port: port)
            .map { channel in channel.closeFuture.whenComplete { _ in dialAgain(on: loop) } }
    }

    private func dialAgain(on loop: any EventLoop) {
        guard let redial else { return }
        loop.scheduleTask(in: redial) { dial(on: loop).whenFailure { _ in dialAgain(on: loop) } }
    }
}

/// What a DTU says by itself.
private final class Registration: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let packet: [UInt8]
    private let interval: TimeAmount?
    private var alarm: Scheduled<Void>?

    init(_ packet: [UInt8], every interval: TimeAmount?) {
        self.packet = packet
        self.interval = interval
    }

    func channelActive(context: ChannelHandlerContext) {
        say(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        context.fireChannelInactive()
    }

    private func say(_ context: ChannelHandlerContext) {
        if !packet.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: packet)), promise: nil) }
        guard let interval else { return }
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in self?.say(context) }
    }
}
