import CMosquitto
import Glibc
import Synchronization

/// What a session tells its client, on the session's own thread. Never to be held up.
protocol SessionListener: AnyObject, Sendable {
    func connected(_ session: Session)
    func received(_ message: MQTTMessage)
    func subscription(_ filter: String, granted: Bool)
}

/// One libmosquitto client, from `mosquitto_new` to `mosquitto_destroy`. libmosquitto locks what it shares between the
/// thread that loops and those that publish.
@safe struct Context: ~Copyable, @unchecked Sendable {  // the lock is libmosquitto's own
    let raw: OpaquePointer

    /// `mosquitto_lib_init` is not safe to call twice at once.
    private static let library = mosquitto_lib_init()

    init?(clientID: String, isClean: Bool) {
        guard Self.library == MOSQ_ERR_SUCCESS.rawValue else { return nil }
        let raw =
            clientID.isEmpty ? unsafe mosquitto_new(nil, true, nil) : unsafe mosquitto_new(clientID, isClean, nil)
        guard let raw = unsafe raw else { return nil }
        unsafe self.raw = raw
    }

    deinit { unsafe mosquitto_destroy(raw) }
}

/// One connection's life. A lost one is thrown away whole, and with it whatever libmosquitto would have sent again by
/// itself: what is not acknowledged is still in the journal, and is sent from there.
///
/// `run` calls belong to one thread; `publish`, `subscribe` and `disconnect` to any. Whoever holds a session keeps the
/// C client alive, so a publisher can never meet a freed one.
final class Session: Sendable {
    typealias Acknowledge = @Sendable (Result<Void, MQTTError>) -> Void
    typealias Clock = ContinuousClock

    private struct State {
        var deliveries = Deliveries<Acknowledge, Void, Clock.Instant>()
        var subscriptions = Deliveries<String, Bool, Clock.Instant>()
        var barriers = Deliveries<@Sendable (Bool) -> Void, Void, Clock.Instant>()
        /// The broker's own words for refusing us, if it gave any.
        var refusal: String?
        var connectedAt: Clock.Instant?
        /// The CONNECT packet is out.
        var hasCalled = false
        /// Ends by then, whether or not the goodbye is out.
        var leaveBy: Clock.Instant?
    }

    /// How long a goodbye may take to leave.
    private static let farewell: Duration = .seconds(2)
    /// More deliveries than these are on the way: their answers come in many packets.
    private static let few = 4
    /// Nobody subscribes to it.
    private static let nothing = "headgate/barrier"

    private let options: MQTTClient.Options
    private let will: MQTTClient.Will?
    private let context: Context
    private let listener: any SessionListener
    private let state = Mutex(State())
    private let bell: Bell
    /// The socket took only a part of what there was.
    private let isBlocked = Atomic(false)

    init?(_ options: MQTTClient.Options, will: MQTTClient.Will?, listener: any SessionListener) {
        guard let context = Context(clientID: options.clientID, isClean: options.cleanSession), let bell = Bell() else { return nil }
        self.bell = bell
        self.options = options
        self.will = will
        self.context = context
        self.listener = listener
    }

    var connectedAt: Clock.Instant? { state.withLock { $0.connectedAt } }
    /// Whether the broker may have read that we were here.
    var hasCalled: Bool { state.withLock { $0.hasCalled } }

    // MARK: On the session's thread

    /// Begins to connect. nil when it is under way; else why it cannot be.
    func connect() -> String? {
        let raw = unsafe context.raw
        unsafe mosquitto_user_data_set(raw, Unmanaged.passUnretained(self).toOpaque())
        unsafe mosquitto_threaded_set(raw, true)
        unsafe mosquitto_int_option(raw, MOSQ_OPT_TCP_NODELAY, 1)
        unsafe mosquitto_max_inflight_messages_set(raw, UInt32(clamping: options.maximumInFlight))
        if let username = options.username { unsafe mosquitto_username_pw_set(raw, username, options.password) }
        if let tls = options.tls, let failure = unsafe secure(raw, tls) { return failure }
        if let will {
            let status = unsafe will.payload.withUnsafeBytes { bytes in
                unsafe mosquitto_will_set(
                    raw, will.topic, Int32(clamping: bytes.count), bytes.baseAddress, will.qos, will.isRetained)
            }
            guard status == MOSQ_ERR_SUCCESS.rawValue else { return "its will is refused: " + Self.words(status) }
        }
        listen()
        let seconds = Int32(clamping: max(5, options.keepAlive.components.seconds))
        let status = unsafe mosquitto_connect_async(raw, options.host, Int32(clamping: options.port), seconds)
        guard status > 0 else { return nil }
        let words = Self.words(status)
        return state.withLock { $0.refusal } ?? words
    }

    /// Moves bytes both ways for at most so long. nil while the link stands; else why it ended.
    func turn(milliseconds: Int32) -> String? {
        let status = connectedAt == nil ? unsafe mosquitto_loop(context.raw, milliseconds, 1) : exchange(milliseconds: milliseconds)
        if status == MOSQ_ERR_SUCCESS.rawValue {
            if !hasCalled, unsafe !mosquitto_want_write(context.raw) { state.withLock { $0.hasCalled = true } }
            return nil
        }
        let words = Self.words(status)
        return state.withLock { $0.refusal } ?? words
    }

    /// As `mosquitto_loop`, but woken for a message to send only when it is told that there are no more to come at once:
    /// libmosquitto's own wake-up comes with every single one.
    private func exchange(milliseconds: Int32) -> Int32 {
        let raw = unsafe context.raw
        let socket = unsafe mosquitto_socket(raw)
        guard socket >= 0 else { return Int32(MOSQ_ERR_NO_CONN.rawValue) }
        let wanted = POLLIN | (isBlocked.load(ordering: .relaxed) ? POLLOUT : 0)
        var waiting = [
            pollfd(fd: socket, events: Int16(wanted), revents: 0), pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard unsafe poll(&waiting, 2, milliseconds) >= 0 else { return errno == EINTR ? 0 : Int32(MOSQ_ERR_ERRNO.rawValue) }
        if waiting[1].revents != 0 { bell.answer() }
        // POLLERR and POLLHUP as well: reading tells the cause.
        if Int32(waiting[0].revents) & ~POLLOUT != 0 {
            let status = unsafe mosquitto_loop_read(raw, 1)
            if status != MOSQ_ERR_SUCCESS.rawValue { return status }
            // A broker that gathers small packets sends its next answers only once it knows that we have these, and TCP takes forty
            // milliseconds to say so unless it has something else to say. The kernel forgets this again, so it is said each time.
            if state.withLock({ $0.deliveries.count > Self.few }) { option(TCP_QUICKACK, 1, of: socket) }
        }
        let status = unsafe mosquitto_loop_misc(raw)
        guard status == MOSQ_ERR_SUCCESS.rawValue else { return status }
        let written = unsafe mosquitto_want_write(raw) ? writeCorked(raw, socket) : status
        isBlocked.store(unsafe mosquitto_want_write(raw), ordering: .relaxed)
        return written
    }

    /// Writes all that is in line. libmosquitto gives every packet a system call of its own; held together until the last one is
    /// there, they leave in as few segments as they fill.
    private func writeCorked(_ raw: OpaquePointer, _ socket: Int32) -> Int32 {
        option(TCP_CORK, 1, of: socket)
        defer { option(TCP_CORK, 0, of: socket) }
        return unsafe mosquitto_loop_write(raw, 1)
    }

    /// Without effect on what is no TCP socket.
    private func option(_ name: Int32, _ value: Int32, of socket: Int32) {
        var value = value
        _ = unsafe setsockopt(socket, Int32(IPPROTO_TCP), name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether anything has waited for its acknowledgement since before that time.
    func hasWaited(since time: Clock.Instant) -> Bool {
        state.withLock {
            $0.deliveries.isAnyWaiting(since: time) || $0.subscriptions.isAnyWaiting(since: time) || $0.barriers.isAnyWaiting(since: time)
        }
    }

    /// Whether it was to have ended by now.
    func isOverdue(at now: Clock.Instant) -> Bool { state.withLock { $0.leaveBy.map { $0 <= now } ?? false } }

    /// Tells everyone who still waits that the link is gone.
    func close() {
        let (left, barriers) = state.withLock { state in
            _ = state.subscriptions.close()
            return (state.deliveries.close(), state.barriers.close())
        }
        for acknowledge in left { acknowledge(.failure(.disconnected)) }
        for answered in barriers { answered(false) }
    }

    // MARK: On any thread

    /// Sees to it that what was published, asked for or said leaves now.
    func flush() { bell.ring() }

    /// Puts a message in line; `flush` makes it leave.
    func publish(_ message: MQTTMessage, acknowledge: @escaping Acknowledge) {
        let limit = options.maximumPending
        guard state.withLock({ $0.deliveries.count < limit }) else {
            acknowledge(.failure(.overloaded(limit: limit)))
            return
        }
        var id: Int32 = 0
        let status = unsafe message.payload.withUnsafeBytes { bytes in
            unsafe mosquitto_publish(
                context.raw, &id, message.topic, Int32(clamping: bytes.count), bytes.baseAddress, message.qos, message.isRetained)
        }
        switch status {
        case MOSQ_ERR_SUCCESS.rawValue:
            let published = id
            let verdict = state.withLock { $0.deliveries.asked(published, waiter: acknowledge, at: .now) }
            switch verdict {
            case .waits: break
            case .answered: acknowledge(.success(()))
            case .tooLate: acknowledge(.failure(.disconnected))
            }
        case MOSQ_ERR_INVAL.rawValue:
            acknowledge(.failure(.refused("the topic '\(message.topic)' or QoS \(message.qos)")))
        case MOSQ_ERR_PAYLOAD_SIZE.rawValue, MOSQ_ERR_OVERSIZE_PACKET.rawValue, MOSQ_ERR_MALFORMED_UTF8.rawValue,
            MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue:
            acknowledge(.failure(.refused(Self.words(status))))
        default:
            acknowledge(.failure(.disconnected))
        }
    }

    /// Asks for a subscription; the answer goes to the listener.
    func subscribe(_ filter: String, qos: Int32) {
        var id: Int32 = 0
        let status = unsafe mosquitto_subscribe(context.raw, &id, filter, qos)
        switch status {
        case MOSQ_ERR_SUCCESS.rawValue:
            let subscribed = id
            let verdict = state.withLock { $0.subscriptions.asked(subscribed, waiter: filter, at: .now) }
            if case .answered(let granted) = verdict { listener.subscription(filter, granted: granted) }
        case MOSQ_ERR_INVAL.rawValue, MOSQ_ERR_MALFORMED_UTF8.rawValue:
            listener.subscription(filter, granted: false)
        default: break  // no link: the next one asks again
        }
        flush()
    }

    /// The broker answers every UNSUBSCRIBE, also of what was never subscribed to (MQTT 3.1.1, 3.10.4), after it has read what came
    /// before; and nothing else comes of it, as it would of a subscription that brings retained messages once more.
    func barrier(_ answered: @escaping @Sendable (Bool) -> Void) {
        var id: Int32 = 0
        guard unsafe mosquitto_unsubscribe(context.raw, &id, Self.nothing) == MOSQ_ERR_SUCCESS.rawValue else { return answered(false) }
        let asked = id
        switch state.withLock({ $0.barriers.asked(asked, waiter: answered, at: .now) }) {
        case .waits: flush()
        case .answered: answered(true)
        case .tooLate: answered(false)
        }
    }

    /// Ends before long; with a goodbye if that leaves in time.
    func hangUp(isGoodbye: Bool) {
        state.withLock { $0.leaveBy = .now + (isGoodbye ? Self.farewell : .zero) }
        if isGoodbye { disconnect() } else { flush() }
    }

    /// Says goodbye, so that the broker does not publish our will. The loop ends once it is written.
    func disconnect() {
        _ = unsafe mosquitto_disconnect(context.raw)
        flush()
    }

    // MARK: What libmosquitto calls

    private func listen() {
        let raw = unsafe context.raw
        unsafe mosquitto_connect_callback_set(raw) { _, session, code in
            unsafe Session.from(session)?.answered(code)
        }
        unsafe mosquitto_publish_callback_set(raw) { _, session, id in
            unsafe Session.from(session)?.acknowledged(id)
        }
        unsafe mosquitto_subscribe_callback_set(raw) { _, session, id, count, granted in
            // One filter a request, so one answer; 0x80 is a refusal (MQTT 3.1.1, 3.9.3).
            let first = count > 0 ? unsafe granted?.pointee : nil
            unsafe Session.from(session)?.subscribed(id, granted: first.map { (0...2).contains($0) } ?? false)
        }
        unsafe mosquitto_unsubscribe_callback_set(raw) { _, session, id in
            unsafe Session.from(session)?.passed(id)
        }
        unsafe mosquitto_message_callback_set(raw) { _, session, message in
            guard let session = unsafe Session.from(session), let message = unsafe message?.pointee else { return }
            guard let topic = unsafe message.topic else { return }
            let bytes = unsafe UnsafeRawBufferPointer(start: message.payload, count: Int(max(0, message.payloadlen)))
            session.listener.received(
                MQTTMessage(
                    topic: unsafe String(cString: topic), payload: unsafe Array(bytes), qos: unsafe message.qos,
                    isRetained: unsafe message.retain))
        }
    }

    static func from(_ raw: UnsafeMutableRawPointer?) -> Session? {
        guard let raw = unsafe raw else { return nil }
        return unsafe Unmanaged<Session>.fromOpaque(raw).takeUnretainedValue()
    }

    private func answered(_ code: Int32) {
        guard code == 0 else {
            let words = unsafe mosquitto_connack_string(code).map { unsafe String(cString: $0) } ?? "code \(code)"
            state.withLock { $0.refusal = words }
            return
        }
        state.withLock { $0.connectedAt = .now }
        listener.connected(self)
    }

    /// The reason that is told when the link goes.
    func refuse(_ words: String) { state.withLock { $0.refusal = words } }

    private func acknowledged(_ id: Int32) {
        state.withLock { $0.deliveries.answered(id, ()) }?(.success(()))
    }

    private func passed(_ id: Int32) {
        state.withLock { $0.barriers.answered(id, ()) }?(true)
    }

    private func subscribed(_ id: Int32, granted: Bool) {
        if let filter = state.withLock({ $0.subscriptions.answered(id, granted) }) {
            listener.subscription(filter, granted: granted)
        }
    }

    /// libmosquitto's words for a status; the system's where it only says "see errno".
    private static func words(_ status: Int32) -> String {
        let cause = errno
        if status == MOSQ_ERR_ERRNO.rawValue, cause != 0, let words = unsafe strerror(cause) {
            return unsafe String(cString: words)
        }
        guard let words = unsafe mosquitto_strerror(status) else { return "status \(status)" }
        return unsafe String(cString: words)
    }
}
