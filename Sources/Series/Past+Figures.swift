package import Telemetry

extension Past {
    /// What a row can tell; in the order of the columns.
    package enum Figure: String, Sendable, CaseIterable {
        case min, max, mean, last, first, sum
        /// By how long each value held.
        case weighted = "time-weighted-mean"
        /// Good samples; all samples; those of the other qualities.
        case good, count, uncertain, bad

        package static let usual: [Figure] = [.min, .max, .mean, .last, .good]

        /// Whether rollups do not have it.
        package var needsSamples: Bool { self == .first || self == .weighted }

        /// Whether it is in the point's unit.
        package var isValue: Bool { [.min, .max, .mean, .last, .first, .sum, .weighted].contains(self) }
    }
}

extension Past.Row {
    /// Nil for what there is not: no number among the good samples, none of them, or only rollups.
    package subscript(figure: Past.Figure) -> Value? {
        switch figure {
        case .min: rollup.min.map(Value.double)
        case .max: rollup.max.map(Value.double)
        case .mean: rollup.mean.map(Value.double)
        case .sum: rollup.statistics.map { .double($0.sum) }
        case .last: rollup.last?.value
        case .first: first
        case .weighted: weighted.map(Value.double)
        case .good: .int(Int64(rollup.good))
        case .count: .int(Int64(rollup.count))
        case .uncertain: .int(Int64(rollup.uncertain))
        case .bad: .int(Int64(bad))
        }
    }
}
