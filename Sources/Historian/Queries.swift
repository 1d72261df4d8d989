import FoundationEssentials
import GRDB
import Telemetry

/// What is asked of a file, by the gateway itself and by others that open it. Damaged rows are told, not thrown, so that
/// one of them does not hide the rest; a damaged file throws.
enum Queries {
    static func positions(_ db: Database) throws -> [String: Position] {
        var positions: [String: Position] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT destination, seq, samples FROM cursor")
        while let row = try rows.next() {
            positions[try row.decode(String.self, atIndex: 0)] = Position(
                seq: try row.decode(Int64.self, atIndex: 1), samples: try row.decode(Int.self, atIndex: 2))
        }
        return positions
    }

    /// The last row's number, and the samples up to it.
    static func last(_ db: Database) throws -> (seq: Int64, total: Int64) {
        try total(db, through: .max)
    }

    /// The last row up to a number, and the samples up to it.
    static func total(_ db: Database, through seq: Int64) throws -> (seq: Int64, total: Int64) {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT seq, total FROM journal WHERE seq <= ? ORDER BY seq DESC LIMIT 1", arguments: [seq])
        else { return (0, 0) }
        return (try row.decode(Int64.self, atIndex: 0), try row.decode(Int64.self, atIndex: 1))
    }

    /// Entries after a number, in order. Goes on past damaged rows: an empty answer means that there is nothing more.
    static func entries(
        _ db: Database, after seq: Int64, limit: Int, names: Names, damaged: (StoreError) -> Void
    ) throws -> [Entry] {
        guard limit > 0 else { return [] }
        var entries: [Entry] = []
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT seq, received, payload, device FROM journal WHERE seq > ? ORDER BY seq"),
            arguments: [seq])
        while entries.count < limit, let row = try rows.next() {
            let seq = try row.decode(Int64.self, atIndex: 0)
            do throws(PayloadError) {
                entries.append(try entry(row, seq: seq, names: names))
            } catch {
                damaged(.damaged(row: seq, reason: error.reason))
            }
        }
        return entries
    }

    private static func entry(_ row: Row, seq: Int64, names: Names) throws(PayloadError) -> Entry {
        guard let device = names.devices[try column(row, 3)] else { throw PayloadError(reason: "its device is not known") }
        let received = Timestamp(milliseconds: try column(row, 1))
        var payload = try PayloadDecoder(bytes(row, 2), received: received)
        var samples: [StoredSample] = []
        samples.reserveCapacity(payload.count)
        while let item = try payload.next() { samples.append(try sample(item, names)) }
        return Entry(
            seq: seq, site: device.site, device: device.name, received: received, isTrusted: payload.isTrusted, samples: samples)
    }

    private static func sample(_ item: PayloadDecoder.Item, _ names: Names) throws(PayloadError) -> StoredSample {
        guard let label = names.label(of: item.point) else { throw PayloadError(reason: "its point \(item.point) is not known") }
        return StoredSample(label, time: item.time, reading: item.reading)
    }

    /// A point's samples with source times in the range, by source time, the first ones if there are more than the limit.
    static func history(
        _ db: Database, of name: PointName, from: Timestamp, to: Timestamp, limit: Int, names: Names,
        damaged: (StoreError) -> Void
    ) throws -> [StoredSample] {
        let ids = names.ids(of: name)
        guard limit > 0, from <= to, !ids.isEmpty, let device = names.device(site: name.site, name: name.device) else {
            return []
        }
        let widest = try Int64.fetchOne(db, sql: "SELECT widest FROM device WHERE id = ?", arguments: [device]) ?? 0
        let (lowest, underflow) = from.milliseconds.subtractingReportingOverflow(widest)
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT seq, received, payload, first_time FROM journal
                    WHERE device = ? AND first_time BETWEEN ? AND ? AND last_time >= ? ORDER BY first_time, seq
                    """),
            arguments: [device, underflow ? .min : lowest, to.milliseconds, from.milliseconds])
        var samples: [StoredSample] = []
        var isSorted = true
        while let row = try rows.next() {
            let seq = try row.decode(Int64.self, atIndex: 0)
            if samples.count / 2 >= limit || isSorted && samples.count >= limit {
                if !isSorted { samples = sorted(samples) }
                isSorted = true
                samples.removeLast(samples.count - limit)
                // All that follows begins no earlier than this row: nothing of it belongs before the last one here.
                if let last = samples.last, try row.decode(Int64.self, atIndex: 3) >= last.time.milliseconds { break }
            }
            do throws(PayloadError) {
                var payload = try PayloadDecoder(bytes(row, 2), received: Timestamp(milliseconds: column(row, 1)))
                while let item = try payload.next() {
                    guard ids.contains(item.point), from <= item.time, item.time <= to else { continue }
                    if let last = samples.last, item.time < last.time { isSorted = false }
                    samples.append(try sample(item, names))
                }
            } catch {
                damaged(.damaged(row: seq, reason: error.reason))
            }
        }
        return Array((isSorted ? samples : sorted(samples)).prefix(limit))
    }

    /// By source time; those of one time stay in their order.
    private static func sorted(_ samples: [StoredSample]) -> [StoredSample] {
        samples.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
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
        let last = Int(clamping: try last(db).total)
        let destinations = try positions(db).sorted { $0.key < $1.key }.map { name, position in
            let passed = Int(clamping: try total(db, through: position.seq).total)
            return Ledger.Destination(
                name: name, cursor: position.seq, acknowledged: position.samples, pending: last - passed,
                dropped: passed - position.samples)
        }
        return Ledger(
            produced: try totals?.decode(Int.self, atIndex: 0) ?? 0, stored: try totals?.decode(Int.self, atIndex: 1) ?? 0,
            lost: lost, events: try Int.fetchOne(db, sql: "SELECT count(*) FROM event") ?? 0, destinations: destinations)
    }

    private static func column(_ row: Row, _ index: Int) throws(PayloadError) -> Int64 {
        do { return try row.decode(Int64.self, atIndex: index) } catch { throw PayloadError(reason: "a column is not a number") }
    }

    private static func bytes(_ row: Row, _ index: Int) throws(PayloadError) -> [UInt8] {
        do { return Array(try row.decode(Data.self, atIndex: index)) } catch { throw PayloadError(reason: "it has no payload") }
    }
}
