package import Telemetry

extension Past {
    /// A stretch of time whose reason is known from elsewhere.
    package struct Absence: Sendable, Hashable {
        package let from: Timestamp
        package let to: Timestamp
        package let why: Gap.Reason

        package init(from: Timestamp, to: Timestamp, why: Gap.Reason) {
            self.from = from
            self.to = to
            self.why = why
        }
    }

    /// This past with gaps explained by absences, such as the gateway's own. A gap may fall into several; what is too short to be a
    /// gap by itself goes with its neighbours.
    ///
    /// - Parameter absences: in order of time, none within another.
    package func explained(by absences: [Absence], from: Timestamp, to: Timestamp) -> Past {
        guard !gaps.isEmpty, !absences.isEmpty else { return self }
        var past = self
        past.gaps = gaps.flatMap { Self.pieces(of: $0, absences, least: silence ?? .zero) }
        Self.mark(&past.rows, with: past.gaps, from: from.milliseconds, to: to.milliseconds)
        return past
    }

    private static func pieces(of gap: Gap, _ absences: [Absence], least: Duration) -> [Gap] {
        var pieces: [Gap] = []
        var start = gap.from
        for absence in absences where absence.to > gap.from && absence.from < gap.to {
            var (first, last) = (max(absence.from, start), min(absence.to, gap.to))
            guard first < last, last.since(first) > least else { continue }
            if first.since(start) <= least { first = start } else { pieces.append(Gap(from: start, to: first, why: gap.why)) }
            if gap.to.since(last) <= least { last = gap.to }
            if let before = pieces.last, before.why == absence.why, before.to == first {
                pieces[pieces.count - 1] = Gap(from: before.from, to: last, why: absence.why)
            } else {
                pieces.append(Gap(from: first, to: last, why: absence.why))
            }
            start = last
        }
        if start < gap.to { pieces.append(Gap(from: start, to: gap.to, why: gap.why)) }
        return pieces
    }

    /// Writes into every row how much of it is missing, and why most of that is.
    static func mark(_ rows: inout [Row], with gaps: [Gap], from: Int64, to: Int64) {
        var first = 0
        for index in rows.indices {
            let (start, end) = (max(rows[index].start.milliseconds, from), min(rows[index].end.milliseconds, to))
            (rows[index].missing, rows[index].why) = (0, nil)
            var longest: Int64 = 0
            while first < gaps.count, gaps[first].to.milliseconds <= start { first += 1 }
            for gap in gaps[first...] {
                guard gap.from.milliseconds < end else { break }
                let length = Fold.distance(max(gap.from.milliseconds, start), min(gap.to.milliseconds, end))
                rows[index].missing += length
                if length > longest { (longest, rows[index].why) = (length, gap.why) }
            }
        }
    }
}
