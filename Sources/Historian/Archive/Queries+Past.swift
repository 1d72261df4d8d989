import GRDB
import Series
import Telemetry

/// A point's past in rows, from whatever is exact and least to read.
///
/// A day's minutes and hours in the archive, with its samples that are not rolled up yet and those of the journal, say the same as
/// all its samples do; but they do not know the moment of a sample. So samples are read for spans of a few days, for rows of
/// seconds, and where the span cuts a minute; minutes for longer spans; hours for spans of seasons with rows of hours or days. Of
/// days whose samples retention has removed, minutes; of those before, hours.
extension Queries {
    /// Up to so long all is read as samples.
    private static let spanOfSamples = Duration.seconds(2 * 86_400)
    /// Up to so long gaps are told to the minute.
    private static let spanOfMinutes = Duration.seconds(62 * 86_400)

    /// One past for each unit that the point had in the span; one without a good sample if there is nothing.
    static func past(
        _ db: Database, _ question: PastQuestion, names: Names, isRunning: Bool, damaged: (StoreError) -> Void
    ) throws -> [Past] {
        let edges = try question.step?.edges(from: question.from, to: question.to, limit: question.limit, offset: question.offset) ?? []
        var units: [String] = []
        var gatherings: [String: Gathering] = [:]
        let ids = try Names.ids(of: question.point, in: db).sorted()
        for id in ids {
            guard let unit = names.point(id).map({ names.labels[$0].unit }) else { continue }
            if gatherings[unit] == nil { units.append(unit) }
            var gathering = gatherings[unit] ?? Gathering(from: question.from, to: question.to)
            try gather(db, id, question, edges, into: &gathering, damaged: damaged)
            gatherings[unit] = gathering
        }
        var fresh: [String: Columns] = [:]
        let last = question.to.advanced(by: .milliseconds(-1))
        try recent(db, ids: Set(ids), of: question.point, from: question.from, to: last, names: names, damaged: damaged) {
            fresh[$0.unit, default: Columns()].append($1, $2)
        }
        for (unit, columns) in fresh { gatherings[unit]?.add(columns) }
        let known = units.filter { gatherings[$0]?.isEmpty == false }
        return try (known.isEmpty ? [units.last ?? ""] : known).map { unit in
            let gathering = gatherings[unit] ?? Gathering(from: question.from, to: question.to)
            let past = gathering.past(
                of: question.point, unit: unit, edges: edges, silence: question.silence, isWeighted: question.isFromSamples)
            guard !past.gaps.isEmpty else { return past }
            return past.explained(by: try absences(db, past.gaps, isRunning: isRunning), from: question.from, to: question.to)
        }
    }

    /// What of a day there is on a shelf.
    private struct Stock {
        var samples = 0
        /// Those of them that are in the rollups too.
        var rolled = 0
        var minutes = 0
        var hours = 0

        /// The best to read: samples for who needs them, unless some are gone.
        func choice(needsSamples: Bool, takesHours: Bool) -> Segment.Kind {
            let isWhole = rolled >= max(minutes, hours)
            if isWhole, needsSamples || samples == 0 && minutes == 0 { return .samples }
            if minutes >= max(rolled, hours), minutes > 0 { return takesHours && hours >= minutes ? .hours : .minutes }
            return !isWhole && hours > 0 ? .hours : .samples
        }
    }

    private static func gather(
        _ db: Database, _ id: Int64, _ question: PastQuestion, _ edges: [Int64], into gathering: inout Gathering,
        damaged: (StoreError) -> Void
    ) throws {
        let (from, to) = (question.from, question.to.advanced(by: .milliseconds(-1)))
        let isShort = question.to.since(question.from) <= spanOfSamples
        let fitsMinutes = edges.allSatisfy { $0.isMultiple(of: 60_000) } && !question.isFromSamples && question.step != nil
        let takesHours = question.to.since(question.from) > spanOfMinutes && edges.allSatisfy { $0.isMultiple(of: 3_600_000) }
        // Where the span begins and ends within a minute (an hour, for those who read hours), that day's samples are needed.
        let grain: Int64 = takesHours ? 3_600_000 : 60_000
        let cut = Set([question.from, question.to].filter { !$0.milliseconds.isMultiple(of: grain) }.map(Stack.day(of:)))
        for (day, stock) in try stocks(db, id, from: Stack.day(of: from), to: Stack.day(of: to)) {
            let needsSamples = isShort || !fitsMinutes || cut.contains(day)
            let kind = stock.choice(needsSamples: needsSamples, takesHours: takesHours)
            let span = (first: from, last: to)
            if kind != .samples {
                try each(db, id, day: day, kind, isFresh: false, span, damaged) { bytes throws(ChunkError) in
                    for rollup in try RollupRun.decode(bytes) { gathering.add(rollup, length: .seconds(kind.rawValue)) }
                }
            }
            try each(db, id, day: day, .samples, isFresh: kind != .samples, span, damaged) { bytes throws(ChunkError) in
                gathering.add(try Chunk.decode(bytes))
            }
        }
    }

    private static func stocks(_ db: Database, _ id: Int64, from: Int64, to: Int64) throws -> [(day: Int64, stock: Stock)] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT day, kind, is_rolled, sum(count) FROM segment
                    WHERE shelf = ? AND kind IN (0, 60, 3600) AND day BETWEEN ? AND ? GROUP BY day, kind, is_rolled
                    """), arguments: [Segment.shelf(of: id), from, to])
        var stocks: [Int64: Stock] = [:]
        while let row = try rows.next() {
            let count = try row.decode(Int.self, atIndex: 3)
            let day = try row.decode(Int64.self, atIndex: 0)
            switch Segment.Kind(rawValue: try row.decode(Int64.self, atIndex: 1)) {
            case .samples:
                stocks[day, default: Stock()].samples += count
                if try row.decode(Bool.self, atIndex: 2) { stocks[day, default: Stock()].rolled += count }
            case .minutes: stocks[day, default: Stock()].minutes += count
            case .hours: stocks[day, default: Stock()].hours += count
            case nil: break
            }
        }
        return stocks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The point's parts of a day's rows, in the order in which they were stored.
    ///
    /// - Parameter isFresh: only rows that are not rolled up.
    private static func each(
        _ db: Database, _ id: Int64, day: Int64, _ kind: Segment.Kind, isFresh: Bool, _ span: (first: Timestamp, last: Timestamp),
        _ damaged: (StoreError) -> Void, _ body: ([UInt8]) throws(ChunkError) -> Void
    ) throws {
        // A rollup that begins before the span may reach into it.
        let first = span.first.advanced(by: .seconds(-kind.rawValue))
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT id, payload FROM segment
                    WHERE shelf = ? AND kind = ? AND day = ? AND is_rolled <= ? AND first_time <= ? AND last_time >= ?
                    ORDER BY level < 0 DESC, level DESC, id
                    """),
            arguments: [
                Segment.shelf(of: id), kind.rawValue, day, isFresh ? 0 : 1, span.last.milliseconds, first.milliseconds,
            ])
        let place = Segment.place(of: id)
        while let row = try rows.next() {
            do throws(PayloadError) {
                for part in try Segment.decode(bytes(row, 1)) where part.place == place {
                    do throws(ChunkError) { try body(Array(part.bytes)) } catch { throw PayloadError(reason: "\(error)") }
                }
            } catch {
                damaged(.damaged(row: try row.decode(Int64.self, atIndex: 0), reason: error.reason))
            }
        }
    }
}
