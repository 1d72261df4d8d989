import Telemetry

@testable import Sparkplug

/// What a host application makes of an edge node's messages. Written from the host's side of the specification, with no look at
/// the edge node: it notes whatever would make a real one ask for a rebirth, or believe what is not so.
struct HostModel {
    struct Device {
        var names: [UInt64: String] = [:]
        var isBorn = false
    }

    private(set) var complaints: [String] = []
    private(set) var isOnline = false
    private(set) var births = 0
    /// By `device/metric`, the node's own by `/metric`: the current values and the historical ones.
    private(set) var current: [String: Metric] = [:]
    private(set) var history: [String: [Metric]] = [:]
    private var devices: [String: Device] = [:]
    private var aliases: Set<UInt64> = []
    private var expected: UInt64 = 0
    private var bdSeq: UInt64?
    private var willBdSeq: UInt64?
    let usesAliases: Bool

    init(usesAliases: Bool) { self.usesAliases = usesAliases }

    /// A CONNECT packet reaches the broker.
    mutating func connect(_ connection: EdgeNode.Connection) {
        let number = deathNumber(connection.will)
        if let willBdSeq, let number, number != (willBdSeq + 1) % 256 { complain("bdSeq \(number) after \(willBdSeq)") }
        willBdSeq = number
    }

    /// The broker publishes the will of a connection that has ended without a goodbye.
    mutating func lost(_ connection: EdgeNode.Connection) { hear(connection.will) }

    mutating func hear(_ message: EdgeNode.Message) {
        guard let topic = Topic(message.topic), let payload = try? Payload(decoding: message.payload) else {
            return complain("unreadable: \(message.topic)")
        }
        if message.isRetained { complain("\(message.topic) is retained") }
        if topic.isDeath != (message.qos == 1) { complain("\(message.topic) with QoS \(message.qos)") }
        if !topic.isDeath { count(payload, on: message.topic) }
        switch topic {
        case .node(.birth, _): nodeBirth(payload)
        case .node(.death, _): if deathNumber(message) == bdSeq { isOnline = false }
        case .node(.data, _): data(payload, of: "")
        case .device(.birth, _, let device): deviceBirth(payload, of: device.description)
        case .device(.data, _, let device): data(payload, of: device.description)
        case .device(.death, _, let device):
            if devices[device.description]?.isBorn != true { complain("DDEATH of \(device), which was not born") }
            devices[device.description]?.isBorn = false
        default: complain("\(message.topic) from an edge node")
        }
    }

    private mutating func complain(_ text: String) { complaints.append(text) }

    private mutating func count(_ payload: Payload, on topic: String) {
        if payload.timestamp == nil { complain("\(topic) without a time") }
        let isBirth = topic.contains("NBIRTH")
        if payload.seq != (isBirth ? 0 : expected) { complain("\(topic): seq \(payload.seq ?? 999), not \(expected)") }
        expected = ((payload.seq ?? 0) + 1) % 256
        if !isBirth, !isOnline { complain("\(topic) before NBIRTH") }
    }

    private mutating func deathNumber(_ message: EdgeNode.Message) -> UInt64? {
        let payload = try? Payload(decoding: message.payload)
        guard let payload, payload.seq == nil, payload.metrics.count == 1, let metric = payload.metrics.first,
            metric.name == "bdSeq",
            metric.dataType == .int64, case .value(.long(let number)) = metric.content, number < 256, message.qos == 1
        else {
            complain("a death without its number")
            return nil
        }
        return number
    }

    private mutating func nodeBirth(_ payload: Payload) {
        births += 1
        isOnline = true
        devices = [:]
        aliases = []
        if case .value(.long(let number)) = payload.metrics.first(where: { $0.name == "bdSeq" })?.content { bdSeq = number }
        if bdSeq != willBdSeq { complain("NBIRTH \(bdSeq ?? 999), will \(willBdSeq ?? 999)") }
        let rebirth = payload.metrics.first { $0.name == "Node Control/Rebirth" }
        if rebirth?.content != .value(.bool(false)) || rebirth?.alias != nil { complain("NBIRTH without its rebirth control") }
        introduce(payload, as: "")
    }

    private mutating func deviceBirth(_ payload: Payload, of device: String) { introduce(payload, as: device) }

    private mutating func introduce(_ payload: Payload, as device: String) {
        // A device may be born again within a session: its own aliases are free again, all others are taken.
        aliases.subtract((devices[device]?.names ?? [:]).keys)
        var names: [UInt64: String] = [:]
        for metric in payload.metrics {
            guard let name = metric.name, !name.isEmpty, metric.dataType != nil, metric.timestamp != nil, metric.content != .none
            else {
                complain("\(device): a metric without name, type, time or value")
                continue
            }
            if let alias = metric.alias {
                if !aliases.insert(alias).inserted { complain("\(device)/\(name): alias \(alias) is taken") }
                names[alias] = name
            }
            current["\(device)/\(name)"] = metric
        }
        devices[device] = Device(names: names, isBorn: true)
    }

    private mutating func data(_ payload: Payload, of device: String) {
        guard let known = devices[device], known.isBorn else { return complain("data of '\(device)', which is not born") }
        var latest = Int64.min
        for metric in payload.metrics {
            if usesAliases == (metric.name != nil) { complain("\(device): data by the wrong kind of name") }
            guard let name = metric.name ?? metric.alias.flatMap({ known.names[$0] }), current["\(device)/\(name)"] != nil,
                let time = metric.timestamp?.milliseconds
            else {
                complain("\(device): a metric that no birth has introduced")
                continue
            }
            if metric.isHistorical {
                history["\(device)/\(name)", default: []].append(metric)
                continue
            }
            if time < latest { complain("\(device)/\(name): out of order in its message") }
            latest = time
            current["\(device)/\(name)"] = metric
        }
    }
}

extension Topic {
    fileprivate var isDeath: Bool { if case .node(.death, _) = self { true } else { false } }
}
