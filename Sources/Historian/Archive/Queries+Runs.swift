import GRDB
import Series
import Telemetry

/// When the gateway itself was not there.
extension Queries {
    /// A gateway that runs stores something within this time, if only the news that it has lost its devices.
    private static let quiet = Duration.seconds(120)

    /// What of some gaps was for want of a gateway, in order of time. A run that did not end in order ended with the last that was
    /// stored before the next began.
    ///
    /// - Parameter isRunning: it is the gateway itself that asks.
    static func absences(_ db: Database, _ gaps: [Past.Gap], isRunning: Bool) throws -> [Past.Absence] {
        guard let first = gaps.first, let last = gaps.last else { return [] }
        var absences: [Past.Absence] = []
        let begin = try beginning(db)
        if begin > first.from { absences.append(Past.Absence(from: first.from, to: min(begin, last.to), why: .noRecords)) }
        let rows = try Row.fetchAll(db, sql: "SELECT started, ended FROM run ORDER BY id DESC LIMIT 10000")
        let runs = try rows.reversed().map { row in
            (started: try row.decode(Int64.self, atIndex: 0), ended: try row.decode(Int64?.self, atIndex: 1))
        }
        var latest = begin
        for (index, run) in runs.enumerated() {
            let next = index + 1 < runs.count ? Timestamp(milliseconds: runs[index + 1].started) : last.to
            // Nothing good can lie between two runs: where they matter, one gap spans the time between them.
            guard gaps.contains(where: { $0.from < next && next <= $0.to }) else { continue }
            let started = Timestamp(milliseconds: run.started)
            var ended = try run.ended.map(Timestamp.init(milliseconds:)) ?? evidence(db, from: started, before: next)
            ended = max(ended, latest)
            // The latest run may be at work: bad samples are stored once, and a county whose devices are all gone is a quiet one.
            let isQuiet = next.since(ended) > quiet && last.why == .silent && !isRunning
            if index + 1 == runs.count, run.ended == nil, !isQuiet { continue }
            guard ended < next else { continue }
            absences.append(Past.Absence(from: ended, to: next, why: .gatewayDown))
            latest = next
        }
        return absences
    }

    /// Before it there are no records: the first run, or the oldest day that is kept.
    private static func beginning(_ db: Database) throws -> Timestamp {
        let started = try Int64.fetchOne(db, sql: "SELECT min(started) FROM run") ?? .min
        let days = try Segment.Kind.allCases.compactMap {
            try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(day) FROM segment WHERE kind = ?"), arguments: [$0.rawValue])
        }
        let (oldest, overflow) = (days.min() ?? .min).multipliedReportingOverflow(by: Stack.day)
        return Timestamp(milliseconds: overflow ? started : max(started, oldest))
    }

    /// The latest time that anything stored tells of, of any point.
    private static func evidence(_ db: Database, from: Timestamp, before: Timestamp) throws -> Timestamp {
        let span: StatementArguments = [from.milliseconds, before.milliseconds - 1]
        var found = [from.milliseconds]
        func look(_ sql: String, _ arguments: StatementArguments) throws {
            if let time = try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) { found.append(time) }
        }
        let archived: StatementArguments = [try archived(db)]
        try look("SELECT max(last_time) FROM journal WHERE seq > ? AND last_time BETWEEN ? AND ?", archived + span)
        try look("SELECT max(first_time) FROM journal WHERE seq > ? AND first_time BETWEEN ? AND ?", archived + span)
        let days: StatementArguments = [Stack.day(of: from), Stack.day(of: before)]
        for kind in [Segment.Kind.samples, .minutes] {
            try look(
                """
                SELECT max(last_time) FROM (
                  SELECT last_time FROM segment WHERE kind = ? AND day BETWEEN ? AND ? AND last_time BETWEEN ? AND ?
                  ORDER BY day DESC LIMIT 1000)
                """, [kind.rawValue] + days + span)
        }
        if let time = try straddling(db, before: before), time > from { found.append(time.milliseconds) }
        return Timestamp(milliseconds: found.max() ?? from.milliseconds)
    }

    /// What some rows know that begin before a moment and end after it.
    private static func straddling(_ db: Database, before: Timestamp) throws -> Timestamp? {
        let payloads = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT payload FROM segment WHERE kind = 60 AND day = ? AND first_time < ? AND last_time >= ? LIMIT 8"),
            arguments: [Stack.day(of: before), before.milliseconds, before.milliseconds])
        var latest: Timestamp?
        while let row = try payloads.next() {
            // What cannot be read is no evidence; whoever reads it for its samples says so.
            guard let parts = try? Segment.decode(bytes(row, 0)) else { continue }
            for part in parts {
                for rollup in (try? RollupRun.decode(Array(part.bytes))) ?? [] {
                    let time = rollup.last?.time ?? rollup.start
                    if time < before { latest = max(latest ?? time, time) }
                }
            }
        }
        return latest
    }
}
