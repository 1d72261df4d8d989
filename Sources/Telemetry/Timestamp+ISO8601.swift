// By whole numbers, since a formatter that goes through seconds in floating point loses a millisecond now and then.
extension Timestamp: CustomStringConvertible {
    /// ISO 8601 with milliseconds, in UTC: `2026-06-21T04:00:00.250Z`. Years outside 0…9999 are shown as their number.
    package var description: String {
        guard (-62_167_219_200_000...253_402_300_799_999).contains(milliseconds) else { return "\(milliseconds) ms" }
        let (day, time) = milliseconds.flooredDivision(by: 86_400_000)
        let (year, month, date) = Self.date(days: day)
        let clock = "\(padded(time / 3_600_000)):\(padded(time / 60_000 % 60)):\(padded(time / 1000 % 60))"
        return "\(padded(year, to: 4))-\(padded(month))-\(padded(date))T\(clock).\(padded(time % 1000, to: 3))Z"
    }

    /// The date of the Gregorian calendar so many days after 1970-01-01. Eras of 400 years are 146,097 days.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private func padded(_ number: Int64, to width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    /// A time as ISO 8601 writes it, with its offset from UTC: `2026-06-21T04:00:00.250Z`, `2026-06-21T12:00:00+08:00`,
    /// `2026-06-21T04:00Z`; or a bare date, which is its midnight in UTC. A time without an offset is none: nobody knows which
    /// hour it means. Digits beyond the millisecond are cut; a leap second counts as the next minute's first.
    package init?(iso8601 text: String) {
        var rest = text.utf8[...]
        guard let year = rest.digits(4), rest.take("-"), let month = rest.digits(2), rest.take("-"), let day = rest.digits(2),
            let days = Self.days(year: year, month: month, day: day)
        else { return nil }
        guard !rest.isEmpty else {
            self.init(milliseconds: days * 86_400_000)
            return
        }
        guard rest.take("T") || rest.take("t") || rest.take(" "), let hour = rest.digits(2), hour < 24, rest.take(":"),
            let minute = rest.digits(2), minute < 60
        else { return nil }
        var milliseconds = (days * 24 + hour) * 3_600_000 + minute * 60_000
        if rest.take(":") {
            guard let second = rest.digits(2), second <= 60 else { return nil }
            milliseconds += second * 1000
            if rest.take(".") || rest.take(",") {
                guard let fraction = rest.fraction() else { return nil }
                milliseconds += fraction
            }
        }
        guard let offset = rest.offset(), rest.isEmpty else { return nil }
        self.init(milliseconds: milliseconds - offset * 60_000)
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar; nil for one that does not exist. A year counted from March
    /// ends with its leap day, so that months before it have fixed lengths.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
        let lengths: [Int64] = [31, year.isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), day >= 1, day <= lengths[Int(month) - 1] else { return nil }
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = (month + 9) % 12
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        let (era, yearOfEra) = marchYear.flooredDivision(by: 400)
        let dayOfEra = 365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    fileprivate var isLeap: Bool { isMultiple(of: 4) && (!isMultiple(of: 100) || isMultiple(of: 400)) }
}

extension Substring.UTF8View {
    fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first, first == UInt8(ascii: character) else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func digits(_ count: Int) -> Int64? {
        var number: Int64 = 0
        for byte in prefix(count) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        guard self.count >= count else { return nil }
        self = dropFirst(count)
        return number
    }

    /// Up to nine digits after the point, as milliseconds.
    fileprivate mutating func fraction() -> Int64? {
        let digits = prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        self = dropFirst(digits.count)
        var milliseconds: Int64 = 0
        for place in 0..<3 {
            let digit = digits.dropFirst(place).first.map { Int64($0 - UInt8(ascii: "0")) } ?? 0
            milliseconds = milliseconds * 10 + digit
        }
        return milliseconds
    }

    /// `Z`, `+08:00`, `-0330`: minutes to the east of Greenwich.
    fileprivate mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64 = take("+") ? 1 : -1
        if sign < 0, !take("-") { return nil }
        guard let hours = digits(2), hours < 24 else { return nil }
        if isEmpty { return sign * hours * 60 }
        _ = take(":")
        guard let minutes = digits(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
