package import Documents
package import Telemetry

/// A rule file that was found good.
package struct Rule: Sendable {
    /// The file's path below the rules folder, without `.yaml`: `water/xinzhuang-drain`.
    package let name: String
    /// What it is for, in its author's words.
    package let about: String
    /// In the order of the devices it was made for.
    package let judges: [any Judge]
    package let file: String
    /// Of the file's text: a rule whose text has changed is another rule, and takes over nothing from before.
    package let fingerprint: String

    package init(name: String, about: String, file: String, judges: [any Judge], fingerprint: String = "") {
        self.name = name
        self.about = about
        self.file = file
        self.judges = judges
        self.fingerprint = fingerprint
    }

    /// The first folder of its name.
    package var trade: String { String(name.prefix { $0 != "/" }) }
}

extension [Rule] {
    /// Those that derive what a rule reads, and what they themselves read, in their order.
    package func deriving(for rule: Rule) -> [Rule] {
        var needed = Set(rule.judges.flatMap(\.points))
        var chosen: Set<String> = []
        while true {
            let next = filter { other in
                other.name != rule.name && !chosen.contains(other.name)
                    && other.judges.contains { $0.derives.map { needed.contains($0.point) } ?? false }
            }
            guard !next.isEmpty else { return filter { chosen.contains($0.name) } }
            chosen.formUnion(next.map(\.name))
            needed.formUnion(next.flatMap(\.judges).flatMap(\.points))
        }
    }
}

/// A trade's own way of making judges from a rule file, chosen by the file's `kind`.
package protocol RuleKind: Sendable {
    /// What `kind` says in the file: `pump-band`.
    var word: String { get }
    /// The keys it reads besides those every rule has.
    var keys: [String] { get }

    /// Notes every mistake in the draft's `mistakes`; what it returns counts only if there were none.
    func read(_ draft: RuleDraft) -> [any Judge]
}

/// What rule files may speak of.
package struct RuleContext: Sendable {
    package let directory: Directory
    package let areas: [String: Area]
    /// The county's time zone, by its IANA name.
    package let zone: String
    /// What rule files derive; in the directory already.
    package let derived: DerivedPoints
    /// The days that are not what their weekday says.
    package private(set) var calendar: DayCalendar

    package init(
        directory: Directory, areas: [String: Area] = [:], zone: String = "Asia/Shanghai", derived: DerivedPoints = .none,
        calendar: DayCalendar = .plain
    ) {
        self.directory = directory
        self.areas = areas
        self.zone = zone
        self.derived = derived
        self.calendar = calendar
    }

    /// Reads the calendar of a folder of rules, if it has one.
    package mutating func takeCalendar(from folder: String, into mistakes: Mistakes) {
        calendar = RuleFiles.calendar(in: folder, into: mistakes)
    }
}

/// A rule as it stands, for the console.
package struct RuleSummary: Sendable {
    package struct Part: Sendable {
        package let name: String
        package let state: JudgeState
        /// How often it was asked since the start, and how often it failed by its own fault.
        package let judged: Int
        package let failed: Int
    }

    package let name: String
    package let about: String
    package let trade: String
    /// The state in words; for a rule of several judges how many are in which phase.
    package let state: String
    package let parts: [Part]
    package let marks: [Mark]

    init(_ rule: Rule, parts: [Part], marks: [Mark]) {
        name = rule.name
        about = rule.about
        trade = rule.trade
        self.parts = parts
        self.marks = marks
        guard parts.count != 1 else {
            state = parts[0].state.words
            return
        }
        var phases: [(phase: String, count: Int)] = []
        for part in parts {
            if let index = phases.firstIndex(where: { $0.phase == part.state.phase }) {
                phases[index].count += 1
            } else {
                phases.append((part.state.phase, 1))
            }
        }
        state = phases.map { "\($0.count) \($0.phase)" }.joined(separator: ", ")
    }
}
