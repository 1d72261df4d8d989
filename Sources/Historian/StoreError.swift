/// What a person has to know about a store that cannot be read or written.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    /// The file was written by a later release; reading it might misjudge it, writing it might spoil it.
    case newer(path: String, version: Int)
    /// The file was written by an earlier release, in a form that this one does not read.
    case older(path: String, version: Int)
    /// A database, but of some other program.
    case foreign(path: String)
    /// Nothing could be opened so far.
    case unavailable(reason: String)
    /// A row that is not what was written.
    case damaged(row: Int64, reason: String)

    package var description: String {
        switch self {
        case .newer(let path, let version):
            "\(path) was written by a newer Headgate (format \(version), this one knows \(Schema.version)). "
                + "Start that release, or move the file away."
        case .older(let path, let version):
            "\(path) was written by an older Headgate (format \(version), this one reads \(Schema.version))."
        case .foreign(let path): "\(path) is the database of another program."
        case .unavailable(let reason): "the store is not available: \(reason)"
        case .damaged(let row, let reason): "journal row \(row) is damaged: \(reason)"
        }
    }
}
