import FoundationEssentials
import GRDB
import Series
import Telemetry

/// Samples on their way from the journal, which is in order of arrival, to the archive, which is by point.
extension Store {
    /// Rows that belong together.
    struct Pile: Hashable, Sendable {
        let shelf: Int64
        let kind: Segment.Kind
        let day: Int64
        let level: Int64
    }

    /// What a pass did.
    struct Pass: Sendable {
        var samples = 0
        /// Where rows were added: there may be something to merge.
        var piles: Set<Pile> = []
        var damage: [String] = []
    }

    /// What of the journal is to be archived: up to where, device by device.
    struct Census: Sendable {
        var through: Int64 = 0
        /// By the devices' stored ids, in order of appearance.
        var samples: [(device: Int64, count: Int)] = []
        var damaged: Set<Int64> = []
        var damage: [String] = []

        /// Devices with so many samples together, at most, unless one alone has more.
        func groups(of most: Int) -> [Set<Int64>] {
            var groups: [Set<Int64>] = []
            var room = 0
            for (device, count) in samples {
                if groups.isEmpty || count > room {
                    groups.append([])
                    room = most
                }
                groups[groups.count - 1].insert(device)
                room -= count
            }
            return groups
        }
    }

    /// Samples of the journal that are not in the archive yet; some of them may be, after a crash.
    func unarchived() throws -> Int {
        try pool.read { db in
            Int(clamping: try Queries.last(db).total - Queries.total(db, through: Queries.archived(db)))
        }
    }

    /// Looks through what is committed and not archived, and checks it.
    ///
    /// - Parameter end: the first entry that is not to be archived yet.
    func census(before end: Int64 = .max) throws -> Census {
        var census = Census()
        var places: [Int64: Int] = [:]
        try pool.read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: "SELECT seq, payload FROM journal WHERE seq > ? AND seq < ? ORDER BY seq"),
                arguments: [try Queries.archived(db), end])
            while let row = try rows.next() {
                census.through = try row.decode(Int64.self, atIndex: 0)
                do throws(PayloadError) {
                    var payload = try PayloadDecoder(Queries.bytes(row, 1))
                    while let head = try payload.next() {
                        if let place = places[head.device] {
                            census.samples[place].count += head.count
                        } else {
                            places[head.device] = census.samples.count
                            census.samples.append((head.device, head.count))
                        }
                    }
                } catch {
                    census.damaged.insert(census.through)
                    census.damage.append("journal row \(census.through): \(error.reason)")
                }
            }
        }
        return census
    }

    /// Takes the census's entries of some devices into the archive. All of it or nothing; durable when it returns.
    ///
    /// - Parameter isLast: with these, all devices are done.
    func archive(_ devices: Set<Int64>, of census: Census, isLast: Bool) throws -> Pass {
        var pass = Pass()
        var stack = Stack()
        try pool.read { db in
            var through: [Int64: Int64] = [:]
            for device in devices { through[device] = try Queries.archived(db, device) }
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: "SELECT seq, payload FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq"),
                arguments: [through.values.min() ?? 0, census.through])
            while let row = try rows.next() {
                guard !census.damaged.contains(try row.decode(Int64.self, atIndex: 0)) else { continue }
                do throws(PayloadError) {
                    var payload = try PayloadDecoder(Queries.bytes(row, 1), isChecked: true)
                    while let head = try payload.next() {
                        guard let before = through[head.device], head.seq > before else { continue }
                        pass.samples += head.count
                        try payload.read(head) { point, time, reading throws(PayloadError) in stack.add(point, time, reading) }
                    }
                } catch {
                    pass.damage.append("journal row \((try? row.decode(Int64.self, atIndex: 0)) ?? 0): \(error.reason)")
                }
            }
        }
        let rows = stack.rows()
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                for row in rows { pass.piles.insert(try insert(row, db)) }
                if isLast { try db.execute(sql: "DELETE FROM archive") }
                for device in isLast ? [0] : devices {
                    try db.execute(
                        sql: "INSERT OR REPLACE INTO archive (device, through) VALUES (?, ?)", arguments: [device, census.through])
                }
                return .commit
            }
        }
        return pass
    }

    /// Puts a pile's rows together if there are enough of them.
    func merge(_ pile: Pile) throws -> Pass {
        var pass = Pass()
        let found = try pool.read { db in try self.rows(of: pile, db) }
        guard found.count >= Merge.fan else { return pass }
        let merge = Merge(found.map(\.row))
        pass.damage = merge.damage
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                if let merged = merge.merged, merge.damage.isEmpty {
                    for (id, _) in found { try db.execute(sql: "DELETE FROM segment WHERE id = ?", arguments: [id]) }
                    pass.piles.insert(try insert(merged, db))
                    for row in merge.rollups { pass.piles.insert(try insert(row, db)) }
                } else {
                    // What can be read of them stays readable; they are merged no more.
                    for (id, _) in found { try db.execute(sql: "UPDATE segment SET level = -1 WHERE id = ?", arguments: [id]) }
                }
                return .commit
            }
        }
        return pass
    }

    private func rows(of pile: Pile, _ db: Database) throws -> [(id: Int64, row: SegmentRow)] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT id, first_time, last_time, count, is_rolled, payload FROM segment
                    WHERE shelf = ? AND kind = ? AND day = ? AND level = ? ORDER BY id
                    """), arguments: [pile.shelf, pile.kind.rawValue, pile.day, pile.level])
        return try rows.map { row in
            (
                try row.decode(Int64.self, atIndex: 0),
                SegmentRow(
                    shelf: pile.shelf, kind: pile.kind, level: pile.level, day: pile.day,
                    first: Timestamp(milliseconds: try row.decode(Int64.self, atIndex: 1)),
                    last: Timestamp(milliseconds: try row.decode(Int64.self, atIndex: 2)), count: try row.decode(Int.self, atIndex: 3),
                    isRolled: try row.decode(Bool.self, atIndex: 4), payload: Array(try row.decode(Data.self, atIndex: 5)))
            )
        }
    }

    func insert(_ row: SegmentRow, _ db: Database) throws -> Pile {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO segment (shelf, kind, level, day, first_time, last_time, count, is_rolled, payload)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        statement.setUncheckedArguments([
            row.shelf, row.kind.rawValue, row.level, row.day, row.first.milliseconds, row.last.milliseconds, row.count, row.isRolled,
            Data(row.payload),
        ])
        try statement.execute()
        return Pile(shelf: row.shelf, kind: row.kind, day: row.day, level: row.level)
    }
}
