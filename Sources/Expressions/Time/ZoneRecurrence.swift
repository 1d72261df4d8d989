/// How a zone goes on after its last listed transition: POSIX's `TZ` string, as in `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRecurrence: Sendable {
    /// The day and time of a change, each year.
    private struct Change {
        enum Day {
            /// The nth of a weekday (0 is Sunday) in a month; the fifth is the last.
            case weekday(month: Int64, week: Int64, weekday: Int64)
            /// 1 to 365, never counting 29 February.
            case withoutLeapDay(Int64)
            /// 0 to 365.
            case ofYear(Int64)
        }

        let day: Day
        /// Seconds after the local midnight; RFC 8536 allows -167 to 167 hours.
        let time: Int64

        /// As if UTC were the local time.
        func seconds(in year: Int64) -> Int64 {
            let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
            let days: Int64
            switch day {
            case .ofYear(let day): days = newYear + day
            case .withoutLeapDay(let day): days = newYear + day - 1 + (CivilDate.isLeap(year) && day >= 60 ? 1 : 0)
            case .weekday(let month, let week, let weekday):
                let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
                // 1970-01-01 was a Thursday.
                let ahead = (weekday - (first + 4).floorRemainder(by: 7) + 7) % 7
                let wanted = ahead + (week - 1) * 7
                days = first + (wanted < CivilDate.days(in: month, of: year) ? wanted : wanted - 7)
            }
            return days * 86_400 + time
        }
    }

    private let standard: Int64
    private let summer: (offset: Int64, start: Change, end: Change)?

    /// nil for text that is not of the form.
    init?(_ text: String) {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard reader.name(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.rest.isEmpty else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var offset = standard + 3600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let west = reader.time() else { return nil }
            offset = -west
        }
        guard let start = reader.change(), let end = reader.change(), reader.rest.isEmpty else { return nil }
        summer = (offset, start, end)
    }

    func offset(at seconds: Int64) -> Int64 {
        guard let summer else { return standard }
        let year = CivilDate(daysSinceEpoch: (seconds + standard).floorDivided(by: 86_400)).year
        let start = summer.start.seconds(in: year) - standard
        let end = summer.end.seconds(in: year) - summer.offset
        let isSummer = start < end ? seconds >= start && seconds < end : seconds < end || seconds >= start
        return isSummer ? summer.offset : standard
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        private mutating func take(_ letter: Character) -> Bool {
            guard let first = rest.first, first == letter.asciiValue else { return false }
            rest = rest.dropFirst()
            return true
        }

        private mutating func number() -> Int64? {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...3).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// Letters, or anything in `<…>`.
        mutating func name() -> Bool {
            let isQuoted = take("<")
            let letters = rest.prefix { byte in
                isQuoted ? byte != UInt8(ascii: ">") : Unicode.Scalar(byte).isNameStart
            }
            rest = rest.dropFirst(letters.count)
            return !letters.isEmpty && (!isQuoted || take(">"))
        }

        /// `hh[:mm[:ss]]` with a sign, as seconds.
        mutating func time() -> Int64? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = number() else { return nil }
            var seconds = hours * 3600
            for unit: Int64 in [60, 1] where take(":") {
                guard let part = number() else { return nil }
                seconds += part * unit
            }
            return isNegative ? -seconds : seconds
        }

        mutating func change() -> Change? {
            guard take(","), let day = day() else { return nil }
            guard take("/") else { return Change(day: day, time: 7200) }
            return time().map { Change(day: day, time: $0) }
        }

        private mutating func day() -> Change.Day? {
            if take("M") {
                guard let month = number(), take("."), let week = number(), take("."), let weekday = number(),
                    (1...12).contains(month), (1...5).contains(week), weekday < 7
                else { return nil }
                return .weekday(month: month, week: week, weekday: weekday)
            }
            if take("J") { return number().flatMap { (1...365).contains($0) ? .withoutLeapDay($0) : nil } }
            return number().flatMap { $0 <= 365 ? .ofYear($0) : nil }
        }
    }
}
