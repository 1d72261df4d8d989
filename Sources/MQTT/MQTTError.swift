/// Why a message was not delivered. The message itself is still the caller's: nothing waits in this client's memory.
package enum MQTTError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no link, or it went before the broker acknowledged. The broker may have the message all the same.
    case disconnected
    /// No broker would take it: the topic, the size or the quality of service breaks the protocol's limits.
    case refused(String)
    /// So many messages already wait for their acknowledgement.
    case overloaded(limit: Int)
    /// The task that waited was cancelled. The broker may have the message all the same.
    case cancelled

    /// Whether the same message may fare better later.
    package var isRetryable: Bool {
        if case .refused = self { false } else { true }
    }

    package var description: String {
        switch self {
        case .disconnected: "the broker is not connected, or left before it acknowledged"
        case .refused(let why): "not a message MQTT can carry: \(why)"
        case .overloaded(let limit): "\(limit) messages already wait for the broker's acknowledgement"
        case .cancelled: "cancelled while waiting for the broker's acknowledgement"
        }
    }
}
