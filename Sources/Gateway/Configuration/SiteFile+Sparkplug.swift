import Acquisition
import Control
import Documents
import Forwarding

extension SiteFile {
    static let sparkplugKeys = ["group", "node", "primary-host"]

    /// `{ sparkplug: "mqtt://host:port", group: xinzhuang, node: gateway-1 }`; the group is the county's title where it has none.
    static func sparkplug(_ entry: Form, called name: String, county: String) -> Destination? {
        if entry.has("prefix") {
            entry.mistakes.add("topics of Sparkplug begin with spBv1.0; 'prefix' is for 'mqtt'", at: entry.place(of: "prefix"))
        }
        let commands = Self.commands(entry)
        let address = entry.string("sparkplug").flatMap { broker($0, at: entry.place(of: "sparkplug"), in: entry.mistakes) }
        let group = entry.string("group") ?? county
        let node = entry.string("node", required: true)
        let host = entry.string("primary-host")
        for (key, name) in [("group", group), ("node", node), ("primary-host", host)] {
            // A county without a title has had its own mistake told.
            guard let name, !name.isEmpty, !SparkplugSettings.isName(name) else { continue }
            entry.mistakes.add(
                "'\(name)' cannot be the '\(key)' in a topic of Sparkplug: it has 1024 bytes at most, and no '+', '/' and '#'",
                at: entry.place(of: key))
        }
        guard let address, let node else { return nil }
        let settings = SparkplugSettings(group: group, node: node, primaryHost: host, commandAge: commands?.expires)
        return Destination(name: name, kind: .sparkplug(host: address.host, port: address.port, settings), commands: commands)
    }

    /// Upstream a device has one name, made of its site's and its own.
    static func checkSparkplugNames(of sites: [Site], for destinations: [Destination], into mistakes: Mistakes) {
        let isNeeded = destinations.contains { if case .sparkplug = $0.kind { true } else { false } }
        guard isNeeded else { return }
        var owners: [String: String] = [:]
        for site in sites {
            for device in site.devices {
                let (id, name) = (SparkplugSettings.device(site: site.name, device: device.name), "\(site.name)/\(device.name)")
                guard let owner = owners.updateValue(name, forKey: id), owner != name else { continue }
                mistakes.add("'\(name)' would be Sparkplug's device '\(id)', and so would '\(owner)'; rename one", at: device.place)
            }
        }
    }

    static func broker(_ text: String, at place: Place, in mistakes: Mistakes) -> (host: String, port: Int)? {
        do throws(LinkAddress.Malformed) {
            guard case .mqtt(let host, let port) = try LinkAddress(text) else {
                throw LinkAddress.Malformed(message: "'\(text)' is not a broker; write mqtt://host:port")
            }
            return (host, port)
        } catch {
            mistakes.add(error.message, at: place)
            return nil
        }
    }
}
