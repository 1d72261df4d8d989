package import Acquisition
package import Control
package import Documents
package import Forwarding
package import Historian
import FoundationEssentials
import Telemetry

/// The site's file, `site.yaml`, as written: names are checked for their form here, and for what they name in `SitePlan`.
package struct SiteFile: Sendable {
    package struct Link: Sendable {
        package let name: String
        package let address: LinkAddress
        package let timeout: Duration
        /// The part of the link's time that may go to devices which do not answer.
        package let deadShare: Double
        package let place: Place
        /// Of a broker.
        package var access = Access()
    }

    package struct Destination: Sendable {
        package enum Kind: Sendable {
            case influx(url: String, InfluxEndpoint.Place)
            case mqtt(host: String, port: Int, prefix: String)
            case sparkplug(host: String, port: Int, SparkplugSettings)
        }

        package let name: String
        package let kind: Kind
        /// What holds for commands that come from there; nil where none are heard.
        package var commands: RemoteTerms?
        package var access = Access()
        /// Samples a second of a backlog at most; nil for as many as go.
        package var backfill: Double?
    }

    package struct Device: Sendable {
        package let name: String
        package let title: String
        package let profile: String
        package let profilePlace: Place
        package let link: String
        package let linkPlace: Place
        package let unit: Int?
        package let topic: String?
        package let place: Place
    }

    package struct Site: Sendable {
        package let name: String
        package let title: String
        package let trade: Trade
        package let town: String
        package let village: String
        package let position: (longitude: Double, latitude: Double)?
        package let devices: [Device]
    }

    package enum Trade: String, CaseIterable, Sendable {
        case water, agriculture, sanitation
    }

    package var title = ""
    package var zone = "Asia/Shanghai"
    /// Paths are the file's own, resolved against its folder.
    package var map: (path: String, place: Place)?
    package var profiles = ""
    package var rules: String?
    package var dataFolder = ""
    package var commitInterval = Duration.milliseconds(250)
    package var retention = Retention()
    package var listenHost = "127.0.0.1"
    package var listenPort = 8080
    /// The file of who may sign in; nil where the console only shows.
    package var people: (path: String, place: Place)?
    package var links: [Link] = []
    /// Also of links that are written wrong: who names one of these is not told that there is none.
    package var linkNames: [String] = []
    package var destinations: [Destination] = []
    package var sites: [Site] = []

    /// Reads the file's text. Mistakes go to `mistakes`; what could be read comes back, so that the rest is judged too.
    package init?(yaml: String, file: String, into mistakes: Mistakes) {
        let node: Node
        do throws(Mistake) {
            node = try Node(yaml: yaml, file: file)
        } catch {
            mistakes.add(error)
            return nil
        }
        let keys = ["headgate", "county", "profiles", "rules", "data", "console", "links", "forward", "sites"]
        guard let form = Form(node, "the site file", keys: keys, in: mistakes) else { return nil }
        let folder = URL(filePath: file).deletingLastPathComponent()
        func resolve(_ path: String) -> String { URL(filePath: path, relativeTo: folder).standardizedFileURL.path }

        if let version = form.string("headgate", required: true), version != "1" {
            mistakes.add("this program reads version 1 of the site file, not '\(version)'", at: form.place(of: "headgate"))
        }
        if let county = form.form("county", "'county'", keys: ["title", "zone", "map"], required: true) {
            title = county.string("title", required: true) ?? ""
            zone = county.string("zone") ?? zone
            if TimeZone(identifier: zone) == nil {
                mistakes.add("'\(zone)' is not a time zone; write one such as Asia/Shanghai", at: county.place(of: "zone"))
            }
            map = county.string("map").map { (resolve($0), county.place(of: "map")) }
        }
        profiles = form.string("profiles", required: true).map(resolve) ?? ""
        rules = form.string("rules").map(resolve)
        let kept = ["folder", "commit", "keep", "keep-minutes", "keep-hours", "megabytes"]
        if let data = form.form("data", "'data'", keys: kept, required: true) {
            dataFolder = data.string("folder", required: true).map(resolve) ?? ""
            commitInterval = data.duration("commit") ?? commitInterval
            retention.samples = data.duration("keep") ?? retention.samples
            retention.minutes = data.duration("keep-minutes") ?? retention.minutes
            retention.hours = data.duration("keep-hours") ?? retention.hours
            retention.bytes = data.integer("megabytes", in: 16...1_000_000).map { $0 << 20 } ?? retention.bytes
        }
        if let console = form.form("console", "'console'", keys: ["listen", "people"]) { readConsole(console, resolve: resolve) }
        links = Self.links(form, resolve: resolve)
        linkNames = form.node["links"].flatMap { Form($0, "'links'", keys: nil, in: Mistakes()) }?.entries.map(\.key) ?? []
        destinations = Self.destinations(form, county: title, resolve: resolve)
        sites = Self.sites(form)
        Self.checkSparkplugNames(of: sites, for: destinations, into: mistakes)
    }

    private mutating func readConsole(_ console: Form, resolve: (String) -> String) {
        if let path = console.string("people").map(resolve) {
            people = (path, console.place(of: "people"))
            Self.judge(path, as: "people", isSecret: true, at: console.place(of: "people"), into: console.mistakes)
        }
        guard let listen = console.string("listen", required: true) else { return }
        do throws(LinkAddress.Malformed) {
            (listenHost, listenPort) = try LinkAddress.hostAndPort(listen, default: nil)
        } catch {
            console.mistakes.add(error.message, at: console.place(of: "listen"))
        }
    }

    /// The entries of a mapping whose keys are names the user chose.
    static func named(_ key: String, of form: Form, what: String, required: Bool = false) -> [(name: String, place: Place, value: Node)] {
        guard let group = form.form(key, "'\(key)'", keys: nil, required: required) else { return [] }
        // A device's name may hold a range, {01..12}.
        for entry in group.entries where !PointName.isWord(entry.key.filter { !"{}.".contains($0) }) {
            form.mistakes.add("'\(entry.key)' is no name for \(what): use lower-case letters, digits, '-' and '_'", at: entry.place)
        }
        return group.entries.map { ($0.key, $0.place, $0.value) }
    }

    private static func links(_ form: Form, resolve: (String) -> String) -> [Link] {
        named("links", of: form, what: "a link", required: true).compactMap { name, place, node in
            let keys = ["to", "timeout", "dead-share"] + accessKeys + secretKeys.filter { node[$0] != nil }
            guard let link = Form(node, "link '\(name)'", keys: keys, in: form.mistakes) else { return nil }
            let access = access(link, resolve: resolve)
            guard let text = link.string("to", required: true), !holdsSecret(text, at: link.place(of: "to"), into: form.mistakes)
            else { return nil }
            for key in accessKeys where link.has(key) && !text.hasPrefix("mqtt:") {
                form.mistakes.add("'\(key)' is for a link to a broker", at: link.place(of: key))
            }
            let timeout = link.duration("timeout") ?? .seconds(1)
            do throws(LinkAddress.Malformed) {
                let share = link.number("dead-share") ?? 0.1
                if !(0.01...1).contains(share) {
                    form.mistakes.add("'dead-share' must be a part of the link's time, 0.01 to 1", at: link.place(of: "dead-share"))
                }
                let address = try LinkAddress(text)
                return Link(name: name, address: address, timeout: timeout, deadShare: share, place: place, access: access)
            } catch {
                form.mistakes.add("link '\(name)': \(error.message)", at: link.place(of: "to"))
                return nil
            }
        }
    }
}
