package import Historian
package import MQTT
import Synchronization

/// JSON over MQTT: one message a batch, on `<prefix>/<site>/<device>`, QoS 1, not retained.
package final class MQTTDestination: Destination {
    package let name: String
    private let client: MQTTClient
    private let prefix: String

    /// - Parameter client: started and stopped by whoever owns it.
    package init(name: String, client: MQTTClient, prefix: String = "headgate") {
        self.name = name
        self.client = client
        self.prefix = prefix
    }

    package var isReady: Bool? { client.isConnected }

    package var takesSingly: Bool { true }

    package func flush() { client.flush() }

    package func offer(_ entry: Entry, settled: @escaping @Sendable (DestinationError?) -> Void) -> Bool {
        let messages = wire(entry, isLate: false)
        // Several messages of one entry need one answer: `send` gathers it.
        guard messages.count == 1 else { return false }
        client.publish(messages[0], isMoreToCome: true) { result in
            switch result {
            case .success: settled(nil)
            case .failure(.refused(let why)): settled(.refused(why))
            case .failure(let failure): settled(.unavailable("\(failure)"))
            }
        }
        return true
    }

    private func wire(_ entry: Entry, isLate: Bool) -> [MQTTMessage] {
        CountyMessage.encode(entry, isLate: isLate).map {
            MQTTMessage(topic: "\(prefix)/\(entry.site)/\(entry.device)", payload: $0, qos: 1)
        }
    }

    package func send(_ entries: [Entry], isLate: Bool) async throws {
        let messages = entries.flatMap { wire($0, isLate: isLate) }
        if messages.isEmpty { return }
        let receipts = Receipts(messages.count)
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                receipts.wait(continuation)
                for message in messages where !receipts.areOver {
                    client.publish(message, isMoreToCome: true) { receipts.settle($0) }
                }
                client.flush()
            }
        } onCancel: {
            receipts.settle(.failure(.cancelled))
        }
        switch failure {
        case nil: return
        case .cancelled: throw CancellationError()
        case .refused(let why): throw DestinationError.refused(why)
        case let failure?: throw DestinationError.unavailable("\(failure)")
        }
    }
}

/// Waits for many acknowledgements, or for the first that will not come.
private final class Receipts: Sendable {
    private struct State {
        var missing: Int
        var isOver = false
        var failure: MQTTError?
        var waiter: CheckedContinuation<MQTTError?, Never>?
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(missing: count)) }

    var areOver: Bool { state.withLock { $0.isOver } }

    func wait(_ continuation: CheckedContinuation<MQTTError?, Never>) {
        let isOver = state.withLock { state in
            if !state.isOver { state.waiter = continuation }
            return state.isOver
        }
        if isOver { continuation.resume(returning: state.withLock { $0.failure }) }
    }

    func settle(_ result: Result<Void, MQTTError>) {
        let (waiter, failure): (CheckedContinuation<MQTTError?, Never>?, MQTTError?) = state.withLock { state in
            guard !state.isOver else { return (nil, nil) }
            state.missing -= 1
            if case .failure(let error) = result { state.failure = error }
            guard state.missing == 0 || state.failure != nil else { return (nil, nil) }
            state.isOver = true
            defer { state.waiter = nil }
            return (state.waiter, state.failure)
        }
        waiter?.resume(returning: failure)
    }
}
