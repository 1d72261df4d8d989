import Modbus
import NIOCore

/// The requests in flight on one connection: numbers them, matches the answers, keeps the deadlines. It knows a channel and
/// an event loop, but no socket. Lives as long as its connection does.
final class RequestPipe: Pipe, NIOScheduledCallbackHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Pending {
        let request: Request
        let unit: UnitID
        let deadline: NIODeadline
        let order: Int
        let done: Done
    }

    /// A device that takes requests and answers none has this many answers open at most; then the connection is given up.
    static let maximumOverdue = 1024
    /// More than this many at once is refused: transaction ids must not run out.
    static let maximumInFlight = 4096

    private let loop: any EventLoop
    private let onEnd: (String) -> Void
    private var context: ChannelHandlerContext?
    private var decoder = MBAPDecoder()
    private var outgoing = ByteBuffer()
    private var inFlight: [UInt16: Pending] = [:]
    /// Transaction ids of requests that timed out. Not used again until their answers come.
    private var overdue: Set<UInt16> = []
    private var lastTransaction: UInt16 = 0
    private var alarm: (deadline: NIODeadline, callback: NIOScheduledCallback)?
    /// While answers are handed out, what they make their callers ask is gathered, and leaves in one write.
    private var isReading = false
    private var isFlushWanted = false
    private var endReason: String?
    private(set) var statistics = LinkStatistics()

    /// - Parameter onEnd: called once, when the connection is no longer of use, after everything in flight has failed.
    init(on loop: any EventLoop, onEnd: @escaping (String) -> Void) {
        self.loop = loop
        self.onEnd = onEnd
    }

    var isOpen: Bool { context != nil && endReason == nil }

    // MARK: Sending

    /// Writes a request behind those not flushed yet. `done` is called once, later, never from in here.
    func send(_ request: Request, to unit: UnitID, timeout: Duration, done: @escaping Done) {
        do throws(ModbusError) {
            let context = try room()
            let pdu = try request.encode()
            let deadline = loop.now + TimeAmount(min(max(timeout, .milliseconds(1)), .seconds(86400)))
            let transaction = nextTransaction()
            outgoing.writeMultipleIntegers(transaction, UInt16(0), UInt16(truncatingIfNeeded: pdu.count + 1), unit.rawValue)
            outgoing.writeBytes(pdu)
            inFlight[transaction] = Pending(
                request: request, unit: unit, deadline: deadline, order: statistics.requests, done: done)
            statistics.requests += 1
            if deadline < alarm?.deadline ?? .distantFuture { arm(deadline, on: context.eventLoop) }
        } catch {
            loop.assumeIsolated().execute { done(.failure(error)) }
        }
    }

    /// Puts all that was written on the wire together; from inside an answer, once the other answers here are handed out.
    func flush() {
        if isReading { isFlushWanted = true }
        guard let context, endReason == nil, !isReading, outgoing.readableBytes > 0 else { return }
        isFlushWanted = false
        context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        outgoing.clear()
    }

    func close(_ reason: String) {
        let context = context
        end(reason, failing: .disconnected(reason))
        context?.close(promise: nil)
    }

    private func room() throws(ModbusError) -> ChannelHandlerContext {
        guard let context, endReason == nil else { throw .disconnected(endReason ?? "the connection is not open") }
        guard inFlight.count < Self.maximumInFlight, context.channel.isWritable else {
            throw .disconnected("the device takes no more requests")
        }
        return context
    }

    /// In flight and overdue are far fewer than there are ids, so this ends.
    private func nextTransaction() -> UInt16 {
        repeat { lastTransaction &+= 1 } while inFlight[lastTransaction] != nil || overdue.contains(lastTransaction)
        return lastTransaction
    }

    // MARK: Answers

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard endReason == nil else { return }
        decoder.append(unwrapInboundIn(data).readableBytesView)
        isReading = true
        defer { isReading = false }
        do throws(ModbusError) {
            while endReason == nil, let frame = try decoder.next() { try accept(frame) }
            if inFlight.isEmpty { disarm() }
        } catch {
            statistics.desyncs += 1
            end("closed by us: \(error)", failing: error)
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isFlushWanted { flush() }
    }

    /// Throws when the frame fits no request: then no later one can be trusted to.
    private func accept(_ frame: MBAPFrame) throws(ModbusError) {
        guard let pending = inFlight[frame.transaction] else {
            guard overdue.remove(frame.transaction) != nil else {
                throw .malformed("transaction \(frame.transaction), which was not asked for")
            }
            statistics.late += 1
            return
        }
        guard frame.unit == pending.unit else { throw .malformed("unit \(frame.unit) instead of \(pending.unit)") }
        guard let function = frame.pdu.first, function & 0x7F == pending.request.functionCode else {
            throw .malformed("function \(frame.pdu.first ?? 0) instead of \(pending.request.functionCode)")
        }
        inFlight[frame.transaction] = nil
        statistics.answers += 1
        let result: Result<Response, ModbusError>
        do throws(ModbusError) {
            result = .success(try PDU.response(frame.pdu, to: pending.request))
        } catch {
            result = .failure(error)
        }
        pending.done(result)
    }

    // MARK: Deadlines

    /// One alarm at the earliest deadline, not one for each request: scheduling costs more than asking.
    private func arm(_ deadline: NIODeadline, on loop: any EventLoop) {
        disarm()
        guard let callback = try? loop.assumeIsolated().scheduleCallback(at: deadline, handler: self) else { return }
        alarm = (deadline, callback)
    }

    private func disarm() {
        alarm?.callback.cancel()
        alarm = nil
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        alarm = nil
        let now = loop.now
        let expired = inFlight.filter { $0.value.deadline <= now }
        for transaction in expired.keys {
            inFlight[transaction] = nil
            overdue.insert(transaction)
        }
        statistics.timeouts += expired.count
        if let next = inFlight.values.lazy.map(\.deadline).min() { arm(next, on: eventLoop) }
        for pending in expired.values.sorted(by: { $0.order < $1.order }) { pending.done(.failure(.timeout)) }
        if overdue.count > Self.maximumOverdue { close("\(overdue.count) answers are overdue") }
    }

    // MARK: The end

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end("the connection is closed", failing: .disconnected("the connection is closed"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        let reason = "the device closed the connection"
        end(reason, failing: .disconnected(reason))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(words(for: error))
    }

    private func end(_ reason: String, failing error: ModbusError) {
        guard endReason == nil else { return }
        endReason = reason
        disarm()
        let failed = inFlight.values.sorted { $0.order < $1.order }
        inFlight = [:]
        for pending in failed { pending.done(.failure(error)) }
        onEnd(reason)
    }
}
