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

    /// Removes rows of the journal that are in the archive and that every destination has settled, according to the file: what is
    /// not committed yet may be forgotten. The last one stays: it says where numbers and sums go on.
    func clearJournal(for destinations: [String], most: Int) throws -> Int {
        try pool.write { db in
            let standings = try Queries.standings(db)
            let settled = destinations.map { standings[$0]?.cursor ?? 0 }.min() ?? .max
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
    ///
    /// - Parameter pages: entries that are being sent, and settled many at once. Rows with one of them stay.
    /// - Returns: nil if there is none that may go.
    func expireJournal(most: Int, besides pages: RangeSet<Int64>, for destinations: [String]) throws -> Removal? {
        try pool.write { db in
            var removal = Removal()
            var gone: [Int64] = []
            // The limit is for a reader who has asked for a long range and does not know yet how little of it he gets.
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT seq, first, count, payload FROM journal WHERE seq < (SELECT max(seq) FROM journal) ORDER BY seq LIMIT 10000
                    """)
            var start: Int64 = 0
            while gone.count < most, let row = try rows.next() {
                let last = try row.decode(Int64.self, atIndex: 0)
                let first = min(try row.decode(Int64.self, atIndex: 1), last)
                defer { start = max(start, last + 1) }
                guard pages.isDisjoint(RangeSet(first..<last + 1)) else { continue }
                gone.append(last)
                removal.samples += try Self.counts(row, last)
                removal.entries.insert(contentsOf: min(start, last)..<last + 1)
            }
            for row in gone { try db.execute(sql: "DELETE FROM journal WHERE seq = ?", arguments: [row]) }
            try note(removal, for: destinations, db)
            return gone.isEmpty ? nil : removal
        }
    }

    /// The samples of a row, by entry; those of one that cannot be read are its last entry's.
    private static func counts(_ row: Row, _ last: Int64) throws -> [(entry: Int64, count: Int)] {
        var counts: [(entry: Int64, count: Int)] = []
        do throws(PayloadError) {
            var payload = try PayloadDecoder(Queries.bytes(row, 3))
            while let head = try payload.next() { counts.append((head.seq, head.count)) }
        } catch { return [(last, try row.decode(Int.self, atIndex: 2))] }
        return counts
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
