package import Telemetry

/// What one judge must not forget when the gateway restarts, as plain values under names of the judge's own.
///
/// The monotonic clock begins anew with the machine, so moments are kept as nanoseconds from the moment of the snapshot.
package struct Memory: Codable, Hashable, Sendable {
    private var moments: [String: Int64] = [:]
    private var numbers: [String: Double] = [:]
    private var lists: [String: [Int]] = [:]
    private var words: [String: String] = [:]

    package init() {}

    package var isEmpty: Bool { moments.isEmpty && numbers.isEmpty && lists.isEmpty && words.isEmpty }

    package mutating func keep(_ moment: Monotonic?, as name: String, at now: Monotonic) {
        moments[name] = moment.map { ($0 - now).wholeNanoseconds }
    }

    /// - Parameter base: what the snapshot's moment is on the clock of now.
    package func moment(_ name: String, since base: Monotonic) -> Monotonic? { moments[name].map { base + .nanoseconds($0) } }

    /// A finite number. Any other is not kept: JSON has none, and one would cost the snapshot of all.
    package subscript(number name: String) -> Double? {
        get { numbers[name] }
        set { numbers[name] = newValue.flatMap { $0.isFinite ? $0 : nil } }
    }

    package subscript(list name: String) -> [Int]? {
        get { lists[name] }
        set { lists[name] = newValue }
    }

    package subscript(word name: String) -> String? {
        get { words[name] }
        set { words[name] = newValue }
    }

    package subscript(flag name: String) -> Bool {
        get { lists[name] == [1] }
        set { lists[name] = newValue ? [1] : nil }
    }

    /// A whole number; nil for one that a damaged file made too large.
    package subscript(count name: String) -> Int? {
        get { lists[name]?.first }
        set { lists[name] = newValue.map { [$0] } }
    }
}

/// All that the rules must not forget: a plain value, for whoever stores it.
package struct RuleSnapshot: Codable, Hashable, Sendable {
    /// Of this form. A snapshot of another form is not understood, and every rule begins anew.
    package static let version = 1

    package struct Entry: Codable, Hashable, Sendable {
        /// Of the rule file (`Rule.fingerprint`).
        package let fingerprint: String
        /// By the judge's name.
        package let judges: [String: Memory]

        package init(fingerprint: String, judges: [String: Memory]) {
            self.fingerprint = fingerprint
            self.judges = judges
        }
    }

    package let version: Int
    package let taken: Timestamp
    /// By the rule's name.
    package let rules: [String: Entry]

    package init(version: Int = version, taken: Timestamp, rules: [String: Entry]) {
        self.version = version
        self.taken = taken
        self.rules = rules
    }
}

extension RuleEngine {
    /// What must survive a restart, as it stands at this moment.
    package func snapshot(at now: Moment) -> RuleSnapshot {
        var entries: [String: RuleSnapshot.Entry] = [:]
        for (rule, mine) in judgesByRule {
            let memories = mine.map { ($0.name, $0.memory(at: now.monotonic)) }.filter { !$0.1.isEmpty }
            // A rule that remembers nothing loses nothing, and need not be told of when it changes.
            guard !memories.isEmpty else { continue }
            entries[rule.name] = RuleSnapshot.Entry(
                fingerprint: rule.fingerprint, judges: Dictionary(memories, uniquingKeysWith: { first, _ in first }))
        }
        return RuleSnapshot(taken: now.wall, rules: entries)
    }

    /// Takes up where a snapshot was taken. Call it before anything is heard.
    ///
    /// The time that passed meanwhile counts, as far as the wall clock can tell: a rest goes on while the gateway is down. If the
    /// clock is not believed, or runs backwards, no time has passed, and what waits waits longer.
    /// - Returns: what people should know: which rules begin anew, since their files changed.
    package mutating func restore(_ snapshot: RuleSnapshot, at now: Moment) -> [Event] {
        func event(_ text: String, about subject: String) -> Event {
            Event(time: now.wall, kind: .gateway, subject: subject, origin: "rules", text: text)
        }
        guard snapshot.version == RuleSnapshot.version else {
            let text = "what the rules knew before is of version \(snapshot.version), not \(RuleSnapshot.version): all begin anew"
            return [event(text, about: "rules")]
        }
        let passed = now.isTrusted ? max(.zero, now.wall.since(snapshot.taken)) : .zero
        let base = now.monotonic + (.zero - passed)
        var events: [Event] = []
        for rule in rules {
            guard let entry = snapshot.rules[rule.name] else { continue }
            guard entry.fingerprint == rule.fingerprint else {
                let goesOn = recall(entry.judges, of: rule, isChanged: true, since: base)
                let text = goesOn ? "the rule has changed; what it has counted goes on" : "the rule has changed, and begins anew"
                events.append(event(text, about: rule.name))
                continue
            }
            recall(entry.judges, of: rule, since: base)
        }
        return events
    }
}
