import FoundationEssentials
import Historian

extension SiteFile {
    /// What the site asks of the store.
    var storeOptions: Journal.Options {
        var options = Journal.Options(commitInterval: commitInterval)
        options.destinations = destinations.map(\.name)
        options.retention = retention
        options.boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id").map {
            String(decoding: $0.prefix(36), as: UTF8.self)
        }
        return options
    }
}
