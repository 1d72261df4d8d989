import GRDB
package import Telemetry

/// The same file, read by another process: `headgate history`, reports. Changes nothing, and is not in the gateway's way.
package final class HistoryReader: Sendable {
    let queue: DatabaseQueue

    /// - Throws: if there is no such file, or it is not a Headgate's.
    package init(folder: String) throws {
        let path = "\(folder)/\(Schema.fileName)"
        guard StoreFile.exists(path) else { throw StoreError.unavailable(reason: "there is no \(path)") }
        do {
            queue = try Self.open(path, isReadOnly: true)
        } catch let error as DatabaseError where [.SQLITE_READONLY, .SQLITE_CANTOPEN].contains(error.resultCode) {
            // What a crash left half done must be undone before anyone can read, and that is to write.
            queue = try Self.open(path, isReadOnly: false)
        }
    }

    private static func open(_ path: String, isReadOnly: Bool) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA query_only = 1") }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { db in
            guard try Schema.judge(db, path: path) else { throw StoreError.foreign(path: path) }
        }
        return queue
    }

    /// All points the file knows, by name.
    package func points() throws -> [StoredPoint] {
        try queue.read { try Names.points(in: $0) }
    }

    /// As `Journal.history`.
    package func history(of point: PointName, from: Timestamp, to: Timestamp, limit: Int) throws -> [StoredSample] {
        try queue.read { db in
            try Queries.history(db, of: point, from: from, to: to, limit: limit, names: Names(db), damaged: { _ in })
        }
    }

    /// As `Journal.read`.
    package func read(after seq: Int64, limit: Int) throws -> [Entry] {
        try queue.read { db in
            guard seq < .max else { return [] }
            return try Queries.page(
                db, of: seq + 1..<Int64.max, entries: limit, samples: .max, names: Names(db), damaged: { _ in }
            ).entries
        }
    }

    package func events(after seq: Int64, limit: Int) throws -> [StoredEvent] {
        try queue.read { try Queries.events($0, after: seq, limit: limit) }
    }

    package func latestEvents(limit: Int) throws -> [StoredEvent] {
        try queue.read { try Queries.latestEvents($0, limit: limit) }
    }

    /// Produced, stored and lost samples, and where each destination stands.
    package func ledger() throws -> Ledger { try queue.read { try Queries.ledger($0) } }
}
