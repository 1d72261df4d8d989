import NIOCore

/// Stands at the front of a connection until it is known which DTU has dialled in.
final class DTUReception: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let desk: DTUDesk
    private var said: [UInt8] = []
    private var alarm: Scheduled<Void>?
    private var isOver = false

    init(at desk: DTUDesk) { self.desk = desk }

    func channelActive(context: ChannelHandlerContext) {
        if desk.isClosed { return refuse(context, nil) }
        if let link = desk.link(callingFrom: Self.address(of: context)) { return admit(context, to: link) }
        guard desk.enter(context.channel) else { return refuse(context, "too many callers have not said yet who they are") }
        wait(DTUDesk.patience, context) { $0.refuse(context, "it did not say who it is") }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return context.fireChannelRead(data) }
        said.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        switch desk.judge(said) {
        case .known(let link): admit(context, to: link)
        case .perhaps(let link): wait(DTUDesk.pause, context) { $0.admit(context, to: link) }
        case .incomplete: break
        case .unknown: refuse(context, "it registers as \(DTUID.words(for: said)), which no link expects")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isOver { leave(context) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// What it says after the packet answers nothing, and is dropped.
    private func admit(_ context: ChannelHandlerContext, to link: DTULink) {
        leave(context)
        let pipe = link.admit()
        do {
            try context.pipeline.syncOperations.addHandler(pipe, position: .after(self))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            link.arrived()
        } catch {
            context.close(promise: nil)
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ reason: String?) {
        let address = Self.address(of: context)
        leave(context)
        context.close(promise: nil)
        if let reason { desk.onRefusal?(DTURefusal(address: address, reason: reason)) }
    }

    private func leave(_ context: ChannelHandlerContext) {
        isOver = true
        alarm?.cancel()
        desk.leave(context.channel)
    }

    private func wait(_ span: TimeAmount, _ context: ChannelHandlerContext, then act: @escaping (DTUReception) -> Void) {
        alarm?.cancel()
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: span) { [weak self] in
            if let self, !self.isOver { act(self) }
        }
    }

    private static func address(of context: ChannelHandlerContext) -> String {
        context.remoteAddress?.ipAddress ?? "an unknown address"
    }
}
