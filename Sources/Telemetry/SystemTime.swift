import FoundationEssentials
import Glibc

/// The machine's own clocks. The wall clock is trusted once it shows a year in which this program can be running:
/// a gateway without a battery wakes up in 1970, or in the year its image was built.
package struct SystemTime: TimeSource {
    private static let start = ContinuousClock.now
    /// The monotonic clock's own zero is the machine's start, so that two runs of one boot can be set beside each other.
    private static let sinceBoot: Duration = {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }()
    /// 2026-01-01T00:00:00Z: earlier than this no release of Headgate existed.
    private static let earliest = Timestamp(milliseconds: 1_767_225_600_000)

    package init() { _ = (Self.start, Self.sinceBoot) }

    package func now() -> Moment {
        let elapsed = Self.sinceBoot + Self.start.duration(to: .now)
        let wall = Timestamp(Date())
        return Moment(monotonic: .zero + elapsed, wall: wall, isTrusted: wall >= Self.earliest)
    }

    package func sleep(until deadline: Monotonic) async throws {
        try await Task.sleep(until: Self.start + (.nanoseconds(deadline.nanoseconds) - Self.sinceBoot), tolerance: nil, clock: .continuous)
    }
}
