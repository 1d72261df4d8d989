import Modbus
import NIOCore

/// The requests of one stream of RTU frames, one on the wire at a time. Lives as long as its connection does.
///
/// A frame says neither which question it answers nor which address it holds. So a question whose answer did not come in
/// time stays owed, and a frame that may be its answer is never taken for another question's: then nothing is asked until
/// the stream has been quiet for twice the time the answer was waited for, and the question is put again. A question is
/// owed until its answer comes, or until as long after an answer to a later one showed that nothing is stuck on the way.
/// So a network may stop for minutes and then bring everything at once. Misunderstood could only be a device that thinks
/// more than twice as long as it was given, or a network that stops again within that time of having begun to catch up.
final class RTUPipe: Pipe, NIOScheduledCallbackHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Pending {
        let question: RTUQuestion
        let frame: [UInt8]
        let timeout: TimeAmount
        let done: Done
        var isAskedAgain = false
    }

    private struct Overdue {
        let question: RTUQuestion
        let asked: NIODeadline
        let patience: TimeAmount
        /// When another answer showed that nothing is stuck on the way.
        var proof: NIODeadline?

        init(_ pending: Pending, asked: NIODeadline) {
            question = pending.question
            self.asked = asked
            patience = min(max(pending.timeout, RTUPipe.silence), .seconds(3)) * 2
        }

        func isOver(at now: NIODeadline) -> Bool { proof.map { $0 + patience <= now } ?? false }

        /// Whether its answer would be no answer to this: another address, or the right one but long ago.
        func misleads(_ question: RTUQuestion, asked: NIODeadline) -> Bool {
            question != self.question || asked - self.asked > patience
        }
    }

    /// More than this many waiting is refused.
    static let maximumWaiting = 4096
    /// After this many questions in a row without a sound, the connection is given up.
    static let maximumOverdue = 256
    /// A stream that brings more than this instead of an answer is not Modbus.
    static let maximumNoise = 65536
    /// Parts what was heard from what will be. On a line 3.5 characters do (§2.5.1.1); a network hands them on in lumps.
    static let silence = TimeAmount.milliseconds(50)
    /// What everybody is told, everybody gets time to do: §2.4.1, the turnaround delay.
    static let turnaround = TimeAmount.milliseconds(100)

    private let loop: any EventLoop
    private let onEnd: (String) -> Void
    private var context: ChannelHandlerContext?
    private var answers: RTUAnswers
    private var waiting = CircularBuffer<Pending>()
    /// How many of those waiting were flushed.
    private var released = 0
    private var asked: (pending: Pending, at: NIODeadline, deadline: NIODeadline)?
    private var overdue: [Overdue] = []
    /// Nobody is asked until nothing is heard for so long; past the limit, the stream makes no sense.
    private var settling: (quiet: TimeAmount, limit: NIODeadline, isForgetting: Bool)?
    private var heard = NIODeadline.uptimeNanoseconds(0)
    /// Whether something was heard that no question accounts for.
    private var isUneasy = false
    private var noise = 0
    private var alarm: (deadline: NIODeadline, callback: NIOScheduledCallback)?
    private var isReading = false
    private var endReason: String?
    private(set) var statistics = LinkStatistics()

    /// - Parameters:
    ///   - heartbeat: what the peer says from time to time to be thought alive; skipped wherever it stands.
    ///   - onEnd: called once, when the connection is no longer of use, after everything in flight has failed.
    init(on loop: any EventLoop, heartbeat: [UInt8] = [], onEnd: @escaping (String) -> Void) {
        self.loop = loop
        self.onEnd = onEnd
        answers = RTUAnswers(heartbeat: heartbeat)
    }

    var isOpen: Bool { context != nil && endReason == nil }

    // MARK: Asking

    func send(_ request: Request, to unit: UnitID, timeout: Duration, done: @escaping Done) {
        do throws(ModbusError) {
            guard let context, endReason == nil else { throw .disconnected(endReason ?? "the connection is not open") }
            guard waiting.count < Self.maximumWaiting, context.channel.isWritable else {
                throw .disconnected("the device takes no more requests")
            }
            guard unit.rawValue > 0 || request.isWrite else { throw .unservable("a read from everybody (unit 0)") }
            waiting.append(
                Pending(
                    question: RTUQuestion(request: request, unit: unit),
                    frame: RTUFrame(unit: unit, pdu: try request.encode()).encode(),
                    timeout: TimeAmount(min(max(timeout, .milliseconds(1)), .seconds(86400))), done: done))
        } catch {
            loop.assumeIsolated().execute { done(.failure(error)) }
        }
    }

    func flush() {
        released = waiting.count
        advance()
    }

    func close(_ reason: String) {
        let context = context
        end(reason, failing: .disconnected(reason))
        context?.close(promise: nil)
    }

    /// Puts the next question on the wire, if it is free.
    private func advance() {
        guard let context, endReason == nil, !isReading, asked == nil, settling == nil, released > 0 else { return }
        if isUneasy { return settle(for: Self.silence) }
        guard let pending = waiting.popFirst() else { return }
        released -= 1
        answers.drop()
        noise = 0
        let wait = pending.question.unit.rawValue == 0 ? min(pending.timeout, Self.turnaround) : pending.timeout
        let now = loop.now
        asked = (pending, now, now + wait)
        statistics.requests += 1
        arm(now + wait)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: pending.frame)), promise: nil)
    }

    /// Nobody is asked until the stream falls silent.
    ///
    /// - Parameter isForgetting: after that, no answer is owed any more.
    private func settle(for quiet: TimeAmount, forgetting isForgetting: Bool = false) {
        let now = loop.now
        settling = (quiet, now + quiet * 3 + .seconds(1), isForgetting)
        let due = heard + quiet
        if due <= now { settled() } else { arm(due) }
    }

    private func settled() {
        if settling?.isForgetting ?? false { overdue.removeAll() }
        settling = nil
        isUneasy = false
        answers.drop()
        advance()
    }

    // MARK: Answers

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard endReason == nil else { return }
        let bytes = unwrapInboundIn(data).readableBytesView
        noise += bytes.count
        answers.append(bytes)
        // Signs of life break no silence.
        if answers.isEmpty { return answers.drop() }
        heard = loop.now
        isReading = true
        overdue.removeAll { $0.isOver(at: heard) }
        while endReason == nil, let frame = answers.next(where: isKnown) { accept(frame) }
        isReading = false
        guard endReason == nil else { return }
        if asked == nil, !answers.isEmpty { isUneasy = true }
        if asked != nil, noise > Self.maximumNoise { return desync("a flood of bytes without an answer") }
        advance()
    }

    private func isKnown(_ frame: RTUFrame) -> Bool {
        asked?.pending.question.answer(in: frame) != nil || overdue.contains { $0.question.answer(in: frame) != nil }
    }

    private func accept(_ frame: RTUFrame) {
        let late = overdue.indices.filter { overdue[$0].question.answer(in: frame) != nil }
        if let (pending, time, _) = asked, let result = pending.question.answer(in: frame) {
            if late.contains(where: { overdue[$0].misleads(pending.question, asked: time) }) {
                return doubt(pending, asked: time)
            }
            finish()
            prove(late.first.map { $0 + 1 } ?? overdue.count)
            statistics.answers += 1
            pending.done(result)
        } else if let first = late.first {
            statistics.late += 1
            prove(first)
            overdue.remove(at: first)
            isUneasy = isUneasy || asked == nil
        }
    }

    /// Answers come in the order of the questions: what was asked before the one now answered is not stuck on the way.
    private func prove(_ count: Int) {
        for index in overdue.indices.prefix(count) where overdue[index].proof == nil { overdue[index].proof = heard }
    }

    /// The answer may be another question's. What was read is asked for again; whether a write was done, nobody knows.
    private func doubt(_ pending: Pending, asked time: NIODeadline) {
        statistics.late += 1
        finish()
        overdue.append(Overdue(pending, asked: time))
        settle(for: overdue.map(\.patience).max() ?? Self.silence, forgetting: true)
        if pending.question.request.isWrite || pending.isAskedAgain {
            pending.done(.failure(.malformed("it may be the late answer to an earlier request")))
        } else {
            var again = pending
            again.isAskedAgain = true
            waiting.prepend(again)
            released += 1
        }
    }

    private func finish() {
        asked = nil
        disarm()
    }

    /// Time is up.
    private func expire(_ pending: Pending, asked time: NIODeadline) {
        finish()
        if pending.question.unit.rawValue == 0 { return pending.done(.success(.written)) }
        if !answers.hasBegun(pending.question) { overdue.append(Overdue(pending, asked: time)) }
        if let fault = answers.fault(instead: pending.question) {
            isUneasy = true
            pending.done(.failure(.malformed(fault)))
        } else {
            statistics.timeouts += 1
            pending.done(.failure(.timeout))
        }
        if overdue.count >= Self.maximumOverdue { close("\(overdue.count) answers are overdue") }
    }

    private func desync(_ what: String) {
        let context = context
        statistics.desyncs += 1
        let error = ModbusError.malformed(what)
        end("closed by us: \(error)", failing: error)
        context?.close(promise: nil)
    }

    // MARK: Deadlines

    private func arm(_ deadline: NIODeadline) {
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
        guard endReason == nil else { return }
        let now = loop.now
        if let settling {
            let due = heard + settling.quiet
            if due <= now { return settled() }
            if settling.limit <= now { return desync("the line is never silent") }
            arm(min(due, settling.limit))
        } else if let asked {
            if asked.deadline > now { return arm(asked.deadline) }
            expire(asked.pending, asked: asked.at)
            advance()
        }
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

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close(words(for: error)) }

    private func end(_ reason: String, failing error: ModbusError) {
        guard endReason == nil else { return }
        endReason = reason
        disarm()
        let failed = (asked.map { [$0.pending] } ?? []) + waiting
        asked = nil
        settling = nil
        waiting = []
        released = 0
        for pending in failed { pending.done(.failure(error)) }
        onEnd(reason)
    }
}
