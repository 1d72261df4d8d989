package import Documents
package import Telemetry

/// One rule's mind about one subject: a pure value that hears readings and time, and answers with wants and events.
///
/// A rule with `for-each` is as many judges as it matches devices, so one device's trouble stays its own.
package protocol Judge: Sendable {
    /// The rule's name; with `#device` where the rule is judged for each of several. It owns the judge's wants.
    var name: String { get }
    /// The points whose readings can change its mind.
    var points: [PointID] { get }
    /// Which samples of those points it must be woken for, as it stands now.
    var hearing: Hearing { get }
    /// The points it may ever want something of.
    var targets: [Target] { get }
    var state: JudgeState { get }
    /// The fixed values it compares readings with, for pictures.
    var marks: [Mark] { get }
    /// What it derives from its inputs, if that is what it does.
    var derives: Derived? { get }

    mutating func judge(_ view: View, at now: Moment) -> Judgement

    /// What it must not forget when the gateway restarts.
    func memory(at now: Monotonic) -> Memory
    /// Takes up where `memory` was written, before it judges for the first time.
    /// - Parameter base: what the moment of writing is on the clock of now.
    mutating func recall(_ memory: Memory, since base: Monotonic)
    /// Whether it takes up a memory that was written under another text of its rule. A meter's total is no less true for a
    /// comment that was mended; what a rule of acting was about to do is.
    func inherits(_ memory: Memory) -> Bool
}

extension Judge {
    package var marks: [Mark] { [] }
    package var derives: Derived? { nil }
    package func memory(at now: Monotonic) -> Memory { Memory() }
    package mutating func recall(_ memory: Memory, since base: Monotonic) {}
    package func inherits(_ memory: Memory) -> Bool { false }
}

/// A value that matters to a rule, to be drawn beside the reading it is compared with.
package struct Mark: Hashable, Sendable {
    package let point: PointID
    /// What happens there, in one word: `start`, `stop`, `lag`.
    package let word: String
    /// In the point's unit.
    package let value: Double

    package init(point: PointID, word: String, value: Double) {
        self.point = point
        self.word = word
        self.value = value
    }
}

/// A point a judge derives, and where its file says so.
package struct Derived: Sendable {
    package let point: PointID
    /// How old a reading of it may become.
    package let maximumAge: Duration
    package let place: Place
}

package enum Hearing: Sendable {
    /// Only those whose reading differs from the one before.
    case changes
    /// Every one: it counts them, or waits for the first good one.
    case everySample
}

/// A writable point a judge may want, at which priority, and where its file says so.
package struct Target: Sendable {
    package let point: PointID
    package let priority: Priority
    package let place: Place

    package init(point: PointID, priority: Priority, place: Place) {
        self.point = point
        self.priority = priority
        self.place = place
    }
}

/// A judge's present mind, for people.
package struct JudgeState: Hashable, Sendable {
    /// One or two words that several judges can share: `waiting`, `active`, `inside`.
    package let phase: String
    /// A sentence with the reason.
    package let words: String

    package init(_ phase: String, _ words: String) {
        self.phase = phase
        self.words = words
    }
}

/// What came of judging: what is wanted, what is worth a row, and when to judge again if nothing is heard before.
package struct Judgement: Sendable {
    package var wants: [Want]
    package var events: [Event]
    /// What was derived, for the point table and whoever keeps readings, and how old it is; one sample of one judge.
    package var derived: [(sample: Sample, age: Duration)] = []
    package var wake: Monotonic?
    /// Whether the judge could not judge by its own fault.
    package var hasFailed = false

    package init(wants: [Want] = [], events: [Event] = [], wake: Monotonic? = nil) {
        self.wants = wants
        self.events = events
        self.wake = wake
    }

    /// Brings the waking forward, never back.
    package mutating func wake(by moment: Monotonic?) {
        guard let moment else { return }
        wake = wake.map { min($0, moment) } ?? moment
    }
}
