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
        var encoder = PayloadEncoder()
        /// The spell that the last entry was of, if its time is not known.
        var spell: Spell?
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
    let standings: [String: Standing]
    /// A row's payload ends with the batch that makes it longer than this: what is read again for each part of it stays short.
    private static let mostBytes = 64 << 10

    /// Entries whose times were not known when it was opened.
    let untimed: RangeSet<Int64>
    private let run: Int64
    private let boot: String
    private let pointIDs: [Int64]
    private let deviceIDs: [Int64]
    private let progress: Mutex<Progress>
    /// Goes on where it was, as long as the file is open. One that begins again keeps a sample of each point too many.
    let thinner = Mutex(Thinner())

    /// Opens the file or creates it, and begins a run in it.
    ///
    /// - Parameters:
    ///   - after: the new rows get numbers above it, and above all that the file and its cursors know.
    ///   - boot: where the monotonic clock begins.
    init(
        folder: String, directory: Directory, labels: Labels, patience: Duration, now: Timestamp, after: Int64, boot: String
    ) throws {
        self.boot = boot
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
                run: db.lastInsertedRowID, deviceIDs: deviceIDs, pointIDs: pointIDs, names: try Names(db, ids: pointIDs, known: labels),
                standings: try Queries.standings(db), last: try Queries.last(db), untimed: try Store.untimed(db)
            )
        }
        (run, pointIDs, deviceIDs, names) = (opened.run, opened.pointIDs, opened.deviceIDs, opened.names)
        standings = opened.standings
        untimed = opened.untimed
        // A cursor may stand beyond the last row, if the file was replaced or emptied: numbers are never used twice.
        let lastSeq = max(opened.last.seq, after, opened.standings.values.map(\.last).max() ?? 0)
        progress = Mutex(Progress(lastSeq: lastSeq, total: opened.last.total))
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

    /// Writes all of it or nothing. Durable when it returns.
    func write(_ work: Work) throws -> Receipt {
        var next = progress.withLock { $0 }
        var bytes = 0
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                bytes += try insert(work.batches, &next, db)
                try note(spells(in: work.batches, &next), db)
                try insert(work.events, db)
                for (destination, standing) in work.standings { try note(standing, of: destination, db) }
                try account(for: work, db)
                return .commit
            }
        }
        let done = next
        progress.withLock { $0 = done }
        return Receipt(lastSeq: done.lastSeq, bytes: bytes)
    }

    /// Writes rows of whole batches; returns the size of their payloads.
    private func insert(_ batches: [Numbered], _ next: inout Progress, _ db: Database) throws -> Int {
        var (bytes, first, count) = (0, 0, 0)
        for (index, entry) in batches.enumerated() {
            next.encoder.add(entry.batch, seq: entry.seq, device: deviceIDs[entry.batch.device.index], ids: pointIDs)
            count += entry.batch.samples.count
            guard next.encoder.size >= Self.mostBytes || index == batches.count - 1 else { continue }
            let payload = next.encoder.finish()
            next.total += Int64(count)
            next.lastSeq = entry.seq
            let times = Self.times(of: batches[first...index])
            // Seven columns for seven marks: nothing to validate at each commit.
            let row = try db.cachedStatement(
                sql: """
                    INSERT INTO journal (seq, first, first_time, last_time, count, total, payload)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """)
            row.setUncheckedArguments([
                entry.seq, batches[first].seq, times.lowerBound.milliseconds, times.upperBound.milliseconds, count, next.total,
                Data(payload),
            ])
            try row.execute()
            bytes += payload.count
            (first, count) = (index + 1, 0)
        }
        return bytes
    }

    /// What of the batches was received while the clock could not be trusted.
    private func spells(in batches: [Numbered], _ next: inout Progress) -> [Spell] {
        var spells: [Spell] = []
        for entry in batches {
            let received = entry.batch.received
            guard !received.isTrusted else {
                next.spell = nil
                continue
            }
            let base = ClockBase(received, boot: boot)
            if next.spell?.base.isSame(as: base) == true {
                next.spell?.last = entry.seq
                next.spell?.until = received.wall
                if !spells.isEmpty { spells.removeLast() }
            } else {
                next.spell = Spell(first: entry.seq, last: entry.seq, base: base, until: received.wall)
            }
            if let spell = next.spell { spells.append(spell) }
        }
        return spells
    }

    static func times(of batches: ArraySlice<Numbered>) -> ClosedRange<Timestamp> {
        var (earliest, latest) = (Timestamp(milliseconds: .max), Timestamp(milliseconds: .min))
        for entry in batches {
            for sample in entry.batch.samples {
                if sample.time < earliest { earliest = sample.time }
                if sample.time > latest { latest = sample.time }
            }
        }
        return earliest <= latest ? earliest...latest : Timestamp(milliseconds: 0)...Timestamp(milliseconds: 0)
    }

    func note(_ standing: Standing, of destination: String, _ db: Database) throws {
        let row = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO cursor (destination, settled, acknowledged, refused, unreadable, expired)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
        row.setUncheckedArguments([
            destination, standing.settled.text, standing.samples.acknowledged, standing.samples.refused,
            standing.samples.unreadable, standing.samples.expired,
        ])
        try row.execute()
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
