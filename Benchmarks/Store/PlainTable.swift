import GRDB
import Telemetry

/// What anyone would write first: a table of (series, time, value), in the same database, as durable as the journal.
struct PlainTable {
    private let queue: DatabaseQueue
    let path: String

    init(folder: String) throws {
        path = folder + "/plain.db"
        queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                    CREATE TABLE sample (series INTEGER, time INTEGER, value REAL, PRIMARY KEY (series, time)) WITHOUT ROWID
                    """)
        }
    }

    func insert(_ batches: [Batch]) throws {
        try queue.write { db in
            let statement = try db.cachedStatement(sql: "INSERT INTO sample VALUES (?, ?, ?)")
            for batch in batches {
                for sample in batch.samples {
                    statement.setUncheckedArguments([sample.point.index, sample.time.milliseconds, sample.reading.value?.number])
                    try statement.execute()
                }
            }
        }
    }

    func day(of series: Int, from start: Timestamp) throws -> Int {
        try queue.read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: "SELECT time, value FROM sample WHERE series = ? AND time >= ? AND time < ?"),
                arguments: [series, start.milliseconds, start.milliseconds + 86_400_000])
            var count = 0
            while let row = try rows.next() { if row[1] as Double? != nil { count += 1 } }
            return count
        }
    }

    func bytes() throws -> Int { try bytesInUse(of: path, without: nil) }
}

/// The size of a database once it is packed, without a table.
func bytesInUse(of path: String, without table: String?) throws -> Int {
    let queue = try DatabaseQueue(path: path)
    return try queue.writeWithoutTransaction { db in
        if let table { try db.execute(sql: "DELETE FROM \(table)") }
        try db.execute(sql: "VACUUM")
        return (try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
    }
}
