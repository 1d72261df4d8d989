import FoundationEssentials
import GRDB
import Synchronization
import Telemetry

/// The journal's rows rewritten with fewer samples. What goes is in the archive already: it is lost only to those who have not
/// got it.
extension Store {
    /// Payloads that are read in one transaction, in bytes: no commit waits longer than it takes to rewrite them.
    private static let bytesAtOnce = 1 << 20

    /// Thins the oldest rows that were not thinned yet. All of it or nothing; durable when it returns.
    ///
    /// - Returns: nil if there is none that may be.
    func thin(besides held: Loans.Held, for destinations: [String], rows most: Int) throws -> Removal? {
        // If this fails, the next attempt knows of no point, and keeps a sample of each too many.
        var thinner = thinner.withLock { kept in
            defer { kept = Thinner() }
            return kept
        }
        var removal: Removal?
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                let before = try Queries.thinned(db)
                var rows = try thinnable(db, after: before.through, before: held.end, most: most)
                guard let last = rows.last else { return .commit }
                var lost = Removal()
                for index in rows.indices { lost.samples += rows[index].thin(&thinner, besides: held.entries) }
                let gone = before.samples &+ rows.reduce(0) { $0 + $1.lost }
                if gone > 0 { try replace(rows, gone: before.samples, db) }
                try db.execute(
                    sql: "INSERT OR REPLACE INTO thinned (id, through, samples) VALUES (1, ?, ?)",
                    arguments: [last.seq, gone])
                try note(lost, for: destinations, db)
                removal = lost
                return .commit
            }
        }
        let done = thinner
        self.thinner.withLock { $0 = done }
        return removal
    }

    /// Rows that are in the archive, but not the last one, which says where numbers and sums go on.
    private func thinnable(_ db: Database, after: Int64, before: Int64, most: Int) throws -> [JournalRow] {
        let found = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT seq, first, first_time, last_time, count, total, payload FROM journal
                    WHERE seq > ? AND seq < ? AND seq <= ? AND seq < (SELECT max(seq) FROM journal) ORDER BY seq LIMIT ?
                    """), arguments: [after, before, try Queries.archived(db), most])
        var rows: [JournalRow] = []
        var bytes = 0
        while bytes < Self.bytesAtOnce, let row = try found.next() {
            rows.append(try JournalRow(row))
            bytes += rows.last?.payload.count ?? 0
        }
        return rows
    }

    /// Takes rows out and puts back what is left of them. Changed in place they would leave half-empty pages, and no more room than
    /// there was.
    ///
    /// - Parameter gone: samples that all rows before these have lost by being thinned.
    private func replace(_ rows: [JournalRow], gone: Int64, _ db: Database) throws {
        guard let first = rows.first, let last = rows.last else { return }
        try db.execute(sql: "DELETE FROM journal WHERE seq BETWEEN ? AND ?", arguments: [first.seq, last.seq])
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO journal (seq, first, first_time, last_time, count, total, payload)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        var gone = gone
        for row in rows {
            gone = gone &+ row.lost
            guard !row.isEmpty else { continue }
            try insert.execute(arguments: [
                row.seq, row.first, row.times.earliest, row.times.latest, row.count, row.total &- gone, Data(row.payload),
            ])
        }
    }

    /// Notes what a removal costs whom: with the rows, or the account would not add up after a crash in between. The file's own
    /// standings are what counts here; what the buffer knows beyond them comes with the next commit.
    func note(_ removal: Removal, for destinations: [String], _ db: Database) throws {
        let standings = try Queries.standings(db)
        for name in Set(destinations).union(standings.keys) {
            var standing = standings[name] ?? Standing()
            standing.lose(removal)
            if standing != standings[name] { try note(standing, of: name, db) }
        }
    }
}
