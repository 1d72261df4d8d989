import Documents
import Forwarding
import FoundationEssentials

extension SiteFile {
    private static let influxKeys = ["database", "org", "bucket"]

    static func destinations(_ form: Form, county: String, resolve: (String) -> String) -> [Destination] {
        named("forward", of: form, what: "a destination").compactMap { name, place, node in
            let keys =
                ["influx", "mqtt", "sparkplug", "prefix", "commands", "backfill"] + sparkplugKeys + influxKeys + accessKeys
            guard let entry = Form(node, "destination '\(name)'", keys: keys + secretKeys.filter(node.names), in: form.mistakes)
            else { return nil }
            let kinds = ["influx", "mqtt", "sparkplug"].filter(entry.has)
            guard kinds.count == 1, let kind = kinds.first else {
                form.mistakes.add("destination '\(name)' needs one of 'influx', 'mqtt' and 'sparkplug'", at: place)
                return nil
            }
            for (owner, keys) in [("sparkplug", sparkplugKeys), ("influx", influxKeys)] where kind != owner {
                for key in keys where entry.has(key) {
                    form.mistakes.add("'\(key)' is for a destination of '\(owner)'", at: entry.place(of: key))
                }
            }
            let access = access(entry, resolve: resolve)
            let backfill = rate("backfill", of: entry)
            let address = node[kind]?.scalar ?? ""
            guard !holdsSecret(address, at: entry.place(of: kind), into: form.mistakes) else { return nil }
            var destination: Destination? =
                switch kind {
                case "sparkplug": sparkplug(entry, called: name, county: county)
                case "influx": influx(entry, called: name, access: access)
                default: mqtt(entry, called: name)
                }
            destination?.access = access
            destination?.backfill = backfill
            return destination
        }
    }

    private static func influx(_ entry: Form, called name: String, access: Access) -> Destination? {
        _ = commands(entry)
        let place = entry.place(of: "influx")
        guard let url = entry.string("influx") else { return nil }
        guard let parsed = URL(string: url), let scheme = parsed.scheme, ["http", "https"].contains(scheme), parsed.host() != nil
        else {
            entry.mistakes.add("'\(url)' is not an address such as http://192.0.2.7:8428", at: place)
            return nil
        }
        if access.tls != nil, scheme == "http" {
            entry.mistakes.add("'tls' is of no use to an address that begins with http: write https", at: place)
        }
        if url.contains("precision=") {
            entry.mistakes.add("times are sent in milliseconds: leave 'precision' out of the address", at: place)
        }
        let (database, organization, bucket) = (entry.string("database"), entry.string("org"), entry.string("bucket"))
        if let bucket, database == nil {
            return Destination(name: name, kind: .influx(url: url, .bucket(bucket, organization: organization)))
        }
        if bucket != nil {
            entry.mistakes.add(
                "InfluxDB 1.x has a 'database', 2.x a 'bucket'; no server has both", at: entry.place(of: "database"))
        }
        if bucket == nil, organization != nil { entry.mistakes.add("'org' needs its 'bucket'", at: entry.place(of: "org")) }
        return Destination(name: name, kind: .influx(url: url, .database(database)))
    }

    private static func mqtt(_ entry: Form, called name: String) -> Destination? {
        let commands = Self.commands(entry)
        let prefix = entry.string("prefix") ?? "headgate"
        guard !prefix.contains(where: { $0 == "#" || $0 == "+" }) else {
            entry.mistakes.add("a prefix of topics holds no '#' and no '+'", at: entry.place(of: "prefix"))
            return nil
        }
        guard let text = entry.string("mqtt"), let address = broker(text, at: entry.place(of: "mqtt"), in: entry.mistakes) else {
            return nil
        }
        return Destination(name: name, kind: .mqtt(host: address.host, port: address.port, prefix: prefix), commands: commands)
    }

    /// `50000/s`: samples a second.
    private static func rate(_ key: String, of form: Form) -> Double? {
        guard let node = form.node[key] else { return nil }
        guard let text = node.scalar, text.hasSuffix("/s"), let number = Int(text.dropLast(2)), (10...10_000_000).contains(number)
        else {
            form.mistakes.add("'\(key)' must be samples a second from 10/s to 10000000/s, as 50000/s", at: node.place)
            return nil
        }
        return Double(number)
    }
}

extension Node {
    /// Whether a mapping has this key.
    fileprivate func names(_ key: String) -> Bool { self[key] != nil }
}
