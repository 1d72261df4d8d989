package import Documents
import Expressions

/// The days that are not what their weekday says: holidays, and the weekend days that are worked in exchange, as the State
/// Council announces them each year.
package struct DayCalendar: Sendable {
    package static let fileName = "calendar.yaml"
    package static let plain = DayCalendar(holidays: [], workdays: [])
    /// A list longer than this has a slip of the pen in it.
    private static let longest = 3660

    /// Days since 1970-01-01.
    private let holidays: Set<Int64>
    private let workdays: Set<Int64>

    package init(holidays: Set<Int64>, workdays: Set<Int64>) {
        self.holidays = holidays
        self.workdays = workdays
    }

    package func isHoliday(_ day: Int64) -> Bool { holidays.contains(day) }

    /// Monday to Friday but for holidays, and the days worked in exchange.
    package func isWorkday(_ day: Int64) -> Bool {
        if workdays.contains(day) { return true }
        return !holidays.contains(day) && Weekday.of(day).rawValue < Weekday.sat.rawValue
    }

    /// Reads `Rules/calendar.yaml`.
    package static func read(yaml: String, file: String, into mistakes: Mistakes) -> DayCalendar {
        let root: Node
        do throws(Mistake) {
            root = try Node(yaml: yaml, file: file)
        } catch {
            mistakes.add(error)
            return .plain
        }
        guard let form = Form(root, "a calendar", keys: ["calendar", "about", "holidays", "workdays"], in: mistakes) else { return .plain }
        if form.string("calendar", required: true) != nil, root["calendar"]?.scalar != "1" {
            mistakes.add("'calendar' is the version of the format, and must be 1", at: form.place(of: "calendar"))
        }
        let holidays = days("holidays", in: form)
        let workdays = days("workdays", in: form)
        for day in holidays.intersection(workdays).sorted() {
            mistakes.add("\(CivilDate(daysSinceEpoch: day).text) is both a holiday and a workday", at: form.place(of: "workdays"))
        }
        return DayCalendar(holidays: holidays, workdays: workdays)
    }

    /// A list of days, `2026-10-01`, and of spans of days, `[2026-10-01, 2026-10-07]`.
    private static func days(_ key: String, in form: Form) -> Set<Int64> {
        guard let node = form.node[key] else { return [] }
        guard case .sequence(let members) = node.content else {
            form.mistakes.add("'\(key)' must be a list of days such as 2026-10-01, or [2026-10-01, 2026-10-07]", at: node.place)
            return []
        }
        var found: Set<Int64> = []
        for member in members {
            guard let span = span(member, in: form) else { continue }
            found.formUnion(span)
        }
        return found
    }

    private static func span(_ node: Node, in form: Form) -> ClosedRange<Int64>? {
        let ends: [Node]
        if case .sequence(let nodes) = node.content { ends = nodes } else { ends = [node, node] }
        let days = ends.compactMap { $0.scalar.flatMap(CivilDate.init(text:))?.daysSinceEpoch }
        guard days.count == 2, ends.count == 2, days[0] <= days[1], days[1] - days[0] < longest else {
            form.mistakes.add(
                "write a day as 2026-10-01, and a span of days as [2026-10-01, 2026-10-07], the first day first", at: node.place)
            return nil
        }
        return days[0]...days[1]
    }
}

/// As their files write them; Monday is 0.
package enum Weekday: Int, CaseIterable, Sendable {
    case mon, tue, wed, thu, fri, sat, sun

    var word: String { "\(self)" }

    /// - Parameter day: since 1970-01-01, a Thursday.
    static func of(_ day: Int64) -> Weekday {
        let index = (day % 7 + 7 + 3) % 7
        return allCases[Int(index)]
    }
}

extension CivilDate {
    /// `2026-10-01`; nil for a day there is not.
    init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            let year = UInt16(parts[0]), let month = UInt8(parts[1]), let day = UInt8(parts[2]), year >= 1, (1...12).contains(month),
            day >= 1, Int64(day) <= CivilDate.days(in: Int64(month), of: Int64(year))
        else { return nil }
        self.init(year: Int64(year), month: Int64(month), day: Int64(day))
    }

    var text: String {
        func padded(_ number: Int64, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}
