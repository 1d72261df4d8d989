package import Telemetry

/// All rules of the gateway. Pure: whoever holds it brings readings and time, and carries wants and events away.
///
/// Only judges that a changed point concerns, or whose time has come, are asked, always in the order in which the rules
/// were declared; the same readings at the same moments give the same answers.
package struct RuleEngine: Sendable {
    package let rules: [Rule]
    /// How many times a judge was asked.
    package private(set) var judged = 0

    private var judges: [any Judge]
    /// When each judge asks to be woken; `.max` for never.
    private var wakes: [Monotonic]
    /// The judges that listen to a point, by the point's index.
    private var listeners: [[Int]] = []
    /// The reading each point had when it was last heard.
    private var heard: [Reading?]
    private var isDue: [Bool]

    /// Every judge is due at once: it looks at what there is and says when it wants to look again.
    package init(rules: [Rule]) {
        self.rules = rules
        judges = rules.flatMap(\.judges)
        wakes = Array(repeating: .always, count: judges.count)
        isDue = Array(repeating: false, count: judges.count)
        for (index, judge) in judges.enumerated() {
            for point in judge.points {
                while listeners.count <= point.index { listeners.append([]) }
                if listeners[point.index].last != index { listeners[point.index].append(index) }
            }
        }
        heard = Array(repeating: nil, count: listeners.count)
    }

    /// Whether any rule listens to a point: news of the others need not be brought.
    package func listens(to point: PointID) -> Bool {
        listeners.indices.contains(point.index) && !listeners[point.index].isEmpty
    }

    /// When `tick` has something to do; nil for never.
    package var nextWake: Monotonic? {
        guard let soonest = wakes.min(), soonest < .never else { return nil }
        return soonest
    }

    /// Judges what these points' new samples concern, and whatever else is due by now.
    /// - Parameter changed: the points of a batch; those whose reading is what it was cost next to nothing.
    package mutating func hear(changed: [PointID], view: View, at now: Moment) -> Judgement {
        var due: [Int] = []
        for point in changed where listeners.indices.contains(point.index) && !listeners[point.index].isEmpty {
            let reading = view.state(point)?.reading
            let isNews = reading != heard[point.index]
            heard[point.index] = reading
            for index in listeners[point.index] where !isDue[index] && (isNews || judges[index].hearing == .everySample) {
                isDue[index] = true
                due.append(index)
            }
        }
        return ask(due, view: view, at: now)
    }

    /// Judges whatever is due by now.
    package mutating func tick(view: View, at now: Moment) -> Judgement { ask([], view: view, at: now) }

    private mutating func ask(_ concerned: [Int], view: View, at now: Moment) -> Judgement {
        var due = concerned
        for index in wakes.indices where wakes[index] <= now.monotonic && !isDue[index] {
            isDue[index] = true
            due.append(index)
        }
        var whole = Judgement()
        for index in due.sorted() {
            isDue[index] = false
            judged += 1
            let judgement = judges[index].judge(view, at: now)
            whole.wants += judgement.wants
            whole.events += judgement.events
            // A judge that asks for the present or the past is answered at the next instant, or its waker would spin.
            wakes[index] = judgement.wake.map { max($0, now.monotonic + .milliseconds(1)) } ?? .never
        }
        whole.wake = nextWake
        return whole
    }

    /// Every rule as it stands, in the order declared.
    package var list: [RuleSummary] {
        var next = judges.startIndex
        return rules.map { rule in
            let mine = judges[next..<(next + rule.judges.count)]
            next += rule.judges.count
            let parts = mine.map { RuleSummary.Part(name: $0.name, state: $0.state) }
            return RuleSummary(rule, parts: parts, marks: mine.flatMap(\.marks))
        }
    }
}

extension Monotonic {
    fileprivate static let always = Monotonic(nanoseconds: .min)
    fileprivate static let never = Monotonic(nanoseconds: .max)
}
