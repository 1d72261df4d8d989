import Alarms
import Telemetry

/// How many alarms stand how, and the one to answer first.
struct AlarmLineAnswer: Encodable, Sendable {
    struct First: Encodable, Sendable {
        let name: String
        let about: String
        let point: String
        let priority: String
        let state: String
        let since: Timestamp?
    }

    let unacknowledged: Int
    let standing: Int
    let shelved: Int
    let suppressed: Int
    let outOfService: Int
    let isFlood: Bool
    /// The most urgent that nobody has acknowledged.
    let first: First?

    init(_ present: ConsoleAlarms.Present) {
        let figures = present.figures
        unacknowledged = figures.unacknowledged
        standing = figures.standing
        shelved = figures.shelved
        suppressed = figures.suppressed
        outOfService = figures.outOfService
        isFlood = figures.isFlood
        first = present.list.first { !$0.state.isHidden && !$0.flags.acked }.map { alarm in
            First(
                name: alarm.definition.name, about: alarm.definition.about, point: alarm.definition.title,
                priority: alarm.definition.priority.rawValue, state: alarm.state.rawValue, since: alarm.lastCall)
        }
    }
}

/// One alarm, with all that whoever answers it must know.
struct AlarmAnswer: Encodable, Sendable {
    struct Guidance: Encodable, Sendable {
        let cause: String
        let consequence: String
        let action: String
        /// Milliseconds.
        let timeAllowed: Int64
        let role: String
    }

    struct Note: Encodable, Sendable {
        let who: String
        let reason: String
        /// When it was done, or for a shelf when it ends.
        let time: Timestamp?
    }

    let name: String
    let about: String
    let point: String
    /// ISA-18.2's letter, and the word.
    let state: String
    let word: String
    let priority: String
    let rank: Int
    let isActive: Bool
    /// It cannot be judged now, and stays as it was.
    let isBlind: Bool
    let since: Timestamp?
    let lastCall: Timestamp?
    /// 1 for the first of its group.
    let place: Int?
    let group: String?
    let guidance: Guidance
    let acknowledged: Note?
    let shelf: Note?
    let hidden: Note?
    /// Raises while nobody was called.
    let hiddenRaises: Int
    /// Milliseconds.
    let longestShelf: Int64
    /// The orders that make sense now.
    let orders: [String]
    /// The reading now.
    let reading: PointAnswer

    init(_ alarm: AlarmSummary, reading: PointAnswer) {
        let definition = alarm.definition
        (name, about, point) = (definition.name, definition.about, definition.title)
        (state, word) = (alarm.state.rawValue, alarm.state.word)
        (priority, rank) = (definition.priority.rawValue, definition.priority.rank)
        (isActive, isBlind) = (alarm.flags.active, alarm.isBlind)
        (since, lastCall) = (alarm.activeSince, alarm.lastCall)
        (place, group) = (alarm.place, definition.firstOut?.group)
        guidance = Guidance(
            cause: definition.guidance.cause, consequence: definition.guidance.consequence, action: definition.guidance.action,
            timeAllowed: definition.guidance.timeAllowed.wholeMilliseconds, role: definition.guidance.role)
        acknowledged = alarm.answer.map { Note(who: $0.who, reason: $0.comment, time: $0.time) }
        shelf = alarm.shelf.map { Note(who: $0.who, reason: $0.reason, time: $0.until) }
        hidden = alarm.hiddenBy.map { Note(who: $0.who, reason: $0.reason, time: nil) }
        hiddenRaises = alarm.hiddenRaises
        longestShelf = definition.longestShelf.wholeMilliseconds
        orders = Self.orders(for: alarm)
        self.reading = reading
    }

    private static func orders(for alarm: AlarmSummary) -> [String] {
        let (flags, isHidden) = (alarm.flags, alarm.state.isHidden)
        let sensible = [
            ("acknowledge", !flags.acked && !isHidden), ("confirm", flags.acked && !flags.confirmed),
            ("reset", flags.latched && !flags.active && flags.acked && flags.confirmed && !isHidden),
            ("shelve", alarm.shelf == nil && !flags.outOfService), ("unshelve", alarm.shelf != nil),
            ("remove-from-service", !flags.outOfService), ("return-to-service", flags.outOfService),
            ("reset-first-out", alarm.place != nil),
        ]
        return sensible.filter(\.1).map(\.0)
    }
}

struct AlarmsAnswer: Encodable, Sendable {
    let time: Timestamp
    let isReadOnly: Bool
    let line: AlarmLineAnswer
    let figures: AlarmFiguresAnswer
    /// Those that call, the most urgent first.
    let alarms: [AlarmAnswer]
    let shelved: [AlarmAnswer]
    let suppressed: [AlarmAnswer]
    let outOfService: [AlarmAnswer]
}

struct AlarmFiguresAnswer: Encodable, Sendable {
    struct Count: Encodable, Sendable {
        let alarm: String
        let count: Int
    }

    struct Share: Encodable, Sendable {
        let priority: String
        let called: Double?
        let defined: Double?
        let recommended: Double
    }

    let callsInTenMinutes: Int
    let callsInADay: Int
    let isFlood: Bool
    let floods: Int
    let hiddenRaises: Int
    let blind: Int
    let stale: [String]
    let chattering: [String]
    let topTen: [Count]
    let shares: [Share]

    init(_ figures: AlarmFigures) {
        (callsInTenMinutes, callsInADay) = (figures.callsInTenMinutes, figures.callsInADay)
        (isFlood, floods) = (figures.isFlood, figures.floods)
        (hiddenRaises, blind) = (figures.hiddenRaises, figures.blind)
        (stale, chattering) = (figures.stale, figures.chattering)
        topTen = figures.topTen.map { Count(alarm: $0.alarm, count: $0.count) }
        shares = figures.shares.map {
            Share(priority: $0.priority.rawValue, called: $0.called, defined: $0.defined, recommended: $0.recommended)
        }
    }
}
