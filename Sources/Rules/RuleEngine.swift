package import Telemetry

/// All rules of the gateway. Pure: whoever holds it brings readings and time, and carries wants, events and derived samples
/// away.
///
/// Only judges that a changed point concerns, or whose time has come, are asked, each once a batch: those that derive points
/// before those that read them, and else in the order in which the rules were declared. The same readings at the same moments
/// give the same answers.
package struct RuleEngine: Sendable {
    package let rules: [Rule]
    /// How many times a judge was asked.
    package private(set) var judged = 0

    /// In the order in which they are asked.
    private var judges: [any Judge]
    /// Where each judge of the rules, one after another as declared, stands in `judges`.
    private let places: [Int]
    private var budgets: [Budget]
    private var wakes: WakeQueue
    /// The judges that listen to a point, by the point's index.
    private var listeners: [[Int32]] = []
    /// The reading each point had when it was last heard.
    private var heard: [Reading?]
    private var isDue: [Bool]
    private var derived = DerivedStates()
    private var clock = ScheduleClock()

    /// Every judge is due at once: it looks at what there is and says when it wants to look again.
    package init(rules: [Rule]) {
        self.rules = rules
        let declared = rules.flatMap(\.judges)
        let order = Dependencies(of: declared).order
        judges = order.map { declared[$0] }
        var places = Array(repeating: 0, count: order.count)
        for (place, index) in order.enumerated() { places[index] = place }
        self.places = places
        budgets = Array(repeating: Budget(), count: order.count)
        wakes = WakeQueue(count: order.count)
        isDue = Array(repeating: false, count: order.count)
        for (index, judge) in judges.enumerated() {
            for point in judge.points {
                while listeners.count <= point.index { listeners.append([]) }
                if listeners[point.index].last != Int32(index) { listeners[point.index].append(Int32(index)) }
            }
        }
        heard = Array(repeating: nil, count: listeners.count)
    }

    /// Whether any rule listens to a point: news of the others need not be brought.
    package func listens(to point: PointID) -> Bool {
        listeners.indices.contains(point.index) && !listeners[point.index].isEmpty
    }

    /// When `tick` has something to do; nil for never.
    package var nextWake: Monotonic? { [wakes.soonest, clock.wake].compactMap { $0 }.min() }

    /// Judges what these points' new samples concern, and whatever else is due by now.
    /// - Parameter changed: the points of a batch; those whose reading is what it was cost next to nothing.
    package mutating func hear(changed: [PointID], view: View, at now: Moment) -> Judgement {
        var due: [Int] = []
        for point in changed where listens(to: point) { call(listenersOf: point, reading: view.state(point)?.reading, into: &due) }
        return ask(due, view: view, at: now)
    }

    /// A person says that the clock is right, after it was set: schedules go by it at once.
    /// - Returns: what is to be kept of it; nil if nobody doubted it. Judges that it concerns are due then.
    package mutating func confirmClock(by person: String, at now: Moment) -> Event? {
        guard let news = clock.confirm(at: now) else { return nil }
        lookAgain()
        return news.event(at: now, by: person)
    }

    /// Judges whatever is due by now.
    package mutating func tick(view: View, at now: Moment) -> Judgement { ask([], view: view, at: now) }

    private mutating func call(listenersOf point: PointID, reading: Reading?, into due: inout [Int]) {
        let isNews = reading != heard[point.index]
        heard[point.index] = reading
        for index in listeners[point.index] {
            let index = Int(index)
            guard !isDue[index], isNews || judges[index].hearing == .everySample else { continue }
            isDue[index] = true
            due.append(index)
        }
    }

    private mutating func ask(_ concerned: [Int], view: View, at now: Moment) -> Judgement {
        var due = concerned
        var whole = Judgement()
        if let news = clock.hear(now) {
            if let event = news.event(at: now) { whole.events.append(event) }
            if !news.isStep { lookAgain() }
        }
        for index in wakes.take(until: now.monotonic) where !isDue[index] {
            isDue[index] = true
            due.append(index)
        }
        due.sort()
        var view = view
        view.scheduleTime = clock.time(at: now)
        var present = derived.isEmpty ? view : derived.over(view, at: now.monotonic)
        var next = 0
        while next < due.count {
            let index = due[next]
            next += 1
            guard let (sample, age) = ask(index, view: present, at: now, &whole) else { continue }
            // The present lets go of the states first, or setting one would copy them all.
            present = view
            derived.set(sample, judges[index].derives?.maximumAge ?? .zero, age: age, at: now.monotonic)
            present = derived.over(view, at: now.monotonic)
            var more: [Int] = []
            if listens(to: sample.point) { call(listenersOf: sample.point, reading: sample.reading, into: &more) }
            guard !more.isEmpty else { continue }
            // Who reads a derived point stands after whoever derives it, so nothing is asked twice.
            due = due[..<next] + (due[next...] + more).sorted()
        }
        whole.wake = nextWake
        return whole
    }

    /// - Returns: the sample it derived, with its age.
    private mutating func ask(
        _ index: Int, view: View, at now: Moment, _ whole: inout Judgement
    ) -> (sample: Sample, age: Duration)? {
        isDue[index] = false
        guard budgets[index].isOpen(at: now.monotonic) else {
            wakes.set(index, to: budgets[index].asideUntil)
            return nil
        }
        judged += 1
        let judgement = judges[index].judge(view, at: now)
        if !judgement.wants.isEmpty { whole.wants += judgement.wants }
        if !judgement.events.isEmpty { whole.events += judgement.events }
        // A judge that asks for the present or the past is answered at the next instant, or its waker would spin.
        wakes.set(index, to: judgement.wake.map { $0 > now.monotonic ? $0 : now.monotonic + .milliseconds(1) })
        if budgets[index].note(hasFailed: judgement.hasFailed, at: now.monotonic) {
            whole.events.append(setAside(judges[index], at: now))
            wakes.set(index, to: budgets[index].asideUntil)
        }
        whole.derived += judgement.derived
        return judgement.derived.first
    }

    /// Schedules go by another time than before, and whoever has one may be anywhere in it.
    private mutating func lookAgain() {
        for index in judges.indices { wakes.set(index, to: Monotonic(nanoseconds: .min)) }
    }

    private func setAside(_ judge: any Judge, at now: Moment) -> Event {
        let often = "\(Budget.mostFailures) times within \(Wording.of(Budget.span))"
        let text = "failed \(often) and is set aside for as long: \(judge.state.words)"
        return Event(time: now.wall, kind: .alarm, subject: judge.name, origin: judge.name, text: text)
    }

    // MARK: Rules and their judges

    /// Each rule with the places of its judges.
    private var placesByRule: [(rule: Rule, places: ArraySlice<Int>)] {
        var next = 0
        return rules.map { rule in
            defer { next += rule.judges.count }
            return (rule, places[next..<next + rule.judges.count])
        }
    }

    var judgesByRule: [(rule: Rule, judges: [any Judge])] {
        placesByRule.map { rule, places in (rule, places.map { judges[$0] }) }
    }

    /// - Parameter isChanged: whether the rule's text was another one when the memories were written.
    /// - Returns: whether any judge took its memory up.
    @discardableResult
    mutating func recall(_ memories: [String: Memory], of rule: Rule, isChanged: Bool = false, since base: Monotonic) -> Bool {
        var isTaken = false
        for (other, places) in placesByRule where other.name == rule.name {
            for place in places {
                guard let memory = memories[judges[place].name], !isChanged || judges[place].inherits(memory) else { continue }
                judges[place].recall(memory, since: base)
                isTaken = true
            }
        }
        return isTaken
    }

    /// Every rule as it stands, in the order declared.
    package var list: [RuleSummary] {
        placesByRule.map { rule, places in
            let parts = places.map { place in
                let budget = budgets[place]
                let state = budget.asideUntil == nil ? judges[place].state : JudgeState("set aside", judges[place].state.words)
                return RuleSummary.Part(name: judges[place].name, state: state, judged: budget.judged, failed: budget.failed)
            }
            return RuleSummary(rule, parts: parts, marks: places.flatMap { judges[$0].marks })
        }
    }
}
