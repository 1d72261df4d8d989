package import Telemetry

/// What is kept of one bucket of a point's past when the samples themselves are gone.
///
/// Only good samples make the numbers; uncertain ones are counted apart, and the bad ones are the rest.
package struct Rollup: Hashable, Sendable {
    package struct Last: Hashable, Sendable {
        package let time: Timestamp
        package let value: Value

        package init(time: Timestamp, value: Value) {
            self.time = time
            self.value = value
        }
    }

    /// The bucket's first millisecond.
    package let start: Timestamp
    /// Samples of any quality.
    package internal(set) var count = 0
    package internal(set) var good = 0
    package internal(set) var uncertain = 0
    /// Of the good numbers; nil for texts, and where there are none.
    package internal(set) var statistics: Statistics?
    /// The good sample of the latest time; of several, the one stored last.
    package internal(set) var last: Last?

    package init(start: Timestamp) { self.start = start }

    package var min: Double? { statistics?.min }
    package var max: Double? { statistics?.max }
    package var mean: Double? { statistics?.mean }

    /// This bucket with more of its samples, stored later than these. Associative, but for how the sum is rounded.
    ///
    /// - Precondition: the same bucket, or one within this.
    package func merged(with other: Rollup) -> Rollup {
        precondition(other.start >= start, "a rollup of an earlier bucket")
        var both = self
        both.absorb(other)
        return both
    }

    /// Counts a rollup in, wherever its bucket begins.
    mutating func absorb(_ other: Rollup) {
        count += other.count
        good += other.good
        uncertain += other.uncertain
        statistics = Statistics.merged(statistics, other.statistics)
        hear(other.last)
    }

    /// The rollups of a stretch of samples, in order of time; buckets without samples are left out.
    ///
    /// - Parameter length: of a bucket, aligned to UTC: a minute, an hour.
    package static func of(_ columns: Columns, length: Duration) -> [Rollup] {
        var rollups: [Rollup] = []
        var places: [Int64: Int] = [:]
        columns.forEachStretch(in: columns.times.indices, of: Grid(length)) { bucket, stretch in
            let start = bucket.lowerBound
            let place = places[start] ?? rollups.count
            if place == rollups.count {
                places[start] = place
                rollups.append(Rollup(start: Timestamp(milliseconds: start)))
            }
            rollups[place].add(stretch, of: columns)
        }
        return rollups.sorted { $0.start < $1.start }
    }

    /// Rollups of longer buckets from shorter ones, in order of time: hours from minutes.
    ///
    /// - Parameter length: a multiple of that of the rollups, or some lie in two buckets and are counted where they begin.
    package static func of(_ rollups: [Rollup], length: Duration) -> [Rollup] {
        let grid = Grid(length)
        var coarse: [Rollup] = []
        for rollup in rollups.sorted(by: { $0.start < $1.start }) {
            let start = Timestamp(milliseconds: grid.bucket(around: rollup.start.milliseconds).lowerBound)
            if coarse.last?.start != start { coarse.append(Rollup(start: start)) }
            coarse[coarse.count - 1] = coarse[coarse.count - 1].merged(with: rollup)
        }
        return coarse
    }

    /// Adds samples of one mark.
    mutating func add(_ stretch: Columns.Part, of columns: Columns) {
        count += stretch.samples.count
        switch stretch.mark.quality {
        case .bad: return
        case .uncertain: uncertain += stretch.samples.count
        case .good:
            good += stretch.samples.count
            statistics = Statistics.merged(statistics, Statistics(of: columns, stretch.mark.kind, stretch.values))
            var latest = stretch.samples.lowerBound
            for index in stretch.samples where columns.times[index] >= columns.times[latest] { latest = index }
            guard let value = columns.value(of: stretch.mark.kind, at: latest + stretch.shift) else { return }
            hear(Last(time: Timestamp(milliseconds: columns.times[latest]), value: value))
        }
    }

    private mutating func hear(_ other: Last?) {
        guard let other else { return }
        if let last, last.time > other.time { return }
        last = other
    }
}

extension Columns {
    /// Goes over samples in stored order, in stretches of one mark within one bucket.
    func forEachStretch(in range: Range<Int>, of grid: Grid, _ body: (ClosedRange<Int64>, Part) -> Void) {
        guard !range.isEmpty else { return }
        var bucket = grid.bucket(around: times[range.lowerBound])
        for part in parts {
            let samples = part.samples.clamped(to: range)
            var start = samples.lowerBound
            while start < samples.upperBound {
                if !bucket.contains(times[start]) { bucket = grid.bucket(around: times[start]) }
                var end = start + 1
                while end < samples.upperBound, bucket.contains(times[end]) { end += 1 }
                body(bucket, Part(mark: part.mark, samples: start..<end, shift: part.shift))
                start = end
            }
        }
    }
}
