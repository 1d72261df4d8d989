/// A reading of the monotonic clock, in nanoseconds since an arbitrary start. It never jumps; spans are measured with it.
package struct Monotonic: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Monotonic(nanoseconds: 0)

    package static func < (a: Monotonic, b: Monotonic) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Saturates: a span from a file may be absurd, and must not trap.
    package static func + (moment: Monotonic, span: Duration) -> Monotonic {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(span.wholeNanoseconds)
        return Monotonic(nanoseconds: overflow ? (span < .zero ? .min : .max) : sum)
    }

    package static func - (later: Monotonic, earlier: Monotonic) -> Duration {
        let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return .nanoseconds(overflow ? (later < earlier ? .min : .max) : difference)
    }
}

/// When something happened, on both clocks: the monotonic one for spans, the wall's for people, and whether the wall's
/// could be trusted at the time.
package struct Moment: Hashable, Sendable {
    package let monotonic: Monotonic
    package let wall: Timestamp
    package let isTrusted: Bool

    package init(monotonic: Monotonic, wall: Timestamp, isTrusted: Bool = true) {
        self.monotonic = monotonic
        self.wall = wall
        self.isTrusted = isTrusted
    }

    /// This moment moved on both clocks alike.
    package func advanced(by span: Duration) -> Moment {
        Moment(monotonic: monotonic + span, wall: wall.advanced(by: span), isTrusted: isTrusted)
    }
}

/// Where everyone gets the time from, so that a test, a back-test and a simulation can draw it instead of waiting for it.
package protocol TimeSource: Sendable {
    func now() -> Moment

    /// Returns at the deadline or after it. Throws `CancellationError` if the task is cancelled first.
    func sleep(until deadline: Monotonic) async throws
}

extension TimeSource {
    package func sleep(for span: Duration) async throws { try await sleep(until: now().monotonic + span) }
}
