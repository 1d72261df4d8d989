package import Documents
import Expressions

extension RuleDraft {
    private static let words: [(String, Schedule.Day)] =
        Weekday.allCases.map { ($0.word, .weekday($0)) } + [("holiday", .holiday), ("workday", .workday), ("rest-day", .restDay)]

    /// What `during` says: one window of time, or a list of them. nil if it says nothing, or after noting a mistake.
    package func schedule(_ key: String, in form: Form) -> Schedule? {
        guard let node = form.node[key] else { return nil }
        let nodes: [Node]
        if case .sequence(let members) = node.content { nodes = members } else { nodes = [node] }
        let before = mistakes.all.count
        var other: String?
        let windows = nodes.compactMap { node -> Schedule.Window? in
            let keys = ["days", "hours", "season", "dates", "zone"]
            guard let form = Form(node, "a window of time", keys: keys, in: mistakes) else { return nil }
            if let named = form.string("zone") {
                if let other, other != named {
                    mistakes.add("the windows of one rule are all of one time zone", at: form.place(of: "zone"))
                }
                other = named
            }
            return window(form)
        }
        let zone = other ?? context.zone
        if (try? TimeZones.system.offset(of: zone, at: 0)) == nil {
            mistakes.add("'\(zone)' is not a time zone; write one such as Asia/Shanghai", at: node.place)
        }
        if nodes.isEmpty { mistakes.add("'\(key)' names no time: the rule would never act", at: node.place) }
        guard mistakes.all.count == before else { return nil }
        return Schedule(windows: windows, zone: zone, calendar: context.calendar)
    }

    private func window(_ form: Form) -> Schedule.Window {
        var window = Schedule.Window()
        for (word, place) in form.strings("days") ?? [] {
            if let day = Self.words.first(where: { $0.0 == word }) {
                window.days.insert(day.1)
            } else {
                mistakes.add("there is no day '\(word)'" + suggestion(for: word, among: Self.words.map(\.0)), at: place)
            }
        }
        for pair in pairs("hours", in: form) {
            guard let ends = ends(pair, "times of day such as [06:00, 08:30]", read: Self.time) else { continue }
            if ends.0 == ends.1 || ends.0 == 86_400 {
                mistakes.add("this window has no length: leave 'hours' out for all day", at: pair.place)
            } else {
                window.hours.append((ends.0, ends.1))
            }
        }
        if let node = form.node["season"], let ends = ends(node, "days of the year such as [04-15, 10-31]", read: Self.monthDay) {
            window.season = (ends.0, ends.1)
        }
        if let node = form.node["dates"],
            let ends = ends(node, "dates such as [2026-10-01, 2026-10-07]", read: { CivilDate(text: $0)?.daysSinceEpoch })
        {
            if ends.0 <= ends.1 {
                window.dates = ends.0...ends.1
            } else {
                mistakes.add("'dates' end before they begin", at: node.place)
            }
        }
        return window
    }

    /// One pair, or a list of pairs.
    private func pairs(_ key: String, in form: Form) -> [Node] {
        guard let node = form.node[key] else { return [] }
        guard case .sequence(let members) = node.content, let first = members.first, case .sequence = first.content else { return [node] }
        return members
    }

    private func ends<End>(_ node: Node, _ what: String, read: (String) -> End?) -> (End, End)? {
        if case .sequence(let members) = node.content, members.count == 2, let start = members[0].scalar.flatMap(read),
            let end = members[1].scalar.flatMap(read)
        {
            return (start, end)
        }
        mistakes.add("write a beginning and an end, \(what)", at: node.place)
        return nil
    }

    /// `06:30` in seconds after midnight; `24:00` is the end of the day.
    private static func time(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hours = UInt8(parts[0]), let minutes = UInt8(parts[1]),
            hours < 24 && minutes < 60 || hours == 24 && minutes == 0
        else { return nil }
        return Int(hours) * 3600 + Int(minutes) * 60
    }

    /// `04-15` as 415. 29 February is a day.
    private static func monthDay(_ text: String) -> Int? {
        guard let date = CivilDate(text: "2000-" + text) else { return nil }
        return Int(date.month * 100 + date.day)
    }
}
