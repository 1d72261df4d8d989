import Telemetry

/// A pass over a point's past in order of time.
struct Fold {
    /// Good samples, none farther from the next than may be.
    private struct Island {
        var from: Int64
        var to: Int64
    }

    private let from: Int64
    private let to: Int64
    private let edges: [Int64]
    private let silence: Int64
    private let isWeighted: Bool
    private var rows: [Past.Row] = []
    private var row = 0
    private var islands: [Island] = []
    /// The islands before it are of rollups, and out of order with the rest.
    private var fresh = 0
    private var doubts: [Doubt] = []
    /// The number that holds, since when, and until when at most.
    private var held: (value: Double, since: Int64, until: Int64)?
    /// By row: numbers times milliseconds, and these.
    private var areas: [(sum: Double, length: Double)] = []

    init(from: Int64, to: Int64, edges: [Int64], silence: Int64, isWeighted: Bool) {
        (self.from, self.to, self.edges, self.silence) = (from, to, edges, silence)
        self.isWeighted = isWeighted && edges.count > 1
        rows.reserveCapacity(edges.count)
        for (start, end) in zip(edges, edges.dropFirst()) {
            rows.append(Past.Row(rollup: Rollup(start: Timestamp(milliseconds: start)), end: Timestamp(milliseconds: end)))
        }
        if self.isWeighted { areas = Array(repeating: (0, 0), count: rows.count) }
    }

    /// Takes a rollup, none earlier than those before. What is in it is good from its beginning to its last good sample, as far as
    /// anybody knows.
    mutating func hear(_ rollup: Rollup, length: Int64) {
        let start = rollup.start.milliseconds
        if find(max(start, from)) { rows[row].rollup.absorb(rollup) }
        if let last = rollup.last { heard(max(start, from), through: min(last.time.milliseconds, to)) }
        let bad = rollup.count - rollup.good
        let (last, overflow) = start.addingReportingOverflow(length - 1)
        if bad > 0 { note(Doubt(from: start, to: overflow ? .max : last, count: bad, cause: nil)) }
    }

    mutating func endOfRollups() {
        row = 0
        fresh = islands.count
    }

    /// Takes samples in order of time, none earlier than those before.
    mutating func hear(_ columns: Columns) {
        let range = columns.times.firstIndex(notBefore: from)..<columns.times.firstIndex(notBefore: to)
        for part in columns.parts {
            let samples = part.samples.clamped(to: range)
            guard !samples.isEmpty else { continue }
            let isGood = part.mark.quality == .good
            if isGood {
                for index in samples { heard(columns.times[index], through: columns.times[index]) }
            } else {
                note(
                    Doubt(
                        from: columns.times[samples.lowerBound], to: columns.times[samples.upperBound - 1], count: samples.count,
                        cause: part.mark.cause))
            }
            var start = samples.lowerBound
            while start < samples.upperBound, find(columns.times[start]) {
                let limit = edges[row + 1]
                var end = start + 1
                while end < samples.upperBound, columns.times[end] < limit { end += 1 }
                let stretch = Columns.Part(mark: part.mark, samples: start..<end, shift: part.shift)
                rows[row].rollup.add(stretch, of: columns)
                if isGood, rows[row].first == nil { rows[row].first = columns.value(of: part.mark.kind, at: start + part.shift) }
                start = end
            }
            if isWeighted { weigh(Columns.Part(mark: part.mark, samples: samples, shift: part.shift), of: columns) }
        }
    }

    mutating func finished() -> (rows: [Past.Row], gaps: [Past.Gap]) {
        hold(nil, at: to)
        for index in areas.indices where areas[index].length > 0 { rows[index].weighted = areas[index].sum / areas[index].length }
        let gaps = self.gaps
        Past.mark(&rows, with: gaps, from: from, to: to)
        return (rows, gaps)
    }

    /// Moves on to the row that a time is in; false if there are no rows.
    private mutating func find(_ time: Int64) -> Bool {
        guard !rows.isEmpty else { return false }
        if time < edges[row + 1] { return true }
        var (low, high) = (row, rows.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if edges[middle] <= time { low = middle } else { high = middle - 1 }
        }
        row = low
        return true
    }

    private mutating func heard(_ time: Int64, through last: Int64) {
        let end = islands.count - 1
        if end >= fresh, Self.distance(islands[end].to, time) <= silence {
            if last > islands[end].to { islands[end].to = last }
        } else {
            islands.append(Island(from: time, to: last))
        }
    }

    private mutating func note(_ doubt: Doubt) {
        if let last = doubts.last, last.cause == doubt.cause, last.to <= doubt.from, Self.distance(last.to, doubt.from) <= silence,
            islands.last.map({ $0.to < last.from }) ?? true
        {
            doubts[doubts.count - 1].to = doubt.to
            doubts[doubts.count - 1].count += doubt.count
        } else {
            doubts.append(doubt)
        }
    }

    static func distance(_ a: Int64, _ b: Int64) -> Int64 { b <= a ? 0 : Int64(clamping: UInt64(bitPattern: b &- a)) }
}

/// Samples in a row that are not good, for one reason.
struct Doubt {
    var from: Int64
    var to: Int64
    var count: Int
    let cause: Cause?
}

extension Fold {
    /// Where no island is, if it is longer than may be; all of it, if there is not one good sample.
    private var gaps: [Past.Gap] {
        var gaps: [Past.Gap] = []
        var end = from
        var isFirst = true
        for island in islands.sorted(by: { $0.from < $1.from }) {
            if Self.distance(end, island.from) > silence { gaps.append(gap(end, island.from)) }
            end = isFirst ? island.to : max(end, island.to)
            isFirst = false
        }
        if isFirst || Self.distance(end, to) > silence { gaps.append(gap(end, to)) }
        return gaps
    }

    private func gap(_ from: Int64, _ to: Int64) -> Past.Gap {
        var counts: [Cause?: Int] = [:]
        for doubt in doubts where doubt.to > from && doubt.from < to { counts[doubt.cause, default: 0] += doubt.count }
        // Of reasons that came as often, the known one and then the one that comes first: the same again for the same samples.
        let cause = counts.max { ($0.value, $1.key?.rawValue ?? "~") < ($1.value, $0.key?.rawValue ?? "~") }
        return Past.Gap(
            from: Timestamp(milliseconds: from), to: Timestamp(milliseconds: to), why: cause.map { .notGood($0.key) } ?? .silent)
    }

    /// Every sample ends what held until then, and a good number holds from then on.
    private mutating func weigh(_ part: Columns.Part, of columns: Columns) {
        for index in part.samples {
            let number = part.mark.quality == .good ? columns.value(of: part.mark.kind, at: index + part.shift)?.number : nil
            hold(number, at: columns.times[index])
        }
    }

    private mutating func hold(_ number: Double?, at time: Int64) {
        if let held { spread(held.value, held.since, min(held.until, time)) }
        guard isWeighted, let number, number.isFinite else { return held = nil }
        let (until, overflow) = time.addingReportingOverflow(silence)
        held = (number, time, overflow ? .max : until)
    }

    /// Adds what held from one time to another to the rows it held in.
    private mutating func spread(_ value: Double, _ from: Int64, _ to: Int64) {
        var start = from
        // What holds cannot be earlier than the row of the latest sample but by what came before it.
        var place = min(row, rows.count - 1)
        while place > 0, edges[place] > start { place -= 1 }
        while start < to, place < rows.count {
            let end = min(to, edges[place + 1])
            if end > start {
                areas[place].sum += value * Double(end - start)
                areas[place].length += Double(end - start)
                start = end
            }
            place += 1
        }
    }
}
