import Sparkplug
import Telemetry

/// What an edge node of the directory's devices is told once.
package struct SparkplugSettings: Sendable {
    package var group: String
    package var node: String
    /// The one host without which nothing is published; nil publishes to whoever listens.
    package var primaryHost: String?
    /// How old a command may be; nil where none are heard.
    package var commandAge: Duration?
    /// Before the next look where the primary host was found offline: doubled each time.
    package var hostPause: ClosedRange<Duration> = .seconds(1)...(.seconds(30))

    package init(group: String, node: String, primaryHost: String? = nil, commandAge: Duration? = nil) {
        self.group = group
        self.node = node
        self.primaryHost = primaryHost
        self.commandAge = commandAge
    }

    /// Whether a text can be the name of a group, a node or a host.
    package static func isName(_ text: String) -> Bool { Identifier(text) != nil }

    /// What a device is called upstream, where there are no sites. Two that differ here may be alike there.
    package static func device(site: String, device: String) -> String { "\(site)-\(device)" }

    func configuration(_ directory: Directory) -> EdgeNodeConfiguration {
        let devices = directory.devices.map { device in
            DeviceDefinition(
                id: Self.device(site: device.site, device: device.name),
                metrics: device.points.map { id in
                    let point = directory[id]
                    return MetricDefinition(
                        name: point.name.point, type: point.type, unit: point.unit, range: point.range,
                        isWritable: point.isWritable && commandAge != nil)
                })
        }
        var configuration = EdgeNodeConfiguration(group: group, node: node, devices: devices, primaryHost: primaryHost)
        configuration.maximumCommandAge = commandAge ?? configuration.maximumCommandAge
        configuration.hostPause = hostPause
        // The ledger counts samples that have arrived: each of them goes out, whether or not the value has changed.
        configuration.reportsByException = false
        return configuration
    }
}
