import Modbus
import NIOCore

/// How requests are cut from bytes and answers put into them, on one kind of wire.
protocol Serving {
    /// Requests in what was heard; nil if this connection makes no sense any more.
    mutating func requests(in bytes: ByteBufferView, at now: NIODeadline) -> [ServedRequest]?
    func frame(_ pdu: [UInt8], for request: ServedRequest) -> [UInt8]
}

struct ServedRequest {
    let transaction: UInt16
    let unit: UnitID
    let pdu: [UInt8]
}

struct MBAPServing: Serving {
    private var decoder = MBAPDecoder()

    mutating func requests(in bytes: ByteBufferView, at now: NIODeadline) -> [ServedRequest]? {
        decoder.append(bytes)
        var requests: [ServedRequest] = []
        do throws(ModbusError) {
            while let frame = try decoder.next() {
                requests.append(ServedRequest(transaction: frame.transaction, unit: frame.unit, pdu: frame.pdu))
            }
        } catch {
            return nil
        }
        return requests
    }

    func frame(_ pdu: [UInt8], for request: ServedRequest) -> [UInt8] {
        MBAPFrame(transaction: request.transaction, unit: request.unit, pdu: pdu).encode()
    }
}

struct RTUServing: Serving {
    /// A request whose bytes come further apart was given up by its client.
    private static let longestGap = TimeAmount.milliseconds(50)
    private var decoder = RTURequestDecoder()
    private var heard = NIODeadline.now()

    mutating func requests(in bytes: ByteBufferView, at now: NIODeadline) -> [ServedRequest]? {
        if now - heard > Self.longestGap { decoder.silence() }
        heard = now
        decoder.append(bytes)
        var requests: [ServedRequest] = []
        while let frame = decoder.next() { requests.append(ServedRequest(transaction: 0, unit: frame.unit, pdu: frame.pdu)) }
        return requests
    }

    func frame(_ pdu: [UInt8], for request: ServedRequest) -> [UInt8] { RTUFrame(unit: request.unit, pdu: pdu).encode() }
}

/// One connection or line of a server.
final class ServerHandler<Wire: Serving>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var wire: Wire
    private let answer: ModbusServer.Answer

    init(_ wire: Wire, answer: @escaping ModbusServer.Answer) {
        self.wire = wire
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let requests = wire.requests(in: unwrapInboundIn(data).readableBytesView, at: context.eventLoop.now) else {
            return context.close(promise: nil)
        }
        for request in requests { reply(answer(request.unit, request.pdu), to: request, context) }
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func reply(_ answer: ServerAnswer, to request: ServedRequest, _ context: ChannelHandlerContext) {
        switch answer {
        case .silence: return
        case .pdu(let pdu): write(framed(pdu, for: request), context)
        case .garbage(let bytes): write(bytes, context)
        case .delay(let span, let pdu):
            let bytes = framed(pdu, for: request)
            context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(span)) { [weak self] in
                guard context.channel.isActive else { return }
                self?.write(bytes, context)
                context.flush()
            }
        }
    }

    /// A PDU that cannot be one is the simulator's mistake: answered as a device's failure.
    private func framed(_ pdu: [UInt8], for request: ServedRequest) -> [UInt8] {
        let isSound = (1...PDU.maximumLength).contains(pdu.count)
        return wire.frame(isSound ? pdu : PDU.exception(4, to: request.pdu.first ?? 0), for: request)
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        guard !bytes.isEmpty else { return }
        context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
