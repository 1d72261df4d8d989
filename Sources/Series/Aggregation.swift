package import Telemetry

/// A point's past in even buckets, for people to look at: a day in minutes, a month in hours.
package enum Aggregation {
    /// How much of a bucket nothing good is known about.
    package enum Gap: Hashable, Sendable {
        case none
        /// Somewhere in it the point was silent for longer than it may be.
        case partial
        /// It has no good sample.
        case whole
    }

    package struct Bucket: Hashable, Sendable {
        package let rollup: Rollup
        package let gap: Gap

        package var start: Timestamp { rollup.start }
    }

    /// A span so long, or buckets so short, that nobody could want all of them.
    package struct TooManyBuckets: Error, Hashable, Sendable {
        package let wanted: UInt64
        package let limit: Int
    }

    /// Every bucket that the span touches, the empty ones too, in order of time.
    ///
    /// - Parameters:
    ///   - parts: the point's samples, such as chunks have them. Those outside the span are left out; those out of order, within
    ///     a part or between parts, are put in order first.
    ///   - bucket: a bucket's length, aligned to UTC; the first and the last one are cut off by the span.
    ///   - from: the span's first moment. `to`: the one after its last. A span that ends before it begins has no buckets.
    ///   - silence: how far apart two good samples may be, or the first from the span's beginning, or the last from its end;
    ///     every bucket that a longer silence touches has a gap. Nil: as long as they like.
    ///   - limit: of buckets.
    package static func aggregate(
        _ parts: [Columns], bucket: Duration, from: Timestamp, to: Timestamp, silence: Duration? = nil, limit: Int = 100_000
    ) throws(TooManyBuckets) -> [Bucket] {
        guard from < to else { return [] }
        let grid = Grid(bucket)
        var run = try Run(from: from.milliseconds, to: to.milliseconds, grid: grid, silence: silence, limit: limit)
        for columns in Columns.inOrder(parts) { run.hear(columns) }
        return run.finished()
    }

    private struct Run {
        private let from: Int64
        private let to: Int64
        private let grid: Grid
        private let silence: UInt64
        private let firstStart: Int64
        private var rollups: [Rollup] = []
        private var isBroken: [Bool]
        /// Of the latest good sample, or the span's beginning.
        private var heard: Int64

        init(from: Int64, to: Int64, grid: Grid, silence: Duration?, limit: Int) throws(TooManyBuckets) {
            self.from = from
            self.to = to
            self.grid = grid
            self.silence = silence.map { UInt64(max($0.wholeMilliseconds, 0)) } ?? .max
            firstStart = grid.bucket(around: from).lowerBound
            heard = from
            // The distance of two 64-bit numbers fits 64 bits without a sign. The first bucket may be cut off, hence its end.
            let rest = UInt64(bitPattern: max(to - 1, grid.bucket(around: from).upperBound) &- grid.bucket(around: from).upperBound)
            let wanted = 1 + (rest == 0 ? 0 : (rest - 1) / UInt64(grid.length) + 1)
            guard wanted <= UInt64(max(limit, 0)) else { throw TooManyBuckets(wanted: wanted, limit: limit) }
            isBroken = []
            var start = firstStart
            for _ in 0..<wanted {
                rollups.append(Rollup(start: Timestamp(milliseconds: start)))
                isBroken.append(false)
                start = grid.bucket(around: start).upperBound &+ 1
            }
        }

        /// Takes samples in order of time, none earlier than those before.
        mutating func hear(_ columns: Columns) {
            let range = columns.times.firstIndex(notBefore: from)..<columns.times.firstIndex(notBefore: to)
            columns.forEachStretch(in: range, of: grid) { bucket, stretch in
                rollups[place(of: bucket.lowerBound)].add(stretch, of: columns)
                guard stretch.mark.quality == .good, silence < .max else { return }
                for index in stretch.samples { end(at: columns.times[index]) }
            }
        }

        mutating func finished() -> [Bucket] {
            end(at: to)
            return zip(rollups, isBroken).map { rollup, isBroken in
                Bucket(rollup: rollup, gap: rollup.good == 0 ? .whole : isBroken ? .partial : .none)
            }
        }

        /// A good sample, or the span's end, ends a silence.
        private mutating func end(at time: Int64) {
            defer { heard = time }
            guard UInt64(bitPattern: time &- heard) > silence, time - 1 > heard else { return }
            // The samples at both ends are not part of it.
            for index in place(of: heard + 1)...place(of: time - 1) { isBroken[index] = true }
        }

        private func place(of time: Int64) -> Int {
            let bucket = grid.bucket(around: time)
            if bucket.lowerBound <= firstStart { return 0 }
            let first = grid.bucket(around: firstStart).upperBound
            return 1 + Int(UInt64(bitPattern: bucket.lowerBound &- first &- 1) / UInt64(grid.length))
        }
    }
}

extension Columns {
    /// The same samples with times that never go back. Samples of one time keep their order.
    static func inOrder(_ parts: [Columns]) -> [Columns] {
        var previous = Int64.min
        var isInOrder = true
        for time in parts.lazy.map(\.times).joined() {
            isInOrder = isInOrder && time >= previous
            previous = time
        }
        if isInOrder { return parts }
        var samples: [(place: Int, time: Timestamp, reading: Reading)] = []
        for part in parts { part.forEach { samples.append((samples.count, $0, $1)) } }
        samples.sort { ($0.time, $0.place) < ($1.time, $1.place) }
        return [Columns(samples.map { (time: $0.time, reading: $0.reading) })]
    }
}

extension [Int64] {
    /// Where the first number that is not less stands; the end if there is none.
    ///
    /// - Precondition: the numbers never fall.
    func firstIndex(notBefore value: Int64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
