import FoundationEssentials
import MQTT
import Synchronization

/// What the county's listener has made of the messages.
final class Heard: Sendable {
    private struct Message: Decodable {
        enum Scalar: Decodable {
            case number(Double), text

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let flag = try? container.decode(Bool.self) {
                    self = .number(flag ? 1 : 0)
                } else if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .text
                }
            }
        }

        let site: String
        let device: String
        let time: Int64
        let values: [String: Scalar?]
        let times: [String: Int64]?
    }

    private let state = Mutex((samples: Set<String>(), topics: Set<String>(), subscriptions: 0))

    var samples: Set<String> { state.withLock { $0.samples } }
    var topics: Set<String> { state.withLock { $0.topics } }
    var subscriptions: Int { state.withLock { $0.subscriptions } }

    func subscribed() { state.withLock { $0.subscriptions += 1 } }

    func hear(_ message: MQTTMessage) throws {
        let decoded = try JSONDecoder().decode(Message.self, from: Data(message.payload))
        state.withLock { state in
            state.topics.insert(message.topic)
            for (point, value) in decoded.values {
                var number = -1.0
                if case .number(let found)? = value { number = found }
                state.samples.insert(
                    "\(decoded.site)/\(decoded.device)/\(point) \(decoded.times?[point] ?? decoded.time) \(number)")
            }
        }
    }
}
