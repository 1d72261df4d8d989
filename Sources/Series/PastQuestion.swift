package import Telemetry

/// What people ask of a point's past: rows of equal length, or only what is missing.
package struct PastQuestion: Sendable {
    package let point: PointName
    package let from: Timestamp
    /// The first moment that is no longer wanted.
    package let to: Timestamp
    /// Nil for no rows.
    package let step: Step?
    /// How far apart good samples may be; nil takes three times the median of how far they are.
    package var silence: Duration?
    /// Whether the first value and the mean by time are wanted, which only samples have.
    package var isFromSamples = false
    /// Of rows.
    package var limit = 100_000
    /// How far the reader's clocks are ahead of UTC at a moment, in milliseconds: where days begin.
    package var offset: @Sendable (Timestamp) -> Int64 = { _ in 0 }

    /// - Precondition: a span that does not end before it begins.
    package init(of point: PointName, from: Timestamp, to: Timestamp, step: Step?) {
        precondition(from < to, "a past that ends before it begins")
        (self.point, self.from, self.to, self.step) = (point, from, to, step)
    }
}
