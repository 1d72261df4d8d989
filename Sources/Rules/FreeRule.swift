import Documents
import Expressions
import Telemetry

/// The rule that needs no kind: while its condition holds it wants something, or merely says so.
struct FreeRule: Judge {
    /// What the rule asks of its inputs.
    struct Questions: Sendable {
        let when: Condition
        /// nil ends when `when` no longer holds.
        let until: Condition?
    }

    /// What else the rule file says, the same for every device it is made for.
    struct Terms: Sendable {
        /// How long `when` must hold before it counts.
        let hold: Duration?
        let atMost: Duration?
        /// How long after an end the rule may not begin again.
        let rest: Duration?
        /// When it may act at all; nil for always.
        let during: Schedule?
        let say: String?
    }

    enum Phase: Sendable {
        case waiting
        case holding(since: Monotonic)
        case active(since: Monotonic)
        case resting(until: Monotonic)
        /// Its time was up while the condition still held: the condition must fail once before the rule begins again.
        case spent
    }

    /// What the rule's file says, which no judging changes. Apart from the rest, so that whoever copies a rule copies its mind alone.
    private final class Definition: Sendable {
        let name: String
        let subject: String
        let inputs: Inputs
        let questions: Questions
        let terms: Terms
        let items: [Claim.Item]
        let targets: [Target]
        /// `valve true`, for sentences.
        let wanted: String

        init(
            name: String, subject: String, inputs: Inputs, questions: Questions, terms: Terms, items: [Claim.Item], targets: [Target],
            wanted: String
        ) {
            self.name = name
            self.subject = subject
            self.inputs = inputs
            self.questions = questions
            self.terms = terms
            self.items = items
            self.targets = targets
            self.wanted = wanted
        }
    }

    private let definition: Definition

    var phase: Phase = .waiting
    var because = ""
    /// Whether it took up where an earlier run ended, and has not seen its inputs since.
    var isRecalled = false
    private var claim: Claim
    var eyesight = Eyesight()
    /// Memory for judging, kept from one time to the next.
    private var values: Values
    private var whenSlots: [CELValue?] = []
    private var untilSlots: [CELValue?] = []

    init(
        name: String, subject: String, inputs: Inputs, questions: Questions, terms: Terms, items: [Claim.Item], targets: [Target],
        wanted: String
    ) {
        definition = Definition(
            name: name, subject: subject, inputs: inputs, questions: questions, terms: terms, items: items, targets: targets,
            wanted: wanted)
        values = Values(inputs: inputs)
        claim = Claim(owner: name)
    }

    var name: String { definition.name }
    var targets: [Target] { definition.targets }
    private var subject: String { definition.subject }
    private var inputs: Inputs { definition.inputs }
    private var questions: Questions { definition.questions }
    private var terms: Terms { definition.terms }
    private var items: [Claim.Item] { definition.items }
    private var wanted: String { definition.wanted }
    var points: [PointID] { inputs.points }
    var hearing: Hearing { eyesight.shortfall == nil ? .changes : .everySample }

    mutating func judge(_ view: View, at now: Moment) -> Judgement {
        var look: Duration?
        if let during = terms.during {
            guard let wall = view.scheduleTime, let time = during.state(at: wall) else {
                var judgement = loses(.clock, at: now)
                judgement.wake(by: now.monotonic + .seconds(60))
                return judgement
            }
            guard time.isOpen else { return closes(lookAfter: time.lookAfter, at: now) }
            look = time.lookAfter
        }
        var judgement = judgeOpen(view, at: now)
        judgement.wake(by: look.map { now.monotonic + $0 })
        return judgement
    }

    private mutating func judgeOpen(_ view: View, at now: Moment) -> Judgement {
        if let shortfall = inputs.read(view, at: now.monotonic, into: &values) { return loses(shortfall, at: now) }
        isRecalled = false
        do throws(Shortfall) {
            let isOver = try questions.until?.holds(values, in: &untilSlots).get()
            return sees(holds: try questions.when.holds(values, in: &whenSlots).get(), isOver: isOver, at: now)
        } catch {
            var judgement = loses(error, at: now)
            judgement.wake(by: values.freshUntil)
            return judgement
        }
    }

    /// Outside of its hours the rule does not look at its inputs at all.
    private mutating func closes(lookAfter: Duration, at now: Moment) -> Judgement {
        var judgement = Judgement()
        switch phase {
        case .active(let since): end("after \(Wording.of(now.monotonic - since)), at the end of its hours", at: now, &judgement)
        case .holding, .spent: phase = .waiting
        case .resting(let until): if until <= now.monotonic { phase = .waiting }
        case .waiting: break
        }
        judgement.wake(by: now.monotonic + lookAfter)
        return judgement
    }

    private mutating func loses(_ shortfall: Shortfall, at now: Moment) -> Judgement {
        var judgement = Judgement()
        judgement.hasFailed = shortfall.isOwn
        let isNews = eyesight.loses(shortfall, at: now.monotonic)
        // After a restart the first readings are waited for, as long as a reading may be missing at the start.
        if isRecalled, shortfall.grace > .zero, !isNews {
            judgement.wake(by: eyesight.wake)
            return judgement
        }
        isRecalled = false
        var lost = ""
        switch phase {
        case .active:
            lost = items.isEmpty ? "no longer says '\(terms.say ?? name)'" : "lets go of \(wanted)"
            judgement.wants = claim.letGo(why: shortfall.sentence)
            phase = terms.rest.map { .resting(until: now.monotonic + $0) } ?? .waiting
        case .holding: phase = .waiting
        case .waiting, .spent: break
        case .resting(let until): if until <= now.monotonic { phase = .waiting }
        }
        if isNews {
            judgement.events = [event("\(lost.isEmpty ? "cannot judge" : lost): \(shortfall.sentence)", at: now)]
        } else if !lost.isEmpty {
            judgement.events = [event("\(lost): \(shortfall.sentence)", at: now)]
        }
        judgement.wake(by: eyesight.wake)
        return judgement
    }

    private mutating func sees(holds: Bool, isOver: Bool?, at now: Moment) -> Judgement {
        var judgement = Judgement()
        if eyesight.regains() { judgement.events = [event("judges again: \(values.words)", at: now)] }
        if case .active(let since) = phase {
            if let atMost = terms.atMost, now.monotonic >= since + atMost {
                end("after \(Wording.of(atMost)), its longest", at: now, &judgement)
                if terms.rest == nil { phase = .spent }
            } else if isOver ?? !holds {
                end("after \(Wording.of(now.monotonic - since))", at: now, &judgement)
            }
        }
        if case .resting(let until) = phase, until <= now.monotonic { phase = .waiting }
        if case .spent = phase, !holds { phase = .waiting }
        // An end that is already reached would stop the rule in the moment it begins.
        if case .waiting = phase, holds, isOver != true { phase = .holding(since: now.monotonic) }
        if case .holding(let since) = phase {
            if !holds || isOver == true {
                phase = .waiting
            } else if now.monotonic >= since + (terms.hold ?? .zero) {
                begin(at: now, &judgement)
            }
        }
        if case .active(let since) = phase {
            judgement.wants += claim.hold(items, until: terms.atMost.map { since + $0 }, why: because, at: now.monotonic)
        }
        judgement.wake(by: values.freshUntil)
        judgement.wake(by: claim.wake)
        judgement.wake(by: deadline)
        return judgement
    }

    private mutating func begin(at now: Moment, _ judgement: inout Judgement) {
        phase = .active(since: now.monotonic)
        because = [terms.say, values.words.isEmpty ? nil : values.words].compactMap(\.self).joined(separator: ": ")
        if because.isEmpty { because = "it is time" }
        let span = terms.atMost.map { " for at most \(Wording.of($0))" } ?? ""
        let text = items.isEmpty ? because : "wants \(wanted)\(span): \(because)"
        judgement.events.append(event(text, at: now))
    }

    private mutating func end(_ reason: String, at now: Moment, _ judgement: inout Judgement) {
        let words = values.words.isEmpty ? "" : ": \(values.words)"
        let text = (items.isEmpty ? "over \(reason)" : "lets go of \(wanted) \(reason)") + words
        judgement.wants += claim.letGo(why: text)
        judgement.events.append(event(text, at: now))
        phase = terms.rest.map { .resting(until: now.monotonic + $0) } ?? .waiting
    }

    /// When the present phase changes by itself.
    private var deadline: Monotonic? {
        switch phase {
        case .waiting, .spent: nil
        case .holding(let since): since + (terms.hold ?? .zero)
        case .active(let since): terms.atMost.map { since + $0 }
        case .resting(let until): until
        }
    }

    private func event(_ text: String, at now: Moment) -> Event {
        Event(time: now.wall, kind: .decision, subject: subject, origin: name, text: text)
    }

    var state: JudgeState {
        if let shortfall = eyesight.shortfall { return JudgeState("cannot judge", shortfall.sentence) }
        switch phase {
        case .waiting: return JudgeState("waiting", "waits for: \(questions.when.source)")
        case .holding:
            let hold = terms.hold.map { ", which must hold for \(Wording.of($0))" } ?? ""
            return JudgeState("about to act", "sees: \(questions.when.source)\(hold)")
        case .active: return JudgeState("active", items.isEmpty ? because : "wants \(wanted): \(because)")
        case .resting: return JudgeState("resting", "rests for \(terms.rest.map(Wording.of) ?? "a while") after its last end")
        case .spent: return JudgeState("spent", "its time was up; waits until this fails once: \(questions.when.source)")
        }
    }
}
