import FoundationEssentials
import GRDB
import Series
import Telemetry

/// What the store keeps, and for how long.
package struct Retention: Sendable, Hashable {
    /// Samples as they were read.
    package var samples: Duration = .seconds(90 * 86_400)
    /// Least, greatest, mean and last of every minute, and of every hour.
    package var minutes: Duration = .seconds(2 * 365 * 86_400)
    package var hours: Duration = .seconds(10 * 365 * 86_400)
    /// Of the file. What every destination has goes first; what none has yet goes last, and is told.
    package var bytes = 8 << 30

    package init() {}
}

extension Store {
    /// What making room cost.
    struct Clearance: Sendable {
        var journalRows = 0
        var segments = 0
        /// Samples that some destination did not have yet.
        var expired = 0
    }

    /// The bytes in use, without pages that are free for what comes next.
    func bytesInUse() throws -> Int {
        try pool.read { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            return (pages - free) * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096)
        }
    }

    /// Removes rows of the journal that are in the archive and that every destination has settled. The last one stays: it says
    /// where numbers and sums go on.
    func clearJournal(settled: Int64, most: Int) throws -> Int {
        try pool.write { db in
            try db.execute(
                sql: """
                    DELETE FROM journal WHERE seq IN (
                      SELECT seq FROM journal WHERE seq <= ? AND seq < (SELECT max(seq) FROM journal) ORDER BY seq LIMIT ?)
                    """, arguments: [min(settled, try Queries.archived(db)), most])
            return db.changesCount
        }
    }

    /// Removes what is older than it may be, some rows at a time; samples are rolled up before they go.
    func clearArchive(_ kind: Segment.Kind, before day: Int64, most: Int) throws -> Int {
        try pool.write { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT id, is_rolled, shelf, day, payload FROM segment WHERE kind = ? AND day < ? ORDER BY day LIMIT ?",
                arguments: [kind.rawValue, day, most])
            for row in rows {
                if kind == .samples, try !row.decode(Bool.self, atIndex: 1) { try rollUp(row, db) }
                try db.execute(sql: "DELETE FROM segment WHERE id = ?", arguments: [try row.decode(Int64.self, atIndex: 0)])
            }
            return rows.count
        }
    }

    /// The day of the oldest samples in the archive.
    func oldestDay() throws -> Int64? {
        try pool.read { try Int64.fetchOne($0, sql: "SELECT min(day) FROM segment WHERE kind = 0") }
    }

    /// The last rows to go: the oldest of the journal, though not every destination has them.
    /// - Returns: for each destination, the entries that are gone and how many samples of theirs it had not settled.
    func expireJournal(
        most: Int, standings: [String: Standing]
    ) throws -> [(name: String, entries: Range<Int64>, samples: Int)] {
        try pool.write { db in
            guard
                let ends = try Row.fetchOne(
                    db, sql: """
                        SELECT min(seq), max(seq), count(*) FROM (
                          SELECT seq FROM journal WHERE seq < (SELECT max(seq) FROM journal) ORDER BY seq LIMIT ?)
                        """, arguments: [most]), try ends.decode(Int.self, atIndex: 2) > 0
            else { return [] }
            let entries = 0..<(try ends.decode(Int64.self, atIndex: 1)) + 1
            let before = try standings.mapValues { try Queries.pending(db, of: $0) }
            try db.execute(sql: "DELETE FROM journal WHERE seq < ?", arguments: [entries.upperBound])
            return try standings.map { name, standing in
                let samples = (before[name] ?? 0) - (try Queries.pending(db, of: standing))
                var standing = standing
                standing.settle(entries, Outcome(expired: samples))
                // With the rows, or the account would not add up after a crash in between.
                try note(standing, of: name, db)
                return (name, entries, samples)
            }
        }
    }

    private func rollUp(_ row: Row, _ db: Database) throws {
        let source = SegmentRow(
            shelf: try row.decode(Int64.self, atIndex: 2), kind: .samples, day: try row.decode(Int64.self, atIndex: 3),
            first: Timestamp(milliseconds: 0), last: Timestamp(milliseconds: 0), count: 0,
            payload: Array(try row.decode(Data.self, atIndex: 4)))
        var damage: [String] = []
        var samples: [UInt8: Columns] = [:]
        for (place, columns) in Merge.samples(source, &damage) { samples[place, default: Columns()].append(columns) }
        for rollup in Merge.rollups(of: samples, shelf: source.shelf, day: source.day) { _ = try insert(rollup, db) }
    }
}
