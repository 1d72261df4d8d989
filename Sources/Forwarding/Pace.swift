import Telemetry

/// How fast a backlog may go: a token bucket that never fills beyond one batch, so that a receiver which was promised a rate is
/// not met by a burst.
///
/// A receiver under pressure says so by refusing for now or by answering slowly. Then the rate is cut at once, and raised again
/// little by little while all goes well, until it holds nothing up any more; the way of TCP, and for its reason: of those who share
/// a receiver, nobody starves the others.
struct Pace {
    /// An answer that takes longer says that the receiver has enough to do.
    static let slow: Duration = .seconds(2)
    /// Samples a second, however hard the times.
    static let least = 10.0
    /// The part of the rate that is taken back in a second in which all goes well.
    private static let raise = 1.0 / 30
    /// The part of a second that one batch may hold at a limited rate.
    private static let grain = 0.25

    /// At this rate a batch is as large as batches are.
    private static let full = 20_000.0

    /// Samples a second, as configured; nil for as many as go.
    private let limit: Double?
    /// Likewise, while the receiver is spared; nil else.
    private var spared: Double?
    /// What went when it was first in need of that.
    private var peak = 0.0
    private var next = Monotonic.zero

    init(limit: Double?) { self.limit = limit.map { max($0, 1) } }

    /// Samples a second that may go now; nil for as many as go.
    var rate: Double? { [limit, spared].compactMap(\.self).min() }

    /// What one batch may hold.
    func batch(most: Int) -> Int { rate.map { min(most, max(1, Int(min($0 * Self.grain, 1e6)))) } ?? most }

    /// How long the next batch must wait.
    func wait(at now: Monotonic) -> Duration { max(next - now, .zero) }

    /// A batch was taken.
    mutating func sent(_ samples: Int, from start: Monotonic, to end: Monotonic) {
        if let rate { next = max(next, start) + .seconds(Double(samples) / rate) }
        let took = end - start
        if took > Self.slow, samples > 0 { return spare(Double(samples) / took.seconds, keeping: 0.75) }
        guard let was = spared else { return }
        // The time that the batch stands for, whether it was spent on the way or in waiting.
        let raised = was + max(peak, was) * Self.raise * max(Double(samples) / was, took.seconds)
        spared = raised >= limit ?? max(Self.full, 2 * peak) ? nil : raised
    }

    /// The receiver takes nothing for now, after so many samples a second.
    mutating func refused(at rate: Double) { if rate > 0 { spare(rate, keeping: 0.5) } }

    private mutating func spare(_ rate: Double, keeping part: Double) {
        if spared == nil { peak = rate }
        spared = max(Self.least, min(rate, self.rate ?? rate) * part)
    }
}
