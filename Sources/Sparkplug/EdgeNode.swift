package import Telemetry

/// A Sparkplug B 3.0 edge node: decides what is published, when, and with which number. Pure: time is a parameter, and a shell
/// does what it asks for.
///
/// A shell performs the actions in order and tells what became of them. A connection that was asked to end stays ours until
/// `disconnected`; only then comes the next `connect`.
package struct EdgeNode: Sendable {
    enum Phase: Hashable {
        case idle
        /// Asked for a connection, and heard nothing yet.
        case connecting
        /// Connected and subscribed; the primary host has not said that it is there.
        case awaitingHost
        /// Births are out.
        case inSession
        /// The goodbye is said.
        case closing
    }

    /// A metric, and what is known of it.
    struct Channel {
        let definition: MetricDefinition
        let alias: UInt64?
        /// What the next birth will say; nil for one that was never read.
        var current: MetricSample?
        /// What the host was last told of it.
        var told: QualityCode = .good
        var lastCommand: (time: Timestamp, value: Value)?
    }

    /// The node itself, or a device of it.
    struct Member {
        let device: Identifier?
        var channels: [Channel]
        let indexes: [String: Int]
        var isPresent: Bool
        /// Whether this session has its birth, and no death since.
        var isBorn = false
    }

    /// What a host has said of itself on one server.
    struct HostTimes {
        var latest: Timestamp?
        var latestOnline: Timestamp?
    }

    let configuration: EdgeNodeConfiguration
    let descriptor: NodeDescriptor
    let primaryHost: Identifier?
    /// The node comes first.
    var members: [Member]
    let memberIndexes: [String: Int]
    let places: [UInt64: (member: Int, channel: Int)]
    /// The aliases start here, so that no alias looks like none.
    static let bdSeqAlias: UInt64 = 1

    var phase = Phase.idle
    var isStopping = false
    var server = 0
    /// The connection's number, and the next one's.
    var bdSeq: UInt8
    var nextBdSeq: UInt8
    /// Of the next message.
    var seq: UInt8 = 0
    var lastBirth = Monotonic.zero
    /// When the births that a host has asked for are due; no data goes out before them.
    var rebirthDue: Monotonic?
    var hostTimes: [Int: HostTimes] = [:]
    /// Connections in a row that found the primary host offline.
    var vainConnections = 0

    /// - Parameter bdSeq: what was stored last, else 0.
    package init(_ configuration: EdgeNodeConfiguration, bdSeq: UInt8) throws(EdgeNodeMistakes) {
        let mistakes = configuration.mistakes()
        guard mistakes.isEmpty, let group = Identifier(configuration.group), let node = Identifier(configuration.node) else {
            throw EdgeNodeMistakes(mistakes: mistakes)
        }
        self.configuration = configuration
        descriptor = NodeDescriptor(group: group, node: node)
        primaryHost = configuration.primaryHost.flatMap(Identifier.init)
        self.bdSeq = bdSeq
        nextBdSeq = bdSeq
        var alias = Self.bdSeqAlias
        var places: [UInt64: (member: Int, channel: Int)] = [:]
        let own = DeviceDefinition(id: "", metrics: configuration.metrics)
        members = ([own] + configuration.devices).enumerated().map { member, device in
            let channels = device.metrics.enumerated().map { channel, definition in
                alias += 1
                places[alias] = (member, channel)
                return Channel(definition: definition, alias: configuration.usesAliases ? alias : nil)
            }
            let indexes = Dictionary(uniqueKeysWithValues: device.metrics.enumerated().map { ($1.name, $0) })
            return Member(device: Identifier(device.id), channels: channels, indexes: indexes, isPresent: device.isPresent)
        }
        self.places = configuration.usesAliases ? places : [:]
        memberIndexes = Dictionary(uniqueKeysWithValues: configuration.devices.enumerated().map { ($1.id, $0 + 1) })
    }

    /// Whether samples told now go out: births are out, and no host waits for them again.
    package var takesData: Bool { phase == .inSession && rebirthDue == nil }

    /// When to tell `tick`, if nothing else happens first.
    package var deadline: Monotonic? { phase == .inSession ? rebirthDue : nil }

    package mutating func hear(_ event: Event, at now: Moment) -> [Action] {
        switch event {
        case .start: phase == .idle && !isStopping ? connect(at: now) : []
        case .connected: phase == .connecting ? connected(at: now) : []
        case .unreachable: phase == .connecting ? unreachable(at: now) : phase == .closing ? disconnected(at: now) : []
        case .disconnected: phase == .idle ? [] : disconnected(at: now)
        case .message(let topic, let payload, let isRetained): heard(payload, on: topic, isRetained: isRetained, at: now)
        case .samples(let samples, let device, let freshness): took(samples, of: device, freshness, at: now)
        case .deviceLost(let device): lost(device, at: now)
        case .deviceBack(let device): back(device, at: now)
        case .tick: rebirthDue.map { $0 <= now.monotonic } == true && phase == .inSession ? births(at: now) : []
        case .stop: stop(at: now)
        }
    }

    /// One message of the session, with its number.
    mutating func message(_ topic: Topic, _ metrics: [Metric], at now: Moment) -> Action {
        defer { seq &+= 1 }
        let payload = Payload(timestamp: now.wall, metrics: metrics, seq: UInt64(seq))
        return .publish(Message(topic: topic.description, payload: payload.encoded, qos: 0))
    }
}
