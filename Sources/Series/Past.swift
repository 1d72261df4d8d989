package import Telemetry

/// A point's past as people look at it: rows of equal length, and what is missing.
package struct Past: Sendable, Hashable {
    /// What rows were made of.
    package enum Source: String, Sendable, Hashable {
        case samples, minutes, hours
        /// Of several: older parts from rollups.
        case mixed
    }

    package struct Row: Sendable, Hashable {
        /// Its `start` is the row's.
        package internal(set) var rollup: Rollup
        /// The first moment after it.
        package let end: Timestamp
        /// The good value of the earliest time; nil where only rollups are left, which do not have it.
        package internal(set) var first: Value?
        /// The mean of the good numbers by how long each held, until the next sample or as long as samples may be apart; nil
        /// where only rollups are left.
        package internal(set) var weighted: Double?
        /// How much of the row nothing good is known about, in milliseconds.
        package internal(set) var missing: Int64 = 0
        /// Why, if anything is missing: the reason of most of it.
        package internal(set) var why: Gap.Reason?

        package var start: Timestamp { rollup.start }
        package var bad: Int { rollup.count - rollup.good - rollup.uncertain }
    }

    /// A stretch without a good sample that is longer than the point's samples are apart.
    package struct Gap: Sendable, Hashable {
        package enum Reason: Sendable, Hashable {
            /// Samples came, and were not good; nil where only rollups are left, which do not say why.
            case notGood(Cause?)
            /// The gateway ran, and the device said nothing at all.
            case silent
            case gatewayDown
            /// Older than anything in the store.
            case noRecords

            package var word: String {
                switch self {
                case .notGood(let cause): cause?.rawValue ?? "not-good"
                case .silent: "device-silent"
                case .gatewayDown: "gateway-not-running"
                case .noRecords: "no-records"
                }
            }
        }

        /// The last good sample, or the span's beginning.
        package let from: Timestamp
        /// The next good sample, or the span's end.
        package let to: Timestamp
        package let why: Reason

        package init(from: Timestamp, to: Timestamp, why: Reason) {
            self.from = from
            self.to = to
            self.why = why
        }

        package var length: Duration { to.since(from) }
    }

    package let point: PointName
    package let unit: String
    package internal(set) var rows: [Row]
    package internal(set) var gaps: [Gap]
    package let source: Source
    /// What was taken for a gap: told, or three times the median distance of good samples; nil where there are too few.
    package let silence: Duration?
}
