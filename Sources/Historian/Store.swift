import FoundationEssentials
import GRDB
import Synchronization
import Telemetry

/// An open file. Whoever writes is one at a time (the journal's queue); readers are as many as there are.
///
/// All calls block. The mutex guards a few numbers, for an instant: it is never held during a transaction.
final class Store: Sendable {
    /// What the next commit goes on from.
    private struct Progress: Sendable {
        var lastSeq: Int64
        var total: Int64
        /// By the index of `DeviceID`.
        var widest: [Int64]
        var encoder = PayloadEncoder()
    }

    /// What a commit did.
    struct Receipt: Sendable {
        let lastSeq: Int64
        let bytes: Int
    }

    let path: String
    let pool: DatabasePool
    let names: Names
    /// As the file had them when it was opened.
    let positions: [String: Position]
    private let run: Int64
    private let pointIDs: [Int64]
    private let deviceIDs: [Int64]
    private let progress: Mutex<Progress>

    /// Opens the file or creates it, and begins a run in it.
    ///
    /// - Parameter after: the new rows get numbers above it, and above all that the file and its cursors know.
    init(folder: String, directory: Directory, patience: Duration, now: Timestamp, after: Int64) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/" + Schema.fileName
        try Self.judge(path, patience: patience)
        pool = try DatabasePool(path: path, configuration: Self.configuration(patience: patience))
        // The pool itself asks for NORMAL, which may lose commits with the power.
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216")
        }
        let path = path
        let opened = try pool.write { db in
            try Schema.prepare(db, path: path)
            let deviceIDs = try Names.register(devices: directory.devices, in: db)
            let pointIDs = try Names.register(points: directory.points, in: db)
            try db.execute(sql: "INSERT INTO run (started) VALUES (?)", arguments: [now.milliseconds])
            return (
                run: db.lastInsertedRowID, deviceIDs: deviceIDs, pointIDs: pointIDs, names: try Names(db),
                positions: try Queries.positions(db), last: try Queries.last(db), widest: try Self.widest(db, of: deviceIDs)
            )
        }
        (run, pointIDs, deviceIDs, names) = (opened.run, opened.pointIDs, opened.deviceIDs, opened.names)
        positions = opened.positions
        // A cursor may stand beyond the last row, if the file was replaced or emptied: numbers are never used twice.
        let lastSeq = max(opened.last.seq, after, opened.positions.values.map(\.seq).max() ?? 0)
        progress = Mutex(Progress(lastSeq: lastSeq, total: opened.last.total, widest: opened.widest))
    }

    var lastSeq: Int64 { progress.withLock { $0.lastSeq } }

    private static func configuration(patience: Duration) -> Configuration {
        var configuration = Configuration()
        configuration.label = "headgate.store"
        configuration.busyMode = .timeout(patience.seconds)
        // Each connection keeps pages of its own.
        configuration.maximumReaderCount = 3
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -1024") }
        return configuration
    }

    /// Looks before it touches: opening a file to write already changes it.
    private static func judge(_ path: String, patience: Duration) throws {
        guard StoreFile.exists(path) else { return }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(patience.seconds)
        _ = try DatabaseQueue(path: path, configuration: configuration).read { try Schema.judge($0, path: path) }
    }

    private static func widest(_ db: Database, of devices: [Int64]) throws -> [Int64] {
        let statement = try db.makeStatement(sql: "SELECT widest FROM device WHERE id = ?")
        return try devices.map { try Int64.fetchOne(statement, arguments: [$0]) ?? 0 }
    }

    /// Writes all of it or nothing. Durable when it returns.
    func write(_ work: Work) throws -> Receipt {
        var next = progress.withLock { $0 }
        var bytes = 0
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                let row = try db.cachedStatement(sql: Self.insertion)
                for batch in work.batches { bytes += try insert(batch, with: row, &next, db) }
                try insert(work.events, db)
                for (destination, position) in work.positions {
                    try db.cachedStatement(
                        sql: "INSERT OR REPLACE INTO cursor (destination, seq, samples) VALUES (?, ?, ?)"
                    ).execute(arguments: [destination, position.seq, position.samples])
                }
                try account(for: work, db)
                return .commit
            }
        }
        let done = next
        progress.withLock { $0 = done }
        return Receipt(lastSeq: done.lastSeq, bytes: bytes)
    }

    private static let insertion = """
        INSERT INTO journal (seq, device, first_time, last_time, received, count, total, payload)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// Inserts a batch; returns the size of its payload.
    private func insert(_ batch: Batch, with row: Statement, _ next: inout Progress, _ db: Database) throws -> Int {
        guard let first = batch.samples.first else { return 0 }
        next.encoder.encode(
            batch.samples, ids: pointIDs, received: batch.received.wall, isTrusted: batch.received.isTrusted)
        var (earliest, latest) = (first.time, first.time)
        for sample in batch.samples {
            if sample.time < earliest { earliest = sample.time }
            if sample.time > latest { latest = sample.time }
        }
        let device = deviceIDs[batch.device.index]
        let width = latest.since(earliest).wholeMilliseconds
        if width > next.widest[batch.device.index] {
            next.widest[batch.device.index] = width
            try db.execute(sql: "UPDATE device SET widest = ? WHERE id = ?", arguments: [width, device])
        }
        next.lastSeq += 1
        next.total += Int64(batch.samples.count)
        // Eight columns for eight marks: nothing to validate a thousand times a second.
        row.setUncheckedArguments([
            next.lastSeq, device, earliest.milliseconds, latest.milliseconds, batch.received.wall.milliseconds,
            batch.samples.count, next.total, Data(next.encoder.bytes),
        ])
        try row.execute()
        return next.encoder.bytes.count
    }

    private func insert(_ events: [Event], _ db: Database) throws {
        guard !events.isEmpty else { return }
        let statement = try db.cachedStatement(
            sql: "INSERT INTO event (time, kind, subject, origin, text) VALUES (?, ?, ?, ?, ?)")
        for event in events {
            try statement.execute(arguments: [
                event.time.milliseconds, event.kind.rawValue, event.subject, event.origin, event.text,
            ])
        }
    }

    private func account(for work: Work, _ db: Database) throws {
        let lost = work.lost.values.reduce(0, +)
        if work.samples + lost > 0 {
            try db.cachedStatement(sql: "UPDATE run SET produced = produced + ?, stored = stored + ? WHERE id = ?")
                .execute(arguments: [work.samples + lost, work.samples, run])
        }
        for (reason, samples) in work.lost {
            try db.cachedStatement(
                sql: """
                    INSERT INTO loss (run, reason, samples) VALUES (?, ?, ?)
                    ON CONFLICT (run, reason) DO UPDATE SET samples = samples + excluded.samples
                    """
            ).execute(arguments: [run, reason.rawValue, samples])
        }
    }

    /// Notes that the run ended in order.
    func end(at now: Timestamp) throws {
        try pool.write { db in try db.execute(sql: "UPDATE run SET ended = ? WHERE id = ?", arguments: [now.milliseconds, run]) }
    }
}
