import MQTT
import Sparkplug
import Synchronization
import Telemetry

/// A host application at the broker, as the specification has it and with no look at the edge node: it says on STATE whether it is
/// there, follows births, numbers and aliases, and complains of whatever would make a real one ask for a rebirth.
final class SparkplugHost: Sendable {
    struct Heard: Sendable {
        /// `NBIRTH`, `DDATA north-pump`.
        let words: String
        let payload: Payload
        let message: MQTTMessage
    }

    private struct State {
        var heard: [Heard] = []
        var complaints: [String] = []
        var expected: UInt64?
        var bdSeq: UInt64?
        var names: [UInt64: String] = [:]
        var born: Set<String> = []
        /// `north-pump/p0 time value`, and of them those that came as the past.
        var samples: Set<String> = []
        var historical: Set<String> = []
    }

    let client: MQTTClient
    private let state = Mutex(State())

    /// Of the group `county` and the node `gateway`; says that it is online once the broker lets it listen.
    init(_ socket: String, time: any TimeSource) {
        client = sparkplugClient(socket)
        client.hear { [weak self] in self?.hear($0) }
        client.subscribe("spBv1.0/county/#", qos: 1) { [weak self] _ in
            self?.state.withLock { $0.expected = nil }
            self?.say(isOnline: true, at: time.now())
        }
        client.start()
    }

    var heard: [Heard] { state.withLock { $0.heard } }
    var words: [String] { heard.map(\.words) }
    var complaints: [String] { state.withLock { $0.complaints } }
    var samples: Set<String> { state.withLock { $0.samples } }
    var historical: Set<String> { state.withLock { $0.historical } }

    /// The numbers of the connections whose births, or deaths, were heard.
    func numbers(_ words: String) -> [UInt64] {
        heard.filter { $0.words == words }.compactMap { Self.bdSeq($0.payload) }
    }

    func say(isOnline: Bool, at now: Moment) {
        let text = "{\"online\":\(isOnline),\"timestamp\":\(now.wall.milliseconds)}"
        client.publish(topic: "spBv1.0/STATE/host", payload: Array(text.utf8), qos: 1, retain: true) { _ in }
    }

    func command(_ metric: Metric, to device: String? = nil, at now: Moment, retain: Bool = false) {
        let topic = device.map { "spBv1.0/county/DCMD/gateway/\($0)" } ?? "spBv1.0/county/NCMD/gateway"
        client.publish(topic: topic, payload: Payload(timestamp: now.wall, metrics: [metric]).encoded, qos: 0, retain: retain) { _ in }
    }

    func askForBirths(at now: Moment) {
        command(Metric(name: "Node Control/Rebirth", dataType: .boolean, content: .value(.bool(true))), at: now)
    }

    private func hear(_ message: MQTTMessage) {
        state.withLock { state in
            guard let topic = Topic(message.topic), let payload = try? Payload(decoding: message.payload) else {
                state.complaints.append("unreadable: \(message.topic)")
                return
            }
            switch topic {
            case .node(.command, _), .device(.command, _, _), .state: return
            case .node(let kind, _):
                state.heard.append(Heard(words: kind.rawValue, payload: payload, message: message))
                Self.hear(kind, payload, &state)
            case .device(let kind, _, let device):
                state.heard.append(Heard(words: "\(kind.rawValue) \(device)", payload: payload, message: message))
                Self.hear(kind, device.description, payload, &state)
            }
            if message.isRetained { state.complaints.append("\(message.topic) is retained") }
        }
    }

    private static func bdSeq(_ payload: Payload) -> UInt64? {
        guard case .value(.long(let number)) = payload.metrics.first(where: { $0.name == "bdSeq" })?.content else { return nil }
        return number
    }

    private static func hear(_ kind: Topic.NodeMessage, _ payload: Payload, _ state: inout State) {
        switch kind {
        case .birth:
            if payload.seq != 0 { state.complaints.append("NBIRTH with number \(payload.seq ?? 999)") }
            (state.expected, state.bdSeq, state.born, state.names) = (1, bdSeq(payload), [], [:])
        case .death:
            if payload.seq != nil { state.complaints.append("NDEATH with a number") }
            // One of an earlier session may be overtaken by the next birth; its number is there to tell.
            if Self.bdSeq(payload) == state.bdSeq { (state.expected, state.bdSeq) = (nil, nil) }
        case .data, .command: state.complaints.append("\(kind.rawValue), and the node has no metrics")
        }
    }

    private static func hear(_ kind: Topic.DeviceMessage, _ device: String, _ payload: Payload, _ state: inout State) {
        guard let expected = state.expected else { return state.complaints.append("\(kind.rawValue) \(device) without NBIRTH") }
        if payload.seq != expected { state.complaints.append("\(kind.rawValue) \(device): \(payload.seq ?? 999), not \(expected)") }
        state.expected = ((payload.seq ?? 0) + 1) % 256
        switch kind {
        case .birth:
            state.born.insert(device)
            for metric in payload.metrics { if let alias = metric.alias { state.names[alias] = metric.name } }
        case .death: if state.born.remove(device) == nil { state.complaints.append("DDEATH \(device), which was not born") }
        case .data, .command:
            if !state.born.contains(device) { state.complaints.append("DDATA \(device), which was not born") }
            for metric in payload.metrics { learn(metric, device, &state) }
        }
    }

    private static func learn(_ metric: Metric, _ device: String, _ state: inout State) {
        guard let name = metric.alias.flatMap({ state.names[$0] }), let time = metric.timestamp?.milliseconds else {
            return state.complaints.append("DDATA \(device) of \(metric)")
        }
        var number = -1.0
        if case .value(.double(let value)) = metric.content { number = value }
        let sample = "\(device)/\(name) \(time) \(number)"
        state.samples.insert(sample)
        if metric.isHistorical { state.historical.insert(sample) }
    }
}

/// A client that dials again at once.
func sparkplugClient(_ socket: String) -> MQTTClient {
    var options = MQTTClient.Options(host: socket, port: 0)
    options.backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(20))
    return MQTTClient(options)
}
