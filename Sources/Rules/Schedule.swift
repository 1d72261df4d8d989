package import Expressions
package import Telemetry

/// When a rule may act: windows of the county's wall clock and calendar, any of which will do.
///
/// What the clock on the wall shows decides. So in a zone with summer time a window within the hour that is skipped does not
/// come that day, and one within the hour that is shown twice comes twice. A window that passes midnight belongs to the day on
/// which it begins.
package struct Schedule: Sendable {
    package enum Day: Hashable, Sendable {
        case weekday(Weekday)
        /// A day of the calendar's holidays; a day on which people work; a day on which they do not.
        case holiday, workday, restDay
    }

    package struct Window: Sendable {
        /// Empty for every day.
        package var days: Set<Day> = []
        /// Seconds after midnight, the end not included; an end before its start is on the next day. Empty for all day.
        package var hours: [(start: Int, end: Int)] = []
        /// Months and days, both included, as 1231 for 31 December; an end before its start is in the next year.
        package var season: (start: Int, end: Int)?
        /// Days since 1970-01-01, both included.
        package var dates: ClosedRange<Int64>?

        package init() {}
    }

    private static let day: Int64 = 86_400
    /// Zones change their offset at whole quarters of an hour, so within one a wall clock runs evenly.
    private static let quarter: Int64 = 900

    private let windows: [Window]
    private let zone: String
    private let calendar: DayCalendar
    private let zones: TimeZones

    package init(windows: [Window], zone: String, calendar: DayCalendar = .plain, zones: TimeZones = .system) {
        self.windows = windows
        self.zone = zone
        self.calendar = calendar
        self.zones = zones
    }

    /// Whether it is time, and when to look again; nil if the zone's rules cannot be read.
    ///
    /// It asks to be looked at more often than it changes: at every end of a window, whether or not that counts today, and at
    /// every quarter of an hour, when the zone's offset may change.
    package func state(at wall: Telemetry.Timestamp) -> (isOpen: Bool, lookAfter: Duration)? {
        let seconds = Self.floorDivided(wall.milliseconds, by: 1000)
        let fraction = wall.milliseconds - seconds * 1000
        guard let offset = try? zones.offset(of: zone, at: seconds) else { return nil }
        let local = seconds + offset
        let today = Self.floorDivided(local, by: Self.day)
        let time = local - today * Self.day
        let marks = windows.flatMap(\.hours).flatMap { [Int64($0.start), Int64($0.end)] }
        let ends = marks.filter { $0 > time }.map { $0 - time } + [Self.day - time]
        let left = min(ends.min() ?? Self.day, Self.quarter - (seconds - Self.floorDivided(seconds, by: Self.quarter) * Self.quarter))
        return (windows.contains { isOpen($0, today, Int(time)) }, .milliseconds(left * 1000 - fraction))
    }

    private static func floorDivided(_ number: Int64, by divisor: Int64) -> Int64 {
        number / divisor - (number % divisor < 0 ? 1 : 0)
    }

    private func isOpen(_ window: Window, _ today: Int64, _ time: Int) -> Bool {
        let isToday = counts(today, in: window)
        guard !window.hours.isEmpty else { return isToday }
        return window.hours.contains { start, end in
            if start < end { return isToday && (start..<end).contains(time) }
            return isToday && time >= start || time < end && counts(today - 1, in: window)
        }
    }

    private func counts(_ day: Int64, in window: Window) -> Bool {
        if let dates = window.dates, !dates.contains(day) { return false }
        if let season = window.season {
            let date = CivilDate(daysSinceEpoch: day)
            let mark = Int(date.month * 100 + date.day)
            let isIn = season.start <= season.end ? (season.start...season.end).contains(mark) : mark >= season.start || mark <= season.end
            if !isIn { return false }
        }
        return window.days.isEmpty
            || window.days.contains { kind in
                switch kind {
                case .weekday(let weekday): Weekday.of(day) == weekday
                case .holiday: calendar.isHoliday(day)
                case .workday: calendar.isWorkday(day)
                case .restDay: !calendar.isWorkday(day)
                }
            }
    }
}
