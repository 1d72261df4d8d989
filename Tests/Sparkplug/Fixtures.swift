import Telemetry

@testable import Sparkplug

/// 2026-06-21T00:00:00Z.
let noon = Timestamp(milliseconds: 1_782_000_000_000)

/// So many seconds into the test, on both clocks.
func after(_ seconds: Double, isTrusted: Bool = true) -> Moment {
    let span = Duration.seconds(seconds)
    return Moment(monotonic: .zero + span, wall: noon.advanced(by: span), isTrusted: isTrusted)
}

func sample(_ metric: String, _ value: Value, _ seconds: Double) -> MetricSample {
    MetricSample(metric: metric, time: after(seconds).wall, reading: .good(value))
}

func sample(_ metric: String, _ reading: Reading, at seconds: Double) -> MetricSample {
    MetricSample(metric: metric, time: after(seconds).wall, reading: reading)
}

/// A pump station: a well whose pump can be told to run, and a meter that is only read.
let station = EdgeNodeConfiguration(
    group: "Xinzhuang", node: "gateway",
    metrics: [
        MetricDefinition(name: "Properties/Model", type: .string),
        MetricDefinition(name: "journal/pending", type: .uint),
        MetricDefinition(name: "report/period", type: .int, unit: "s", range: 1...3600, isWritable: true),
    ],
    devices: [
        DeviceDefinition(
            id: "well",
            metrics: [
                MetricDefinition(name: "level", type: .double, unit: "m", range: 0...6),
                MetricDefinition(name: "starts", type: .uint),
                MetricDefinition(name: "offset", type: .int, unit: "mm"),
                MetricDefinition(name: "run", type: .bool, isWritable: true),
                MetricDefinition(name: "setpoint", type: .double, unit: "m", range: 0.5...5.5, isWritable: true),
                MetricDefinition(name: "mode", type: .string, isWritable: true),
            ]),
        DeviceDefinition(
            id: "meter",
            metrics: [
                MetricDefinition(name: "energy", type: .double, unit: "kW.h"),
                MetricDefinition(name: "power", type: .double, unit: "kW"),
            ]),
    ])

extension EdgeNodeConfiguration {
    func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}

extension EdgeNode {
    /// Connected at 0 s; in session if there is no primary host to wait for.
    static func connected(_ configuration: EdgeNodeConfiguration = station, bdSeq: UInt8 = 0) throws -> EdgeNode {
        var node = try EdgeNode(configuration, bdSeq: bdSeq)
        _ = node.hear(.start, at: after(0))
        _ = node.hear(.connected, at: after(0))
        return node
    }

    mutating func live(_ samples: MetricSample..., device: String? = "well", at now: Moment) -> [Action] {
        hear(.samples(samples, device: device, .live), at: now)
    }

    mutating func backlog(_ samples: MetricSample..., device: String? = "well", at now: Moment) -> [Action] {
        hear(.samples(samples, device: device, .backlog), at: now)
    }

    /// A command of one metric.
    mutating func command(
        _ metric: Metric, device: String? = "well", sent: Timestamp?, isRetained: Bool = false, at now: Moment
    ) -> [Action] {
        let topic = device.map { "spBv1.0/Xinzhuang/DCMD/gateway/\($0)" } ?? "spBv1.0/Xinzhuang/NCMD/gateway"
        let payload = Payload(timestamp: sent, metrics: [metric])
        return hear(.message(topic: topic, payload: payload.encoded, isRetained: isRetained), at: now)
    }

    mutating func rebirth(_ wanted: Bool = true, isRetained: Bool = false, at now: Moment) -> [Action] {
        let metric = Metric(name: "Node Control/Rebirth", dataType: .boolean, content: .value(.bool(wanted)))
        return command(metric, device: nil, sent: now.wall, isRetained: isRetained, at: now)
    }

    mutating func state(_ online: Bool, _ timestamp: Int64, host: String = "county", at now: Moment) -> [Action] {
        let json = "{\"online\":\(online),\"timestamp\":\(timestamp)}"
        return hear(.message(topic: "spBv1.0/STATE/\(host)", payload: Array(json.utf8), isRetained: true), at: now)
    }
}

/// A message that went out, read again.
struct Sent {
    let topic: Topic
    let payload: Payload
    let message: EdgeNode.Message

    init?(_ action: EdgeNode.Action) {
        guard case .publish(let message) = action, let topic = Topic(message.topic),
            let payload = try? Payload(decoding: message.payload)
        else { return nil }
        (self.topic, self.payload, self.message) = (topic, payload, message)
    }

    /// `NBIRTH`, `DDATA well`.
    var words: String {
        switch topic {
        case .node(let message, _): message.rawValue
        case .device(let message, _, let device): "\(message.rawValue) \(device)"
        case .state: "STATE"
        }
    }

    subscript(_ name: String) -> Metric? { payload.metrics.first { $0.name == name } }
}

extension [EdgeNode.Action] {
    var sent: [Sent] { compactMap(Sent.init) }
    var words: [String] { sent.map(\.words) }
    var refusals: [EdgeNode.Refusal.Reason] {
        compactMap { if case .refused(let refusal) = $0 { refusal.reason } else { nil } }
    }
    var commands: [EdgeNode.Command] { compactMap { if case .command(let command) = $0 { command } else { nil } } }
    var connection: EdgeNode.Connection? {
        lazy.compactMap { if case .connect(let connection) = $0 { connection } else { nil } }.first
    }
    var subscriptions: [EdgeNode.Subscription] {
        flatMap { action -> [EdgeNode.Subscription] in if case .subscribe(let list) = action { list } else { [] } }
    }
}
