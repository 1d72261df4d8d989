/// A name that a topic can carry: group, edge node, device or host application.
///
/// Any UTF-8 but `+`, `/` and `#` (tck-id-topic-structure-namespace-valid-group-id and its kin) and U+0000 (MQTT 3.1.1, 1.5.3). At
/// most 1024 bytes, so that no topic of three of them comes near the 65,535 of MQTT.
package struct Identifier: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 1024 else { return nil }
        guard !text.unicodeScalars.contains(where: { "+/#\0".unicodeScalars.contains($0) }) else { return nil }
        description = text
    }
}

/// The edge node descriptor: a group and a node of it, unique in the infrastructure.
package struct NodeDescriptor: Hashable, Sendable, CustomStringConvertible {
    package let group: Identifier
    package let node: Identifier

    package init(group: Identifier, node: Identifier) {
        self.group = group
        self.node = node
    }

    package var description: String { "\(group)/\(node)" }
}

/// A topic of the namespace `spBv1.0` (Sparkplug 3.0.0, "Topics and Messages").
package enum Topic: Hashable, Sendable, CustomStringConvertible {
    package enum NodeMessage: String, Sendable, CaseIterable {
        case birth = "NBIRTH"
        case data = "NDATA"
        case death = "NDEATH"
        case command = "NCMD"
    }

    package enum DeviceMessage: String, Sendable, CaseIterable {
        case birth = "DBIRTH"
        case data = "DDATA"
        case death = "DDEATH"
        case command = "DCMD"
    }

    case node(NodeMessage, NodeDescriptor)
    case device(DeviceMessage, NodeDescriptor, device: Identifier)
    /// Whether a host application is online: retained, and JSON instead of a `Payload`.
    case state(host: Identifier)

    private static let namespace = "spBv1.0"

    /// nil for what is no topic of this namespace.
    package init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 3, words[0] == Self.namespace else { return nil }
        if words.count == 3 {
            guard words[1] == "STATE", let host = Identifier(words[2]) else { return nil }
            self = .state(host: host)
            return
        }
        guard let group = Identifier(words[1]), let node = Identifier(words[3]) else { return nil }
        let descriptor = NodeDescriptor(group: group, node: node)
        if words.count == 4, let message = NodeMessage(rawValue: words[2]) {
            self = .node(message, descriptor)
        } else if words.count == 5, let message = DeviceMessage(rawValue: words[2]), let device = Identifier(words[4]) {
            self = .device(message, descriptor, device: device)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .node(let message, let id): "\(Self.namespace)/\(id.group)/\(message.rawValue)/\(id.node)"
        case .device(let message, let id, let device): "\(Self.namespace)/\(id.group)/\(message.rawValue)/\(id.node)/\(device)"
        case .state(let host): "\(Self.namespace)/STATE/\(host)"
        }
    }
}
