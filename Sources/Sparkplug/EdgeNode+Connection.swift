import Telemetry

/// Connections and births: Sparkplug 3.0.0, "Edge Node Session Establishment" and "Edge Node Session Termination".
extension EdgeNode {
    mutating func connect(at now: Moment, pause: Duration = .zero) -> [Action] {
        phase = .connecting
        bdSeq = nextBdSeq
        nextBdSeq = bdSeq &+ 1
        return [
            .store(nextBdSeq: nextBdSeq),
            .connect(Connection(server: server, will: death(at: now), bdSeq: bdSeq, pause: pause)),
        ]
    }

    /// The number was never sent, so that the next connection has it.
    mutating func unreachable(at now: Moment) -> [Action] {
        nextBdSeq = bdSeq
        phase = .idle
        nextServer()
        return isStopping ? [] : connect(at: now)
    }

    mutating func connected(at now: Moment) -> [Action] {
        phase = .awaitingHost
        let node = Subscription(filter: Topic.node(.command, descriptor).description, qos: 1)
        let devices = members.compactMap { member -> Subscription? in
            guard let device = member.device, member.channels.contains(where: \.definition.isWritable) else { return nil }
            return Subscription(filter: Topic.device(.command, descriptor, device: device).description, qos: 1)
        }
        let host = primaryHost.map { Subscription(filter: Topic.state(host: $0).description, qos: 1) }
        // The broker takes packets in order: it listens for rebirth requests before it hears of a birth.
        return [.subscribe([node] + devices + [host].compactMap(\.self))] + (primaryHost == nil ? births(at: now) : [])
    }

    mutating func disconnected(at now: Moment) -> [Action] {
        // A broker that gave us a session deserves another try; one that refused, or lost us before, does not.
        if phase == .connecting || phase == .awaitingHost { nextServer() }
        let wasClosing = phase == .closing
        phase = .idle
        for index in members.indices { members[index].isBorn = false }
        if isStopping { return [] }
        return connect(at: now, pause: wasClosing ? pause : .zero)
    }

    mutating func stop(at now: Moment) -> [Action] {
        isStopping = true
        return switch phase {
        case .idle, .closing: []
        case .connecting: close()
        case .awaitingHost, .inSession: sayGoodbye(at: now)
        }
    }

    /// The broker keeps our will to itself when we leave in good order, so the death is told first.
    mutating func sayGoodbye(at now: Moment) -> [Action] { [.publish(death(at: now))] + close() }

    private mutating func close() -> [Action] {
        phase = .closing
        return [.disconnect(withWill: configuration.protocolVersion == .mqtt5)]
    }

    mutating func nextServer() { server = (server + 1) % configuration.serverCount }

    /// NDEATH: one metric and no `seq`, since nobody knows what will have been the last one before it.
    private func death(at now: Moment) -> Message {
        let payload = Payload(timestamp: now.wall, metrics: [.bdSeq(bdSeq, at: now.wall)])
        return Message(topic: Topic.node(.death, descriptor).description, payload: payload.encoded, qos: 1)
    }

    private var pause: Duration {
        let first = configuration.hostPause.lowerBound
        return min(first * (1 << min(max(vainConnections - 1, 0), 16)), configuration.hostPause.upperBound)
    }
}

/// Births and deaths of the node and its devices.
extension EdgeNode {
    /// NBIRTH and the DBIRTH of every device that is there: the start of a session, and again whenever a host asks.
    mutating func births(at now: Moment) -> [Action] {
        phase = .inSession
        lastBirth = now.monotonic
        rebirthDue = nil
        vainConnections = 0
        seq = 0
        return members.indices.filter { members[$0].isPresent }.map { birth(of: $0, at: now) }
    }

    /// - Parameter isStale: the values are the last known ones of a device that is not there.
    mutating func birth(of index: Int, isStale: Bool = false, at now: Moment) -> Action {
        members[index].isBorn = true
        var metrics = index == 0 ? [bdSeqMetric(at: now), Metric.rebirth(at: now.wall)] : []
        for channel in members[index].channels.indices {
            metrics.append(members[index].channels[channel].introduced(isStale: isStale, at: now))
        }
        // …-data-publish-nbirth-order can be read as an order by time over all metrics; this one holds either way.
        metrics.sortByTime()
        let topic: Topic =
            members[index].device.map { .device(.birth, descriptor, device: $0) } ?? .node(.birth, descriptor)
        return message(topic, metrics, at: now)
    }

    mutating func lost(_ device: String, at now: Moment) -> [Action] {
        guard let index = memberIndexes[device], members[index].isPresent else { return [] }
        members[index].isPresent = false
        return phase == .inSession && members[index].isBorn ? [death(of: index, at: now)] : []
    }

    /// While births are due, the device's comes with them.
    mutating func back(_ device: String, at now: Moment) -> [Action] {
        guard let index = memberIndexes[device], !members[index].isPresent else { return [] }
        members[index].isPresent = true
        return takesData ? [birth(of: index, at: now)] : []
    }

    mutating func death(of index: Int, at now: Moment) -> Action {
        guard let device = members[index].device else { preconditionFailure("the node dies by NDEATH") }
        members[index].isBorn = false
        return message(.device(.death, descriptor, device: device), [], at: now)
    }

    private func bdSeqMetric(at now: Moment) -> Metric {
        .bdSeq(bdSeq, alias: configuration.usesAliases ? Self.bdSeqAlias : nil, at: now.wall)
    }
}

extension [Metric] {
    /// Stable, so that a metric's values of one moment stay in the order they came.
    mutating func sortByTime() {
        func time(_ metric: Metric) -> Int64 { metric.timestamp?.milliseconds ?? .min }
        self = enumerated().sorted { (time($0.element), $0.offset) < (time($1.element), $1.offset) }.map(\.element)
    }
}
