import Documents
import Telemetry

extension SiteFile {
    static func sites(_ form: Form) -> [Site] {
        let keys = ["title", "trade", "town", "village", "position", "devices"]
        return named("sites", of: form, what: "a site", required: true).compactMap { name, place, node in
            guard let site = Form(node, "site '\(name)'", keys: keys, in: form.mistakes) else { return nil }
            return Site(
                name: name, title: site.string("title") ?? name,
                trade: site.word("trade", as: Trade.self, required: true) ?? .water,
                town: site.string("town") ?? "", village: site.string("village") ?? "", position: position(site),
                devices: named("devices", of: site, what: "a device", required: true).flatMap { entry in
                    devices(entry.name, entry.value, place: entry.place, in: form.mistakes)
                })
        }
    }

    /// `[longitude, latitude]` in degrees, WGS-84.
    private static func position(_ form: Form) -> (longitude: Double, latitude: Double)? {
        guard let node = form.node["position"] else { return nil }
        if case .sequence(let members) = node.content, members.count == 2,
            let longitude = members[0].scalar.flatMap(Double.init), (-180...180).contains(longitude),
            let latitude = members[1].scalar.flatMap(Double.init), (-90...90).contains(latitude)
        {
            return (longitude, latitude)
        }
        form.mistakes.add("'position' must be [longitude, latitude] in degrees", at: node.place)
        return nil
    }

    /// One entry is one device, or, with `{01..12}` in its name, as many; `{}` in the other texts is then the number.
    private static func devices(_ name: String, _ node: Node, place: Place, in mistakes: Mistakes) -> [Device] {
        let keys = ["profile", "link", "unit", "topic", "title"]
        guard let form = Form(node, "device '\(name)'", keys: keys, in: mistakes) else { return [] }
        guard let names = expand(name) else {
            mistakes.add("'\(name)' should hold one range such as {01..12}, the smaller number first, 1000 at most", at: place)
            return []
        }
        guard let profile = form.string("profile", required: true), let link = form.string("link", required: true) else { return [] }
        let unit = form.integer("unit", in: 0...255)
        let topic = form.string("topic")
        let title = form.string("title")
        if names.count > 1, unit != nil {
            mistakes.add("devices of one range cannot share a unit id; name each", at: form.place(of: "unit"))
        }
        if let topic, topic.contains(where: { $0 == "#" || $0 == "+" }) {
            mistakes.add("a device speaks on one topic, without '#' and '+'", at: form.place(of: "topic"))
        }
        return names.map { name, number in
            func filled(_ text: String) -> String { text.replacing("{}", with: number) }
            return Device(
                name: name, title: title.map(filled) ?? name, profile: profile, profilePlace: form.place(of: "profile"),
                link: link, linkPlace: form.place(of: "link"), unit: unit, topic: topic.map(filled), place: place)
        }
    }

    /// `vehicle-{01..12}` is vehicle-01 to vehicle-12; a name without braces is itself. nil where the range is none.
    static func expand(_ name: String) -> [(name: String, number: String)]? {
        guard let open = name.firstIndex(of: "{") else { return name.contains("}") ? nil : [(name, "")] }
        guard let close = name.lastIndex(of: "}"), open < close else { return nil }
        let ends = name[name.index(after: open)..<close].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard ends.count == 3, ends[1].isEmpty, let first = Int(ends[0]), let last = Int(ends[2]), first >= 0, first <= last,
            last - first < 1000
        else { return nil }
        return (first...last).map { number in
            let digits = String(number)
            let padded = String(repeating: "0", count: max(ends[0].count - digits.count, 0)) + digits
            return (name[..<open] + padded + name[name.index(after: close)...], padded)
        }
    }
}
