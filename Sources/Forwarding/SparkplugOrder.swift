package import Telemetry
import Sparkplug

/// What a host wants of a point, as far as it can be understood.
package struct SparkplugOrder: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        /// Of the point's type, and sent at this time by the host's clock.
        case set(Value, sent: Timestamp)
        /// Why not, as the end of a sentence.
        case refused(String)
    }

    /// The point's full name; the topic and what it calls its metric where there is no such point.
    package let point: String
    package let content: Content
}

extension SparkplugOrder {
    init(_ command: EdgeNode.Command, _ names: SparkplugNames) {
        point = names.point(command.metric, of: command.device) ?? command.metric
        content = .set(command.value, sent: command.sent)
    }

    /// nil for what is no command: a host's word on itself.
    init?(_ refusal: EdgeNode.Refusal, _ names: SparkplugNames) {
        guard let topic = Topic(refusal.topic) else { return nil }
        switch topic {
        case .state: return nil
        case .device(_, _, let device):
            let device = device.description
            point = refusal.metric.map { names.point($0, of: device) ?? "\(device)/\($0)" } ?? refusal.topic
        case .node: point = refusal.metric ?? refusal.topic
        }
        content = .refused(refusal.reason.words)
    }
}

extension EdgeNode.Refusal.Reason {
    fileprivate var words: String {
        switch self {
        case .retained: "it was kept by the broker from before; an old command is not run"
        case .unreadable: "the message cannot be understood: it is not Sparkplug B"
        case .unknownDevice: "there is no such device"
        case .unknownMetric: "no birth has named such a metric"
        case .notWritable: "the point cannot be written"
        case .noSession: "it came before the births"
        case .deviceLost: "the device does not answer"
        case .noTimestamp: "it says nowhere when it was sent"
        case .clockUntrusted: "it bears a time, and this gateway's clock cannot be believed yet"
        case .stale(let age): "it was sent \(age.components.seconds) s ago"
        case .ahead(let lead): "it was sent \(lead.components.seconds) s from now; one of the two clocks is wrong"
        case .repeated: "it has come before"
        case .noValue: "it has no value"
        case .incompatible(let type): "its value is no \(type.rawValue)"
        case .outOfRange(let range): "its value is outside \(range.lowerBound)…\(range.upperBound)"
        case .outdatedState: "the host has said otherwise since"
        }
    }
}
