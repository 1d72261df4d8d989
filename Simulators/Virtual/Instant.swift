/// True time of the simulation, in nanoseconds since it began. The gateway does not know it: it has clocks of its own.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Instant(nanoseconds: 0)
    static let never = Instant(nanoseconds: .max)
    /// Longer ago than anything.
    static let longAgo = Instant(nanoseconds: -(1 << 62))

    package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Seconds from an earlier instant to this one; as good as infinite from `longAgo`.
    func seconds(since earlier: Instant) -> Double { Double(nanoseconds &- earlier.nanoseconds) / 1e9 }

    func after(seconds: Double) -> Instant { Instant(nanoseconds: nanoseconds + Int64(seconds * 1e9)) }

    func after(milliseconds: Int64) -> Instant { Instant(nanoseconds: nanoseconds + milliseconds * 1_000_000) }

    /// `3 d 07:00:12.340`
    package var description: String {
        let milliseconds = nanoseconds / 1_000_000
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let thousandths = rest % 1000
        let fraction = (thousandths < 10 ? "00" : thousandths < 100 ? "0" : "") + "\(thousandths)"
        return "\(days) d \(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60)).\(fraction)"
    }
}
