package import Historian
package import MQTT
import Synchronization

/// JSON over MQTT: one message a batch, on `<prefix>/<site>/<device>`, QoS 1, not retained.
///
/// Messages that are not marked late come in the journal's order, and so do those that are: a receiver that wants to show
/// only what is current need not compare times.
///
/// The broker's PUBACK is the acknowledgement: its word that it has taken the message over (MQTT 3.1.1, 4.3.2). Until it comes
/// nothing is counted, and the message is sent again; once it has come it is not, also if the broker then loses it in a restart.
/// A broker that is to keep its word over a restart needs its persistence switched on, and listeners with lasting sessions.
package final class MQTTDestination: Destination {
    package let name: String
    private let client: MQTTClient
    private let prefix: String
    /// The newest entry that went out, or may have gone out before this process began.
    private let newest: Mutex<Int64>

    /// - Parameters:
    ///   - client: started and stopped by whoever owns it.
    ///   - before: the last entry of earlier runs: nobody knows how far these came.
    package init(name: String, client: MQTTClient, prefix: String = "headgate", before: Int64 = 0) {
        self.name = name
        self.client = client
        self.prefix = prefix
        newest = Mutex(before)
    }

    package var isReady: Bool? { client.isConnected }

    package var takesSingly: Bool { true }

    package func flush() { client.flush() }

    package func offer(_ entry: Entry, settled: @escaping @Sendable (DestinationError?) -> Void) -> Bool {
        newest.withLock { newest in
            let messages = wire(entry, after: &newest)
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
    }

    private func wire(_ entry: Entry, isLate: Bool = false, after newest: inout Int64) -> [MQTTMessage] {
        let isLate = isLate || entry.seq < newest
        newest = max(newest, entry.seq)
        return CountyMessage.encode(entry, isLate: isLate).map {
            MQTTMessage(topic: "\(prefix)/\(entry.site)/\(entry.device)", payload: $0, qos: 1)
        }
    }

    package func send(_ entries: [Entry], isLate: Bool) async throws {
        let receipts = Receipts()
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                receipts.wait(continuation)
                for entry in entries where !receipts.areOver {
                    newest.withLock { newest in
                        for message in wire(entry, isLate: isLate, after: &newest) {
                            receipts.expect()
                            client.publish(message, isMoreToCome: true) { receipts.settle($0) }
                        }
                    }
                }
                client.flush()
                receipts.settle(.success(()))
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
        /// The first is for the sending itself.
        var missing = 1
        var isOver = false
        var failure: MQTTError?
        var waiter: CheckedContinuation<MQTTError?, Never>?
    }

    private let state = Mutex(State())

    func expect() { state.withLock { $0.missing += 1 } }

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
