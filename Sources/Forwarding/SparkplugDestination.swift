package import Historian
package import MQTT
import Sparkplug
import Synchronization
package import Telemetry

/// The journal's entries as a Sparkplug B edge node tells them: what is new as the current value, what comes late as history.
///
/// `EdgeNode` decides; this carries it out, in order and under one lock. Nothing in here waits for the network.
package final class SparkplugDestination: Destination {
    private struct State {
        var node: EdgeNode
        var presence = SparkplugPresence()
        var receipts = SparkplugReceipts<@Sendable (DestinationError?) -> Void>()
        /// Asked for once; the client renews them by itself.
        var filters: Set<String> = []
        /// Told once the goodbye has been read, or cannot be any more. Nothing is asked of the broker after that.
        var farewell: (@Sendable () -> Void)?
    }

    /// What it asks of the world. Called on any thread, and never to hold it up, but for `keep`: that has the client's thread.
    package struct Surroundings: Sendable {
        /// The births' number that the last process kept, and a place to keep the next one.
        package var kept: UInt8?
        package var keep: @Sendable (UInt8) -> Void
        /// What hosts want.
        package var ordered: @Sendable (SparkplugOrder) -> Void
        /// The broker lets the edge node read no such topic.
        package var denied: @Sendable (_ filter: String) -> Void

        package init(
            kept: UInt8? = nil, keep: @escaping @Sendable (UInt8) -> Void, ordered: @escaping @Sendable (SparkplugOrder) -> Void = { _ in },
            denied: @escaping @Sendable (String) -> Void = { _ in }
        ) {
            self.kept = kept
            self.keep = keep
            self.ordered = ordered
            self.denied = denied
        }
    }

    /// How long a goodbye may take: long enough for a broker on a busy machine.
    private static let farewell = Duration.seconds(5)

    package let name: String
    private let client: MQTTClient
    private let time: any TimeSource
    private let names: SparkplugNames
    private let surroundings: Surroundings
    /// Topics of what a session begins and ends with.
    private let edges: Set<String>
    private let state: Mutex<State>
    private let kept: Mutex<UInt8?>
    /// A message did not get in line: its number is missing.
    private let hasGap = Atomic(false)
    private let deadlines: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - client: not started yet; started and stopped by whoever owns it, and spoken through by nobody else.
    ///   - settings: with names of the form, and devices whose names differ upstream.
    package init(
        name: String, client: MQTTClient, settings: SparkplugSettings, directory: Directory, time: any TimeSource,
        surroundings: Surroundings
    ) {
        let configuration = settings.configuration(directory)
        guard let node = try? EdgeNode(configuration, bdSeq: surroundings.kept ?? 0), let group = Identifier(settings.group),
            let id = Identifier(settings.node)
        else {
            preconditionFailure("names that the site file's check should have found: \(configuration.mistakes())")
        }
        self.name = name
        self.client = client
        self.time = time
        self.surroundings = surroundings
        names = SparkplugNames(directory)
        let descriptor = NodeDescriptor(group: group, node: id)
        edges = [Topic.node(.birth, descriptor).description, Topic.node(.death, descriptor).description]
        state = Mutex(State(node: node))
        kept = Mutex(surroundings.kept)
        (deadlines, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        client.hear { [weak self] message in
            self?.hear(.message(topic: message.topic, payload: message.payload, isRetained: message.isRetained))
        }
        client.attend(
            Attendant(dial: { [weak self] ending in self?.dial(after: ending) }, connected: { [weak self] in self?.hear(.connected) }))
    }

    package var isReady: Bool? { state.withLock { $0.node.takesData } }

    package var takesSingly: Bool { true }

    package var hearsAll: Bool { true }

    /// Sees to the births that were put off, until cancelled.
    package func run() async {
        for await _ in deadlines {
            while let due = state.withLock({ $0.node.deadline }) {
                guard (try? await time.sleep(until: due)) != nil else { return }
                hear(.tick)
            }
        }
    }

    package func offer(_ entry: Entry, settled: @escaping @Sendable (DestinationError?) -> Void) -> Bool {
        // What no host would understand is left to `send`, which can say so.
        guard let piece = try? names.piece(of: entry) else { return false }
        let (isTaken, told) = state.withLock { state in
            let isTaken = state.node.takesData
            let told = feed([piece], isNews: true, &state)
            if isTaken { state.receipts.sent(settled) }
            return (isTaken, told)
        }
        tell(told)
        return isTaken
    }

    package func flush() {
        client.flush()
        guard state.withLock({ $0.farewell == nil && $0.receipts.begin() }) else { return }
        client.barrier { [weak self] in self?.answered($0) }
    }

    package func send(_ entries: [Entry], isLate: Bool) async throws {
        let pieces = SparkplugPiece.merged(try entries.map(names.piece))
        let receipt = Receipt()
        let told: [EdgeNode.Action]? = state.withLock { state in
            guard state.node.takesData else { return nil }
            let told = feed(pieces, isNews: !isLate, &state)
            state.receipts.sent { receipt.settle($0.map { .failure($0) } ?? .success(())) }
            return told
        }
        guard let told else { throw DestinationError.unavailable(whyNot) }
        tell(told)
        flush()
        try await receipt.wait()
    }

    /// Says goodbye, and waits a moment for the broker to have read it.
    package func close() async {
        let receipt = Receipt()
        state.withLock { $0.farewell = { receipt.settle(.success(())) } }
        hear(.stop)
        bell.finish()
        guard client.isConnected else { return }
        await withTaskGroup { group in
            group.addTask { try? await receipt.wait() }
            group.addTask { [time] in try? await time.sleep(for: Self.farewell) }
            await group.next()
            group.cancelAll()
        }
    }

    private var whyNot: String {
        guard client.isConnected else { return "the broker is not connected" }
        let isRebirthDue = state.withLock { $0.node.deadline != nil }
        return isRebirthDue ? "a host has asked for all births once more" : "the primary host has not said that it is there"
    }

    private func answered(_ isReached: Bool) {
        let answers = state.withLock { state in state.receipts.answered(isReached && state.node.takesData) }
        for (settled, isDelivered) in answers {
            settled(isDelivered ? nil : .unavailable("the session ended before the broker had read it all"))
        }
        flush()
    }

    /// On the client's thread, ahead of each dial.
    private func dial(after ending: Ending?) -> Dial? {
        let event: EdgeNode.Event =
            switch ending {
            case nil: .start
            case .unreachable: .unreachable
            case .disconnected: .disconnected
            }
        let actions = state.withLock { state in
            state.receipts.interrupt()
            return state.node.hear(event, at: time.now())
        }
        var dial: Dial?
        for action in actions {
            switch action {
            case .store(let number): keep(number)
            case .connect(let connection):
                let will = connection.will
                dial = Dial(
                    will: MQTTClient.Will(topic: will.topic, payload: will.payload, qos: will.qos, isRetained: will.isRetained),
                    pause: connection.pause)
            default: preconditionFailure("an edge node without a connection wants \(action)")
            }
        }
        return dial
    }

    /// A broker that is away for a night would otherwise cost a write at each dial.
    private func keep(_ number: UInt8) {
        let isNew = kept.withLock { kept in
            defer { kept = number }
            return kept != number
        }
        if isNew { surroundings.keep(number) }
    }

    private func hear(_ event: EdgeNode.Event) {
        let told = state.withLock { state in perform(state.node.hear(event, at: time.now()), &state) }
        client.flush()
        tell(told)
    }

    /// Tells the edge node of samples, and of devices that come and go with them.
    private func feed(_ pieces: [SparkplugPiece], isNews: Bool, _ state: inout State) -> [EdgeNode.Action] {
        let now = time.now()
        var told: [EdgeNode.Action] = []
        for piece in pieces {
            let readings = isNews ? piece.samples.map { (point: $0.metric, reading: $0.reading) } : []
            let change = state.presence.hear(readings, of: piece.device, seq: piece.seq)
            if change == .back { told += perform(state.node.hear(.deviceBack(piece.device), at: now), &state) }
            let samples = EdgeNode.Event.samples(piece.samples, device: piece.device, isNews ? .live : .backlog)
            told += perform(state.node.hear(samples, at: now), &state)
            if change == .lost { told += perform(state.node.hear(.deviceLost(piece.device), at: now), &state) }
        }
        return told
    }

    /// Hands over what goes by the connection. Returns what is to be told once the lock is free.
    private func perform(_ actions: [EdgeNode.Action], _ state: inout State) -> [EdgeNode.Action] {
        var others: [EdgeNode.Action] = []
        for action in actions {
            switch action {
            case .publish(let message):
                if edges.contains(message.topic) { state.receipts.interrupt() }
                publish(message)
            case .subscribe(let subscriptions):
                for subscription in subscriptions where state.filters.insert(subscription.filter).inserted {
                    client.subscribe(subscription.filter, qos: subscription.qos) { [surroundings] isGranted in
                        if !isGranted { surroundings.denied(subscription.filter) }
                    }
                }
            // Not before the broker has read the death, and has nothing left to answer: one that finds the connection gone while it
            // writes an answer has not read the goodbye yet, and publishes the will as well.
            case .disconnect:
                client.barrier { [client, farewell = state.farewell] _ in
                    client.hangUp(isGoodbye: true)
                    farewell?()
                }
            default: others.append(action)
            }
        }
        // A session with a hole in its numbers is over: the will says so to the hosts.
        if hasGap.exchange(false, ordering: .relaxed) { client.hangUp(isGoodbye: false) }
        if state.node.deadline != nil { bell.yield() }
        return others
    }

    private func publish(_ message: EdgeNode.Message) {
        let message = MQTTMessage(topic: message.topic, payload: message.payload, qos: message.qos, isRetained: message.isRetained)
        client.publish(message, isMoreToCome: true) { [weak self] result in
            // A connection that is gone takes its numbers with it.
            if case .failure(let failure) = result, failure != .disconnected { self?.hasGap.store(true, ordering: .relaxed) }
        }
    }

    private func tell(_ actions: [EdgeNode.Action]) {
        for action in actions {
            switch action {
            case .command(let command): surroundings.ordered(SparkplugOrder(command, names))
            case .refused(let refusal): if let order = SparkplugOrder(refusal, names) { surroundings.ordered(order) }
            // The names have been looked at before, and a primary host's outdated word is its own affair.
            default: break
            }
        }
    }
}

/// Waits for one answer, or the task's cancellation.
private final class Receipt: Sendable {
    private enum State { case idle, waiting(CheckedContinuation<Void, any Error>), settled(Result<Void, any Error>) }
    private let state = Mutex(State.idle)

    func wait() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early: Result<Void, any Error>? = state.withLock { state in
                    if case .settled(let result) = state { return result }
                    state = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            settle(.failure(CancellationError()))
        }
    }

    func settle(_ result: Result<Void, any Error>) {
        let waiter: CheckedContinuation<Void, any Error>? = state.withLock { state in
            defer { if case .settled = state {} else { state = .settled(result) } }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(with: result)
    }
}
