import Control
import Documents

extension SiteFile {
    /// `commands: true`, or a mapping of what differs from the defaults; nil where commands are not heard.
    static func commands(_ entry: Form) -> RemoteTerms? {
        guard let node = entry.node["commands"] else { return nil }
        if entry.has("influx") {
            entry.mistakes.add("commands come over MQTT; a destination of 'influx' has none", at: node.place)
            return nil
        }
        guard case .mapping = node.content else { return entry.flag("commands") == true ? RemoteTerms() : nil }
        guard let form = Form(node, "'commands'", keys: ["for", "expires", "per-second"], in: entry.mistakes) else { return nil }
        var terms = RemoteTerms()
        terms.hold = span("for", of: form, days: 7) ?? terms.hold
        terms.expires = span("expires", of: form, days: 1) ?? terms.expires
        terms.perSecond = form.integer("per-second", in: 1...10_000) ?? terms.perSecond
        return terms
    }

    private static func span(_ key: String, of form: Form, days: Int) -> Duration? {
        guard let span = form.duration(key) else { return nil }
        guard span <= .seconds(days * 86_400) else {
            form.mistakes.add("'\(key)' must be \(days)d at most", at: form.place(of: key))
            return nil
        }
        return span
    }
}
