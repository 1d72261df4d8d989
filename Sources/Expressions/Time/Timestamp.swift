/// A moment, as CEL and RFC 3339 have it: years 1 to 9999, to the nanosecond, without leap seconds.
package struct Timestamp: Hashable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    package let seconds: Int64
    /// 0 to 999,999,999, counted forward from `seconds`.
    package let nanoseconds: Int32

    static let epoch = Timestamp(unchecked: 0, 0)
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// nil outside the years 1 to 9999.
    package init?(seconds: Int64, nanoseconds: Int64 = 0) {
        let second: Int64 = 1_000_000_000
        let rest = nanoseconds % second
        let (whole, overflow) = seconds.addingReportingOverflow(nanoseconds / second - (rest < 0 ? 1 : 0))
        guard !overflow, Self.range.contains(whole) else { return nil }
        self.init(unchecked: whole, Int32(rest < 0 ? rest + second : rest))
    }

    private init(unchecked seconds: Int64, _ nanoseconds: Int32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// nil where the sum leaves the years 1 to 9999.
    func advanced(by span: Span) -> Timestamp? {
        let second: Int64 = 1_000_000_000
        let (whole, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: second)
        return Timestamp(seconds: seconds + whole, nanoseconds: Int64(nanoseconds) + rest)
    }

    /// nil where the two are further apart than a duration reaches, some 292 years.
    func distance(from other: Timestamp) -> Span? {
        let apart = Int128(seconds - other.seconds) * 1_000_000_000 + Int128(nanoseconds - other.nanoseconds)
        return Int64(exactly: apart).map(Span.init(nanoseconds:))
    }
}

extension Timestamp: Comparable {
    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.seconds == b.seconds ? a.nanoseconds < b.nanoseconds : a.seconds < b.seconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, the fraction as short as it goes: `2009-02-13T23:31:30.5Z`.
    package var description: String {
        let date = CivilDate(daysSinceEpoch: seconds.floorDivided(by: 86_400))
        let time = seconds.floorRemainder(by: 86_400)
        let clock = [time / 3600, time / 60 % 60, time % 60].map { Self.padded($0, to: 2) }.joined(separator: ":")
        let day = [Self.padded(date.year, to: 4), Self.padded(date.month, to: 2), Self.padded(date.day, to: 2)].joined(separator: "-")
        return "\(day)T\(clock)\(Self.fraction(Int64(nanoseconds)))Z"
    }

    static func padded(_ number: Int64, to width: Int) -> String { padded(String(number), to: width) }

    static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// `.5` for half a second, nothing for none.
    static func fraction(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "" }
        var digits = padded(nanoseconds, to: 9)
        while digits.hasSuffix("0") { digits.removeLast() }
        return "." + digits
    }
}

extension Int64 {
    /// Towards the past, so that the moments before 1970 fall on their own days.
    func floorDivided(by divisor: Int64) -> Int64 { self / divisor - (self % divisor < 0 ? 1 : 0) }
    func floorRemainder(by divisor: Int64) -> Int64 { self % divisor + (self % divisor < 0 ? divisor : 0) }
}
