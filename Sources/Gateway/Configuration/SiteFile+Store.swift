import Historian

extension SiteFile {
    /// What the site asks of the store.
    var storeOptions: Journal.Options {
        var options = Journal.Options(commitInterval: commitInterval)
        options.destinations = destinations.map(\.name)
        options.retention = retention
        return options
    }
}
