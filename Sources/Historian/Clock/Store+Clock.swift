import FoundationEssentials
import GRDB
import Telemetry

/// Times that were wrong are put right in the rows themselves, so that nobody who reads them later need know.
extension Store {
    struct Repair: Sendable {
        /// Everything up to and with this entry is right now.
        let through: Int64
        let samples: Int
    }

    /// The entries whose times are not known yet.
    static func untimed(_ db: Database) throws -> RangeSet<Int64> {
        var entries = RangeSet<Int64>()
        for spell in try spells(db) where spell.first <= spell.last { entries.insert(contentsOf: spell.first..<spell.last &+ 1) }
        return entries
    }

    func note(_ spells: [Spell], _ db: Database) throws {
        for spell in spells {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO untimed (first, last, base, boot, until) VALUES (?, ?, ?, ?, ?)")
                .execute(arguments: [spell.first, spell.last, spell.base.milliseconds, spell.base.boot, spell.until.milliseconds])
        }
    }

    /// Puts some rows of the oldest spell right. All of it or nothing; durable when it returns.
    /// - Returns: nil if there is nothing left to do.
    func putRight(_ truth: ClockBase, rows most: Int) throws -> Repair? {
        var repair: Repair?
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                guard let spell = try Self.spells(db).first else { return .commit }
                let rows = try Row.fetchAll(
                    db, sql: "SELECT seq, payload FROM journal WHERE seq >= ? AND first <= ? ORDER BY seq LIMIT ?",
                    arguments: [spell.first, spell.last, most])
                var samples = 0
                for row in rows { samples += try putRight(row, spell, truth, db) }
                let through = rows.count < most ? spell.last : try rows.last?.decode(Int64.self, atIndex: 0) ?? spell.last
                try db.execute(sql: "DELETE FROM untimed WHERE first = ?", arguments: [spell.first])
                if through < spell.last {
                    try note([Spell(first: through + 1, last: spell.last, base: spell.base, until: spell.until)], db)
                }
                repair = Repair(through: min(through, spell.last), samples: samples)
                return .commit
            }
        }
        return repair
    }

    private static func spells(_ db: Database) throws -> [Spell] {
        try Row.fetchAll(db, sql: "SELECT first, last, base, boot, until FROM untimed ORDER BY first").map { row in
            Spell(
                first: try row.decode(Int64.self, atIndex: 0), last: try row.decode(Int64.self, atIndex: 1),
                base: ClockBase(milliseconds: try row.decode(Int64.self, atIndex: 2), boot: try row.decode(String.self, atIndex: 3)),
                until: Timestamp(milliseconds: try row.decode(Int64.self, atIndex: 4)))
        }
    }

    /// A damaged row stays as it is, and is told when it is read.
    private func putRight(_ row: Row, _ spell: Spell, _ truth: ClockBase, _ db: Database) throws -> Int {
        let shift = spell.shift(to: truth)
        var encoder = PayloadEncoder()
        var samples = 0
        var batches: [Numbered] = []
        do throws(PayloadError) {
            var payload = try PayloadDecoder(Queries.bytes(row, 1))
            while let head = try payload.next() {
                var batch = try Self.batch(head, &payload)
                if !head.isTrusted, (spell.first...spell.last).contains(head.seq) {
                    batch = batch.moved(by: shift.milliseconds, isExact: shift.isExact)
                    samples += head.count
                }
                encoder.add(batch, seq: head.seq, device: head.device, ids: nil)
                batches.append(Numbered(seq: head.seq, batch: batch))
            }
        } catch { return 0 }
        let times = Self.times(of: batches[...])
        try db.execute(
            sql: "UPDATE journal SET first_time = ?, last_time = ?, payload = ? WHERE seq = ?",
            arguments: [
                times.lowerBound.milliseconds, times.upperBound.milliseconds, Data(encoder.finish()),
                try row.decode(Int64.self, atIndex: 0),
            ])
        return samples
    }

    /// A batch whose points are known by their stored ids.
    static func batch(_ head: PayloadDecoder.Head, _ payload: inout PayloadDecoder) throws(PayloadError) -> Batch {
        var samples: [Sample] = []
        samples.reserveCapacity(head.count)
        try payload.read(head) { point, time, reading throws(PayloadError) in
            guard let index = Int(exactly: point) else { throw PayloadError(reason: "its point \(point) is not known") }
            samples.append(Sample(point: PointID(index: index), time: time, reading: reading))
        }
        let received = Moment(monotonic: .zero, wall: head.received, isTrusted: head.isTrusted)
        return Batch(device: DeviceID(index: 0), received: received, samples: samples)
    }
}
