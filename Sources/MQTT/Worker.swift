import CMosquitto
import Dispatch
import Glibc
import Synchronization

/// The client's thread and what it shares with everyone else: dials, serves one session until it ends, waits, dials again.
final class Worker: SessionListener {
    typealias Clock = ContinuousClock

    private struct Subscription {
        var qos: Int32
        var answered: (@Sendable (Bool) -> Void)?
        var isRefused = false
    }

    private struct Shared {
        var session: Session?
        var isConnected = false
        var lastState: MQTTClient.State?
        var subscriptions: [String: Subscription] = [:]
        var hearer: (@Sendable (MQTTMessage) -> Void)?
        var attendant: Attendant?
        var thread: pthread_t?
        var isStarted = false
        var isStopping = false
        var isFinished = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// How long a goodbye may take to leave.
    private static let farewell: Duration = .seconds(2)

    let messages: AsyncStream<MQTTMessage>
    let states: AsyncStream<MQTTClient.State>
    let dropped = Atomic(0)
    let received = Atomic(0)
    let connections = Atomic(0)
    private let options: MQTTClient.Options
    private let messageOutlet: AsyncStream<MQTTMessage>.Continuation
    private let stateOutlet: AsyncStream<MQTTClient.State>.Continuation
    private let shared = Mutex(Shared())
    private let alarm = DispatchSemaphore(value: 0)

    init(_ options: MQTTClient.Options) {
        self.options = options
        (messages, messageOutlet) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(max(1, options.maximumReceived)))
        (states, stateOutlet) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    var isConnected: Bool { shared.withLock { $0.isConnected } }
    var refusedSubscriptions: [String] {
        shared.withLock { $0.subscriptions.filter(\.value.isRefused).keys.sorted() }
    }

    // MARK: Asked by anyone

    func publish(_ message: MQTTMessage, isMoreToCome: Bool, acknowledge: @escaping Session.Acknowledge) {
        guard let session = shared.withLock({ $0.isConnected ? $0.session : nil }) else {
            acknowledge(.failure(.disconnected))
            return
        }
        session.publish(message, acknowledge: acknowledge)
        if !isMoreToCome { session.flush() }
    }

    func flush() { shared.withLock { $0.isConnected ? $0.session : nil }?.flush() }

    func subscribe(_ filter: String, qos: Int32, answered: (@Sendable (Bool) -> Void)?) {
        let session = shared.withLock { shared in
            shared.subscriptions[filter] = Subscription(qos: qos, answered: answered)
            return shared.isConnected ? shared.session : nil
        }
        session?.subscribe(filter, qos: qos)
    }

    func hear(_ body: @escaping @Sendable (MQTTMessage) -> Void) { shared.withLock { $0.hearer = body } }

    func attend(_ attendant: Attendant) { shared.withLock { $0.attendant = attendant } }

    func barrier(_ answered: @escaping @Sendable (Bool) -> Void) {
        guard let session = shared.withLock({ $0.isConnected ? $0.session : nil }) else { return answered(false) }
        session.barrier(answered)
    }

    func hangUp(isGoodbye: Bool) { shared.withLock { $0.session }?.hangUp(isGoodbye: isGoodbye) }

    func start() {
        let isFirst = shared.withLock { shared in
            defer { shared.isStarted = true }
            return !shared.isStarted && !shared.isStopping
        }
        guard isFirst else { return }
        // Under the lock, so that nobody can stop a thread that is not yet known here.
        let status = shared.withLock { shared in
            var thread = pthread_t()
            let status = unsafe pthread_create(
                &thread, nil,
                { raw in
                    if let raw = unsafe raw { unsafe Unmanaged<Worker>.fromOpaque(raw).takeRetainedValue().run() }
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            if status == 0 { shared.thread = thread }
            return status
        }
        if status != 0 {
            unsafe Unmanaged.passUnretained(self).release()
            enter(.disconnected(reason: "no thread to run on: error \(status)"))
            finish()
        }
    }

    func requestStop() {
        let session = shared.withLock { shared in
            shared.isStopping = true
            return shared.session
        }
        alarm.signal()
        session?.disconnect()
    }

    /// Stops without waiting, for a client nobody holds any more.
    func abandon() {
        requestStop()
        let thread = shared.withLock { shared in
            defer { shared.thread = nil }
            return shared.thread
        }
        if let thread { pthread_detach(thread) }
    }

    func stop() async {
        requestStop()
        await withCheckedContinuation { continuation in
            let isOver = shared.withLock { shared in
                if shared.isFinished || !shared.isStarted { return true }
                shared.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        let thread = shared.withLock { shared in
            defer { shared.thread = nil }
            return shared.thread
        }
        // The thread has done all its work by now: joining it waits for its last instruction.
        if let thread { pthread_join(thread, nil) } else { finish() }
    }

    // MARK: On the thread

    private func run() {
        // Linux ignores names longer than 15 bytes.
        let name = options.clientID.isEmpty ? "mqtt" : "mqtt-" + options.clientID
        _ = unsafe pthread_setname_np(pthread_self(), String(decoding: name.utf8.prefix(15), as: UTF8.self))
        var backoff = options.backoff
        var ending: Ending?
        while !shared.withLock({ $0.isStopping }), let dial = nextDial(after: ending) {
            let pause = ending == nil ? dial.pause : max(backoff.next(), dial.pause)
            if pause > .zero, alarm.wait(timeout: .now() + pause / .seconds(1)) == .success { break }
            let (reason, connectedAt, last) = serve(dial.will)
            ending = last
            enter(.disconnected(reason: reason))
            // A link that stood a while was a good one; one that falls at once is not to be hammered.
            if let connectedAt, connectedAt.duration(to: .now) > backoff.first * 5 { backoff.reset() }
        }
        finish()
    }

    private func nextDial(after ending: Ending?) -> Dial? {
        guard let attendant = shared.withLock({ $0.attendant }) else { return Dial(will: options.will) }
        return attendant.dial(ending)
    }

    /// One connection from dial to loss: why it ended, in words, and when it was accepted, if it was.
    private func serve(_ will: MQTTClient.Will?) -> (reason: String, connectedAt: Clock.Instant?, ending: Ending) {
        guard let session = Session(options, will: will, listener: self) else {
            return ("libmosquitto refuses the client id", nil, .unreachable)
        }
        let isWanted = shared.withLock { shared in
            if !shared.isStopping { shared.session = session }
            return !shared.isStopping
        }
        defer {
            shared.withLock { shared in
                shared.session = nil
                shared.isConnected = false
            }
            session.close()
        }
        guard isWanted else { return ("stopped", nil, .unreachable) }
        let reason = session.connect() ?? turn(session)
        return (reason, session.connectedAt, session.hasCalled ? .disconnected : .unreachable)
    }

    /// Serves the session until it ends.
    private func turn(_ session: Session) -> String {
        let dialled = Clock.now
        var lastLook = dialled
        var deadline: Clock.Instant?
        while true {
            if let reason = session.turn(milliseconds: 1000) {
                return shared.withLock { $0.isStopping } ? "stopped" : reason
            }
            let now = Clock.now
            if session.isOverdue(at: now) { return "hung up" }
            if shared.withLock({ $0.isStopping }) {
                guard let limit = deadline else {
                    deadline = now + Self.farewell
                    // Again, since the first goodbye may have come before there was a connection.
                    session.disconnect()
                    continue
                }
                if now >= limit { return "stopped" }
            }
            guard lastLook.duration(to: now) >= .seconds(1) else { continue }
            lastLook = now
            let limit = now - options.acknowledgeWithin
            if session.connectedAt == nil, dialled < limit {
                return "no answer to the connect within \(options.acknowledgeWithin)"
            }
            if session.hasWaited(since: limit) { return "no acknowledgement within \(options.acknowledgeWithin)" }
        }
    }

    func connected(_ session: Session) {
        let (filters, attendant) = shared.withLock { shared in
            shared.isConnected = true
            return (shared.subscriptions.map { ($0.key, $0.value.qos) }, shared.attendant)
        }
        connections.add(1, ordering: .relaxed)
        for (filter, qos) in filters { session.subscribe(filter, qos: qos) }
        attendant?.connected()
        enter(.connected)
    }

    func received(_ message: MQTTMessage) {
        received.add(1, ordering: .relaxed)
        if let hearer = shared.withLock({ $0.hearer }) { return hearer(message) }
        if case .dropped = messageOutlet.yield(message) { dropped.add(1, ordering: .relaxed) }
    }

    func subscription(_ filter: String, granted: Bool) {
        let answered = shared.withLock { shared in
            shared.subscriptions[filter]?.isRefused = !granted
            return shared.subscriptions[filter]?.answered
        }
        answered?(granted)
    }

    private func enter(_ state: MQTTClient.State) {
        let isNew = shared.withLock { shared in
            defer { shared.lastState = state }
            return shared.lastState != state
        }
        if isNew { stateOutlet.yield(state) }
    }

    private func finish() {
        messageOutlet.finish()
        stateOutlet.finish()
        let waiters = shared.withLock { shared in
            defer { shared.waiters = [] }
            shared.isFinished = true
            return shared.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
