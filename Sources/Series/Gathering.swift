package import Telemetry

/// Collects a point's past, samples as they were read and rollups where those are gone, and makes rows and gaps of it.
package struct Gathering: Sendable {
    private let from: Int64
    private let to: Int64
    private var parts: [Columns] = []
    private var rollups: [(rollup: Rollup, length: Int64)] = []

    /// - Parameters:
    ///   - from: the span's first moment. `to`: the one after its last, later than `from`.
    package init(from: Timestamp, to: Timestamp) {
        precondition(from < to, "a past that ends before it begins")
        (self.from, self.to) = (from.milliseconds, to.milliseconds)
    }

    /// Samples of any order; those outside the span are left out later. Of one time, those that are added last were stored last.
    package mutating func add(_ columns: Columns) {
        if !columns.isEmpty { parts.append(columns) }
    }

    /// A rollup whose bucket lies in the span: wholly, or at its ends in part.
    ///
    /// - Parameter length: of its bucket.
    package mutating func add(_ rollup: Rollup, length: Duration) {
        let length = length.wholeMilliseconds
        guard rollup.start.milliseconds < to, Fold.distance(rollup.start.milliseconds, from) < length else { return }
        rollups.append((rollup, length))
    }

    package var isEmpty: Bool { parts.isEmpty && rollups.isEmpty }

    /// The rows between edges (see `Step.edges`), and the gaps, whose reasons are what the samples in them say.
    ///
    /// - Parameters:
    ///   - edges: none for no rows, where gaps alone are wanted.
    ///   - silence: how far apart good samples may be; nil takes three times the median of how far they are.
    ///   - isWeighted: whether means by time are wanted too.
    package func past(of point: PointName, unit: String, edges: [Int64], silence told: Duration?, isWeighted: Bool = false) -> Past {
        let parts = Columns.inOrder(parts)
        let silence = told.map(\.wholeMilliseconds) ?? usualDistance(of: parts).map { $0 > .max / 3 ? .max : $0 * 3 }
        var fold = Fold(from: from, to: to, edges: edges, silence: silence ?? .max, isWeighted: isWeighted)
        let sorted = rollups.sorted { $0.rollup.start < $1.rollup.start }
        for (rollup, length) in sorted { fold.hear(rollup, length: length) }
        fold.endOfRollups()
        for columns in parts { fold.hear(columns) }
        let (rows, gaps) = fold.finished()
        return Past(
            point: point, unit: unit, rows: rows, gaps: gaps, source: source(sorted.map(\.length)),
            silence: silence.map { .milliseconds($0) })
    }

    private func source(_ lengths: [Int64]) -> Past.Source {
        guard let first = lengths.first else { return .samples }
        // What is not rolled up yet comes as samples: the rows are no less exact for it.
        guard lengths.allSatisfy({ $0 == first }) else { return .mixed }
        return first < 3_600_000 ? .minutes : .hours
    }

    /// The median distance of good samples, from a thousand of them; nil if there are not even four.
    private func usualDistance(of parts: [Columns]) -> Int64? {
        let total = parts.reduce(0) { $0 + $1.count }
        let stride = max(total / 1000, 1)
        var distances: [Int64] = []
        for columns in parts {
            for part in columns.parts where part.mark.quality == .good {
                for index in Swift.stride(from: part.samples.lowerBound, to: part.samples.upperBound - 1, by: stride) {
                    let distance = columns.times[index + 1] &- columns.times[index]
                    if distance > 0 { distances.append(distance) }
                }
            }
        }
        if distances.count < 3 {
            // How many good ones to a rollup, and how far to the next rollup that has any.
            let good = rollups.filter { $0.rollup.good > 0 }.sorted { $0.rollup.start < $1.rollup.start }
            distances = zip(good, good.dropFirst()).map { pair, next in
                Fold.distance(pair.rollup.start.milliseconds, next.rollup.start.milliseconds) / Int64(pair.rollup.good)
            }.filter { $0 > 0 }
        }
        guard distances.count >= 3 else { return nil }
        distances.sort()
        return distances[distances.count / 2]
    }
}
