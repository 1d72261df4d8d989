import FoundationEssentials
import GRDB
import Series
import Telemetry

/// The past of one point: what is in the archive, and what the journal has since.
extension Queries {
    /// Every entry up to it is in the archive.
    static func archived(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT through FROM archive WHERE device = 0")) ?? 0
    }

    /// Every entry of a device up to it is in the archive.
    static func archived(_ db: Database, _ device: Int64) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT max(through) FROM archive WHERE device IN (0, ?)"), arguments: [device]) ?? 0
    }

    /// A point's samples with source times in the range, by source time, the first ones if there are more than the limit. Those
    /// of one time come in any order.
    static func history(
        _ db: Database, of name: PointName, from: Timestamp, to: Timestamp, limit: Int, names: Names,
        damaged: (StoreError) -> Void
    ) throws -> [StoredSample] {
        let ids = try Names.ids(of: name, in: db)
        guard limit > 0, from <= to, !ids.isEmpty else { return [] }
        var samples: [StoredSample] = []
        for id in ids.sorted() {
            guard let point = names.point(id) else { continue }
            let label = names.labels[point]
            var own = Columns()
            try archived(db, id, from: from, to: to, limit: limit, into: &own, damaged: damaged)
            samples.reserveCapacity(samples.count + own.count)
            own.forEach { samples.append(StoredSample(label, time: $0, reading: $1)) }
        }
        try recent(db, ids: ids, of: name, from: from, to: to, names: names, damaged: damaged) { label, time, reading in
            samples.append(StoredSample(label, time: time, reading: reading))
        }
        let ordered = sorted(samples)
        return ordered.count <= limit ? ordered : Array(ordered.prefix(limit))
    }

    /// The archive's samples in the range, row by row. Ends after the day in which the limit was reached.
    private static func archived(
        _ db: Database, _ id: Int64, from: Timestamp, to: Timestamp, limit: Int, into columns: inout Columns,
        damaged: (StoreError) -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT id, day, payload, first_time, last_time FROM segment
                    WHERE shelf = ? AND kind = 0 AND day BETWEEN ? AND ? AND first_time <= ? AND last_time >= ?
                    ORDER BY day, first_time, id
                    """),
            arguments: [Segment.shelf(of: id), Stack.day(of: from), Stack.day(of: to), to.milliseconds, from.milliseconds])
        var day: Int64?
        while let row = try rows.next() {
            let next = try row.decode(Int64.self, atIndex: 1)
            if day != next, columns.count >= limit { return }
            day = next
            let place = Segment.place(of: id)
            let isWithin =
                try row.decode(Int64.self, atIndex: 3) >= from.milliseconds && row.decode(Int64.self, atIndex: 4) <= to.milliseconds
            do throws(PayloadError) {
                for part in try Segment.decode(bytes(row, 2)) where part.place == place {
                    let chunk: Columns
                    do throws(ChunkError) { chunk = try Chunk.decode(Array(part.bytes)) } catch {
                        throw PayloadError(reason: "\(error)")
                    }
                    if isWithin {
                        columns.append(chunk)
                    } else {
                        chunk.forEach { time, reading in if from <= time, time <= to { columns.append(time, reading) } }
                    }
                }
            } catch {
                damaged(.damaged(row: try row.decode(Int64.self, atIndex: 0), reason: error.reason))
            }
        }
    }

    /// Samples in the range that the archive does not have yet, in order of arrival.
    static func recent(
        _ db: Database, ids: Set<Int64>, of name: PointName, from: Timestamp, to: Timestamp, names: Names,
        damaged: (StoreError) -> Void, _ body: (PointLabel, Timestamp, Reading) -> Void
    ) throws {
        guard let device = names.device(site: name.site, name: name.device) else { return }
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT seq, payload FROM journal WHERE seq > ? AND last_time >= ? AND first_time <= ? ORDER BY seq"),
            arguments: [try archived(db, device), from.milliseconds, to.milliseconds])
        while let row = try rows.next() {
            do throws(PayloadError) {
                var payload = try PayloadDecoder(bytes(row, 1))
                while let head = try payload.next() {
                    guard head.device == device else { continue }
                    try payload.read(head) { id, time, reading throws(PayloadError) in
                        guard ids.contains(id), from <= time, time <= to, let point = names.point(id) else { return }
                        body(names.labels[point], time, reading)
                    }
                }
            } catch {
                damaged(.damaged(row: try row.decode(Int64.self, atIndex: 0), reason: error.reason))
            }
        }
    }

    /// By source time; those of one time stay in their order.
    private static func sorted(_ samples: [StoredSample]) -> [StoredSample] {
        if samples.indices.dropFirst().allSatisfy({ samples[$0 - 1].time <= samples[$0].time }) { return samples }
        return samples.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
}
