import Synchronization

/// An MQTT 3.1.1 client that stays connected: it dials until it is stopped, renews its subscriptions at every connection,
/// and keeps nothing outbound in memory. libmosquitto runs on one thread of its own.
///
/// Stop it when done; one that is merely let go of stops by itself, later.
package final class MQTTClient: Sendable {
    package struct Options: Sendable {
        /// A name or address; with port 0, the path of a Unix socket.
        package var host: String
        package var port: Int
        /// Empty lets the broker choose one, for a clean session only.
        package var clientID: String
        package var username: String?
        package var password: String?
        /// nil for a connection that anyone on the way can read.
        package var tls: TLSFiles?
        /// At least 5 s. A broker silent for longer is taken for gone, after at most twice that.
        package var keepAlive: Duration
        package var cleanSession: Bool
        package var will: Will?
        /// QoS 1 messages on the wire at once, unacknowledged.
        package var maximumInFlight = 100
        /// Messages waiting for their acknowledgement, on the wire or in line for it; more are refused.
        package var maximumPending = 1000
        /// Received messages kept for a reader that is behind; then the oldest go, and are counted.
        package var maximumReceived = 4096
        /// A broker that owes an answer or an acknowledgement for so long is left, and dialled again.
        package var acknowledgeWithin: Duration = .seconds(30)
        package var backoff = Backoff()

        package init(
            host: String, port: Int, clientID: String = "", username: String? = nil, password: String? = nil,
            keepAlive: Duration = .seconds(30), cleanSession: Bool = true, will: Will? = nil
        ) {
            self.host = host
            self.port = port
            self.clientID = clientID
            self.username = username
            self.password = password
            self.keepAlive = keepAlive
            self.cleanSession = cleanSession
            self.will = will
        }
    }

    /// What the broker publishes for us when we vanish without a goodbye.
    package struct Will: Sendable, Hashable {
        package var topic: String
        package var payload: [UInt8]
        package var qos: Int32
        package var isRetained: Bool

        package init(topic: String, payload: [UInt8], qos: Int32 = 1, isRetained: Bool = false) {
            self.topic = topic
            self.payload = payload
            self.qos = qos
            self.isRetained = isRetained
        }
    }

    package enum State: Sendable, Hashable {
        case connected
        /// Once for each loss, and again when the reason changes.
        case disconnected(reason: String)
    }

    private let worker: Worker

    package init(_ options: Options) { worker = Worker(options) }

    deinit { worker.abandon() }

    /// What the subscriptions bring, for one reader, in order; bounded by `Options.maximumReceived`. Ends with `stop`,
    /// or for good when the task that reads it is cancelled.
    package var messages: AsyncStream<MQTTMessage> { worker.messages }
    /// Hands messages over as they come, on the client's own thread, instead of lining them up in `messages`: for those to whom
    /// a wake-up is too long, and who hold nobody up.
    package func hear(_ body: @escaping @Sendable (MQTTMessage) -> Void) { worker.hear(body) }

    /// Lets someone see each dial and each connection; a will then comes from there. Before `start`.
    package func attend(_ attendant: Attendant) { worker.attend(attendant) }

    /// Edges of the link, for one reader: the latest 64. Ends with `stop`.
    package var states: AsyncStream<State> { worker.states }

    package var isConnected: Bool { worker.isConnected }
    /// Received messages that a slow reader of `messages` has cost.
    package var droppedMessages: Int { worker.dropped.load(ordering: .relaxed) }
    /// Received messages in all.
    package var receivedMessages: Int { worker.received.load(ordering: .relaxed) }
    /// Connections the broker has accepted so far.
    package var connections: Int { worker.connections.load(ordering: .relaxed) }
    /// Filters the broker refused when they were last asked for.
    package var refusedSubscriptions: [String] { worker.refusedSubscriptions }

    /// Starts the thread and returns. Once: a client that was stopped stays so.
    package func start() { worker.start() }

    /// Says goodbye, fails what still waits, joins the thread: at once as a rule, after 3 s where the broker takes nothing, and
    /// not before a name lookup that is under way has ended. Afterwards nothing is called back.
    package func stop() async { await worker.stop() }

    /// Asks for this filter now and at every connection to come. `answered` hears each answer of the broker, on the
    /// client's thread: false is a refusal.
    package func subscribe(_ filter: String, qos: Int32 = 1, answered: (@Sendable (Bool) -> Void)? = nil) {
        worker.subscribe(filter, qos: qos, answered: answered)
    }

    /// Hands a message to the broker. QoS 1 and 2: `acknowledged` hears true when the broker has taken it over, false when it
    /// will not be known to; QoS 0: true when it is on its way. Called once, on the client's thread or before this returns.
    package func publish(
        topic: String, payload: [UInt8], qos: Int32 = 1, retain: Bool = false,
        acknowledged: @escaping @Sendable (Bool) -> Void
    ) {
        publish(MQTTMessage(topic: topic, payload: payload, qos: qos, isRetained: retain)) { result in
            if case .success = result { acknowledged(true) } else { acknowledged(false) }
        }
    }

    /// Likewise, for those who want to know why not.
    ///
    /// - Parameter isMoreToCome: the message need not leave before `flush`.
    package func publish(
        _ message: MQTTMessage, isMoreToCome: Bool = false, settled: @escaping @Sendable (Result<Void, MQTTError>) -> Void
    ) {
        worker.publish(message, isMoreToCome: isMoreToCome, acknowledge: settled)
    }

    /// Sends what was published with more to come.
    package func flush() { worker.flush() }

    /// Asks the broker for a sign that it has read all that was published before, of whatever quality of service: true once it
    /// is here, false if the link went first. Called once, on the client's thread or before this returns.
    package func barrier(_ answered: @escaping @Sendable (Bool) -> Void) { worker.barrier(answered) }

    /// Ends this connection, not the client: it dials again.
    ///
    /// - Parameter isGoodbye: what was published leaves first, and the broker keeps our will to itself; else it publishes that.
    package func hangUp(isGoodbye: Bool) { worker.hangUp(isGoodbye: isGoodbye) }

    /// Hands a message to the broker and returns when it has taken it over (QoS 0: when it is on its way).
    package func publish(topic: String, payload: [UInt8], qos: Int32 = 1, retain: Bool = false) async throws(MQTTError) {
        let message = MQTTMessage(topic: topic, payload: payload, qos: qos, isRetained: retain)
        let receipt = Receipt()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                receipt.wait(continuation)
                worker.publish(message, isMoreToCome: false) { receipt.settle($0) }
            }
        } onCancel: {
            receipt.settle(.failure(.cancelled))
        }
        try result.get()
    }
}

/// Wakes one waiter once, with whichever comes first: the broker's answer or the task's cancellation.
private final class Receipt: Sendable {
    typealias Outcome = Result<Void, MQTTError>
    private enum State { case idle, waiting(CheckedContinuation<Outcome, Never>), settled(Outcome) }
    private let state = Mutex(State.idle)

    func wait(_ continuation: CheckedContinuation<Outcome, Never>) {
        let early: Outcome? = state.withLock { state in
            if case .settled(let outcome) = state { return outcome }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func settle(_ outcome: Outcome) {
        let waiter: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            defer { if case .settled = state {} else { state = .settled(outcome) } }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(returning: outcome)
    }
}
