import FoundationEssentials
import GRDB
import Telemetry

/// What is asked of a file, by the gateway itself and by others that open it. Damaged rows are told, not thrown, so that
/// one of them does not hide the rest; a damaged file throws.
enum Queries {
    static func standings(_ db: Database) throws -> [String: Standing] {
        var standings: [String: Standing] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT destination, settled, acknowledged, refused, unreadable, expired FROM cursor")
        while let row = try rows.next() {
            // A text that is none of ours: the destination begins anew, and gets what it has a second time.
            guard let settled = RangeSet<Int64>(text: try row.decode(String.self, atIndex: 1)) else { continue }
            standings[try row.decode(String.self, atIndex: 0)] = Standing(
                settled: settled,
                samples: Outcome(
                    acknowledged: try row.decode(Int.self, atIndex: 2), refused: try row.decode(Int.self, atIndex: 3),
                    unreadable: try row.decode(Int.self, atIndex: 4), expired: try row.decode(Int.self, atIndex: 5)))
        }
        return standings
    }

    /// The last entry's number, and the samples up to it.
    static func last(_ db: Database) throws -> (seq: Int64, total: Int64) {
        guard let row = try Row.fetchOne(db, sql: "SELECT seq, total FROM journal ORDER BY seq DESC LIMIT 1") else {
            return (0, 0)
        }
        return (try row.decode(Int64.self, atIndex: 0), try row.decode(Int64.self, atIndex: 1))
    }

    /// The samples of all entries up to and with a number, from the beginning of the file. What is no longer in the journal
    /// counts as before any number.
    static func total(_ db: Database, through seq: Int64) throws -> Int64 {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT seq, first, count, total, payload FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1"),
                arguments: [seq])
        else { return try last(db).total }
        let thinned = try thinned(db)
        let isThinned = try row.decode(Int64.self, atIndex: 0) <= thinned.through
        let total = try row.decode(Int64.self, atIndex: 3) &+ (isThinned ? thinned.samples : 0)
        let before = total - (try row.decode(Int64.self, atIndex: 2))
        if try row.decode(Int64.self, atIndex: 0) == seq { return total }
        guard try row.decode(Int64.self, atIndex: 1) <= seq else { return before }
        // A number in the middle of a row. One that cannot be read counts whole when it is passed.
        var sum = before
        do throws(PayloadError) {
            var payload = try PayloadDecoder(bytes(row, 4))
            while let head = try payload.next(), head.seq <= seq { sum += Int64(head.count) }
        } catch { return before }
        return sum
    }

    /// How far the journal is thinned, and what that cost in all: the totals of rows up to there lack it.
    static func thinned(_ db: Database) throws -> (through: Int64, samples: Int64) {
        // A file of an earlier release, read by someone who must not write it.
        guard try db.tableExists("thinned"),
            let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT through, samples FROM thinned"))
        else { return (0, 0) }
        return (try row.decode(Int64.self, atIndex: 0), try row.decode(Int64.self, atIndex: 1))
    }

    /// The samples of the journal that a destination has not settled. What is no longer in the journal is settled, by whatever.
    static func pending(_ db: Database, of standing: Standing) throws -> Int {
        var pending = try last(db).total - total(db, through: 0)
        for range in standing.settled.ranges {
            pending -= try total(db, through: range.upperBound - 1) - total(db, through: range.lowerBound - 1)
        }
        return Int(clamping: pending)
    }

    /// Entries with numbers in the range, in order, until so many entries or samples are there. Goes on past damaged rows.
    static func page(
        _ db: Database, of range: Range<Int64>, entries limit: Int, samples most: Int, names: Names, damaged: (StoreError) -> Void
    ) throws -> Page {
        var page = Page(of: range)
        guard limit > 0, !range.isEmpty else { return page }
        var samples = 0
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT seq, payload, count, first FROM journal WHERE seq >= ? ORDER BY seq"),
            arguments: [range.lowerBound])
        while let row = try rows.next() {
            let seq = try row.decode(Int64.self, atIndex: 0)
            guard try row.decode(Int64.self, atIndex: 3) < range.upperBound else { break }
            do throws(PayloadError) {
                var payload = try PayloadDecoder(bytes(row, 1))
                while let head = try payload.next() {
                    guard head.seq >= range.lowerBound else { continue }
                    guard head.seq < range.upperBound else { break }
                    if page.entries.count == limit || samples > 0 && samples + head.count > most {
                        page.through = head.seq - 1
                        page.isWhole = false
                        return page
                    }
                    page.entries.append(try entry(head, &payload, names))
                    samples += head.count
                }
            } catch {
                damaged(.damaged(row: seq, reason: error.reason))
                page.unreadable += try row.decode(Int.self, atIndex: 2)
                // What of the row was readable before the damage counts as unreadable with the rest.
                let first = try row.decode(Int64.self, atIndex: 3)
                page.entries.removeAll { $0.seq >= first }
            }
        }
        return page
    }

    private static func entry(_ head: PayloadDecoder.Head, _ payload: inout PayloadDecoder, _ names: Names) throws(PayloadError) -> Entry {
        guard let device = names.devices[head.device] else { throw PayloadError(reason: "its device is not known") }
        var samples: [Sample] = []
        samples.reserveCapacity(head.count)
        try payload.read(head) { id, time, reading throws(PayloadError) in
            guard let point = names.point(id) else { throw PayloadError(reason: "its point \(id) is not known") }
            samples.append(Sample(point: point, time: time, reading: reading))
        }
        return Entry(
            seq: head.seq, site: device.site, device: device.name, received: head.received, isTrusted: head.isTrusted,
            samples: samples, labels: names.labels)
    }

    static func events(_ db: Database, after seq: Int64, limit: Int) throws -> [StoredEvent] {
        try events(db, "WHERE seq > ? ORDER BY seq LIMIT ?", [seq, limit])
    }

    /// The newest events, in order of their numbers.
    static func latestEvents(_ db: Database, limit: Int) throws -> [StoredEvent] {
        try events(db, "ORDER BY seq DESC LIMIT ?", [limit]).reversed()
    }

    private static func events(_ db: Database, _ clauses: String, _ arguments: StatementArguments) throws -> [StoredEvent] {
        var events: [StoredEvent] = []
        let sql = "SELECT seq, time, kind, subject, origin, text FROM event \(clauses)"
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() {
            let event = Event(
                time: Timestamp(milliseconds: try row.decode(Int64.self, atIndex: 1)),
                kind: Event.Kind(rawValue: try row.decode(String.self, atIndex: 2)) ?? .gateway,
                subject: try row.decode(String.self, atIndex: 3), origin: try row.decode(String.self, atIndex: 4),
                text: try row.decode(String.self, atIndex: 5))
            events.append(StoredEvent(seq: try row.decode(Int64.self, atIndex: 0), event: event))
        }
        return events
    }

    static func ledger(_ db: Database) throws -> Ledger {
        let totals = try Row.fetchOne(db, sql: "SELECT coalesce(sum(produced), 0), coalesce(sum(stored), 0) FROM run")
        var lost: [String: Int] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT reason, sum(samples) FROM loss GROUP BY reason")
        while let row = try rows.next() { lost[try row.decode(String.self, atIndex: 0)] = try row.decode(Int.self, atIndex: 1) }
        let destinations = try standings(db).sorted { $0.key < $1.key }.map { name, standing in
            Ledger.Destination(name: name, cursor: standing.cursor, samples: standing.samples, pending: try pending(db, of: standing))
        }
        return Ledger(
            produced: try totals?.decode(Int.self, atIndex: 0) ?? 0, stored: try totals?.decode(Int.self, atIndex: 1) ?? 0,
            lost: lost, events: try Int.fetchOne(db, sql: "SELECT count(*) FROM event") ?? 0, destinations: destinations)
    }

    static func bytes(_ row: Row, _ index: Int) throws(PayloadError) -> [UInt8] {
        do { return Array(try row.decode(Data.self, atIndex: index)) } catch { throw PayloadError(reason: "it has no payload") }
    }
}
