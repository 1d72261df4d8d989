import Telemetry

/// Buckets of equal length over all of time, one of them beginning at 1970-01-01T00:00:00Z. A UTC day, hour and minute are
/// buckets of their length; a local day is not.
struct Grid {
    /// In milliseconds, at least 1.
    let length: Int64

    /// - Precondition: a millisecond or more.
    init(_ length: Duration) {
        self.length = length.wholeMilliseconds
        precondition(self.length > 0, "a bucket shorter than a millisecond")
    }

    /// The first and the last millisecond of the bucket around a time. At the ends of the calendar buckets are cut off.
    func bucket(around time: Int64) -> ClosedRange<Int64> {
        let rest = time % length
        let into = rest < 0 ? rest + length : rest
        let (start, isBefore) = time.subtractingReportingOverflow(into)
        let (last, isAfter) = time.addingReportingOverflow(length - 1 - into)
        return (isBefore ? .min : start)...(isAfter ? .max : last)
    }
}
