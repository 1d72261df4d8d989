package import Telemetry

/// A metric that births will introduce: a point, as its host sees it.
package struct MetricDefinition: Hashable, Sendable {
    /// Any UTF-8; slashes make folders.
    package let name: String
    package let type: ValueType
    /// UCUM; goes out as the property `engUnit`; empty where there is none.
    package let unit: String
    /// In the unit; goes out as `engLow` and `engHigh`. A command outside it is refused.
    package let range: ClosedRange<Double>?
    package let isWritable: Bool

    package init(
        name: String, type: ValueType, unit: String = "", range: ClosedRange<Double>? = nil, isWritable: Bool = false
    ) {
        self.name = name
        self.type = type
        self.unit = unit
        self.range = range
        self.isWritable = isWritable
    }
}

package struct DeviceDefinition: Hashable, Sendable {
    package let id: String
    package let metrics: [MetricDefinition]
    /// Whether it is there until something else is heard.
    package let isPresent: Bool

    package init(id: String, metrics: [MetricDefinition], isPresent: Bool = true) {
        self.id = id
        self.metrics = metrics
        self.isPresent = isPresent
    }
}

/// Everything an edge node is told once.
package struct EdgeNodeConfiguration: Sendable {
    package enum ProtocolVersion: Sendable { case mqtt311, mqtt5 }

    package var group: String
    package var node: String
    /// Of the node itself, beside `bdSeq` and `Node Control/Rebirth`.
    package var metrics: [MetricDefinition]
    package var devices: [DeviceDefinition]
    /// The one host without which nothing is published; nil publishes to whoever listens.
    package var primaryHost: String?
    package var protocolVersion = ProtocolVersion.mqtt311
    /// How many brokers the shell has; `Connection.server` counts through them.
    package var serverCount = 1
    /// Whether data names its metrics by number. Off for hosts that do not know aliases.
    package var usesAliases = true
    /// Whether a value that has not changed stays unsent (tck-id-principles-rbe-recommended).
    package var reportsByException = true
    /// Between two births of one session, however often hosts ask.
    package var rebirthInterval: Duration = .seconds(5)
    /// A command older than this, or as far ahead of us, is refused.
    package var maximumCommandAge: Duration = .seconds(30)
    /// Metrics one data message holds at most.
    package var maximumMetrics = 1000
    /// The pause before the next connection when the primary host was found offline: doubled each time.
    package var hostPause: ClosedRange<Duration> = .seconds(1)...(.seconds(30))

    package init(
        group: String, node: String, metrics: [MetricDefinition] = [], devices: [DeviceDefinition], primaryHost: String? = nil
    ) {
        self.group = group
        self.node = node
        self.metrics = metrics
        self.devices = devices
        self.primaryHost = primaryHost
    }

    /// All that is wrong with it.
    package func mistakes() -> [EdgeNodeMistake] {
        var mistakes: [EdgeNodeMistake] = []
        for name in [group, node] + devices.map(\.id) + [primaryHost].compactMap(\.self) where Identifier(name) == nil {
            mistakes.append(.identifier(name))
        }
        // Hosts may fold case: …-case-sensitivity-sparkplug-ids, …-case-sensitivity-metric-names.
        mistakes += repeats(in: devices.map(\.id)).map { .repeatedDevice($0) }
        for (device, metrics) in [(nil, metrics)] + devices.map({ (Optional($0.id), $0.metrics) }) {
            let reserved = device == nil ? [Metric.rebirthName, "bdSeq"] : []
            mistakes += repeats(in: reserved + metrics.map(\.name)).map { .repeatedMetric($0, device: device) }
            if metrics.contains(where: \.name.isEmpty) { mistakes.append(.namelessMetric(device: device)) }
        }
        if serverCount < 1 || maximumMetrics < 1 { mistakes.append(.nothingAllowed) }
        return mistakes
    }

    private func repeats(in names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0.lowercased()).inserted }
    }
}

package enum EdgeNodeMistake: Hashable, Sendable {
    /// Empty, too long, or with a character that no topic carries.
    case identifier(String)
    /// Two devices of one name, or of names that differ in case only.
    case repeatedDevice(String)
    /// Likewise two metrics; the node's own two names are taken. nil is the node.
    case repeatedMetric(String, device: String?)
    case namelessMetric(device: String?)
    /// No server, or no metric a message.
    case nothingAllowed
}

/// All mistakes of a configuration at once.
package struct EdgeNodeMistakes: Error, Hashable, Sendable {
    package let mistakes: [EdgeNodeMistake]
}
