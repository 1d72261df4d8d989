import Synchronization
import Telemetry

/// Everyone who is watching live. News comes in from any thread and never waits for a client; a client that does not read
/// is dropped.
final class Audience: Sendable {
    /// A place among the audience, held for as long as someone holds this: however a response ends, or never begins, the
    /// place is free again.
    final class Seat: Sendable {
        let number: Int
        /// One element whenever there may be news; ends when the audience is dismissed.
        let signals: AsyncStream<Void>
        private let audience: Audience

        init(number: Int, signals: AsyncStream<Void>, audience: Audience) {
            self.number = number
            self.signals = signals
            self.audience = audience
        }

        deinit { audience.leave(number) }
    }

    struct Figures: Sendable {
        var live = 0
        var refused = 0
        var dropped = 0
    }

    private struct Client {
        let number: Int
        var outbox: Outbox
        /// Whether a signal is on its way: one is enough.
        var isSignalled = true
        /// When the write in progress began; nil between writes.
        var writingSince: Monotonic?
        let signal: AsyncStream<Void>.Continuation
        /// Cuts the client's connection.
        let cut: @Sendable () -> Void
    }

    private struct State {
        /// In the order they came; few enough to look through.
        var clients: [Client] = []
        var nextNumber = 0
        var isDismissed = false
        var figures = Figures()
    }

    private let points: Int
    private let limit: Int
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - points: how many the directory holds.
    ///   - limit: clients at a time.
    ///   - patience: how long a client may leave one write unread.
    init(points: Int, limit: Int, patience: Duration) {
        self.points = points
        self.limit = limit
        self.patience = patience
    }

    var figures: Figures {
        state.withLock { state in
            var figures = state.figures
            figures.live = state.clients.count
            return figures
        }
    }

    var isEmpty: Bool { state.withLock { $0.clients.isEmpty } }

    /// nil if the house is full, or closed.
    func join(cut: @escaping @Sendable () -> Void) -> Seat? {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int? = state.withLock { state in
            guard !state.isDismissed, state.clients.count < limit else {
                state.figures.refused += 1
                return nil
            }
            state.nextNumber += 1
            state.clients.append(
                Client(number: state.nextNumber, outbox: Outbox(points: points), signal: signal, cut: cut))
            return state.nextNumber
        }
        guard let number else { return nil }
        signal.yield()
        return Seat(number: number, signals: signals, audience: self)
    }

    private func leave(_ number: Int) {
        state.withLock { $0.clients.removeAll { $0.number == number } }
    }

    /// The news for a client, who is taken to be writing it from now until `wrote`. nil once the client is gone.
    func take(_ number: Int, at now: Monotonic) -> Outbox.News? {
        state.withLock { state in
            guard let index = state.clients.firstIndex(where: { $0.number == number }) else { return nil }
            state.clients[index].isSignalled = false
            state.clients[index].writingSince = now
            return state.clients[index].outbox.take()
        }
    }

    func wrote(_ number: Int) {
        state.withLock { state in
            guard let index = state.clients.firstIndex(where: { $0.number == number }) else { return }
            state.clients[index].writingSince = nil
        }
    }

    func noticed(_ batch: Batch) {
        tell { outbox in
            for sample in batch.samples { outbox.mark(sample.point) }
        }
    }

    func noticed(_ event: Event) { tell { $0.add(event) } }

    func noticedAlarms() { tell { $0.alarms() } }

    func pulse() { tell { $0.pulse() } }

    /// Drops the clients who have left a write unread for longer than our patience.
    func sweep(at now: Monotonic) {
        let stuck = state.withLock { state in
            let isStuck = { (client: Client) in client.writingSince.map { now - $0 > self.patience } ?? false }
            let stuck = state.clients.filter(isStuck)
            state.clients.removeAll(where: isStuck)
            state.figures.dropped += stuck.count
            return stuck
        }
        for client in stuck {
            client.cut()
            client.signal.finish()
        }
    }

    /// Ends every stream; nobody can join any more.
    func dismiss() {
        let clients = state.withLock { state in
            state.isDismissed = true
            defer { state.clients = [] }
            return state.clients
        }
        for client in clients { client.signal.finish() }
    }

    private func tell(_ news: (inout Outbox) -> Void) {
        let signals = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            var signals: [AsyncStream<Void>.Continuation] = []
            for index in state.clients.indices {
                news(&state.clients[index].outbox)
                guard !state.clients[index].isSignalled else { continue }
                state.clients[index].isSignalled = true
                signals.append(state.clients[index].signal)
            }
            return signals
        }
        for signal in signals { signal.yield() }
    }
}
