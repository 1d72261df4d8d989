import Telemetry

/// How well a device answers.
package enum DeviceState: String, Sendable, CaseIterable {
    case good
    /// It has not answered often enough yet, or not lately.
    case suspect
    /// It is not read, only probed now and then.
    case down
}

/// Whether a unit id answers, with hysteresis, and when a silent one is tried again.
///
///     suspect ──3 answers, none of the last 8 missing──▶ good ──3 of the last 8 missing──▶ suspect
///        ▲ │                                               │
///        │ └──3 missing in a row────────────────▶ down ◀───┘ 3 missing in a row
///        └──────────────one answer──────────────────┘
///
/// One that never answered is down after two silences, and one that has just come back after one.
struct UnitHealth: Sendable {
    enum Edge: Sendable, Hashable {
        /// It no longer answers.
        case lost(hasEverAnswered: Bool)
        /// After an answer that promised better it is silent again; nobody is told twice.
        case lostAgain
        /// One answer: it is read again.
        case speaks
        /// It is good again.
        case returned(since: Monotonic)
        case doubtful(missing: Int)
        case reliable
    }

    private static let patience = 3
    private static let firstPatience = 2
    /// Of the last eight outcomes.
    private static let doubt = 3
    static let probesAtMost = Duration.seconds(30)

    /// A unit that has not spoken yet is suspect, not good.
    private(set) var state = DeviceState.suspect
    /// The last eight outcomes, the latest lowest; 1 is a silence.
    private var window: UInt8 = 0
    private var answers = 0
    private var silences = 0
    private var hasEverAnswered = false
    private var isDoubted = false
    private var backoff = Backoff(base: .seconds(1), limit: probesAtMost)
    private var lastSilence = Monotonic.zero
    private(set) var lastOutcome = Monotonic.zero
    /// From the loss until it is good again.
    private(set) var downSince: Monotonic?
    /// Matters while it is down.
    private(set) var nextProbe = Monotonic.never

    /// It has gone silent, or has just spoken again, and more evidence is wanted soon.
    var isInDoubt: Bool { state != .down && (silences > 0 || downSince != nil) }

    /// Whether its silences are at the expense of those who answer.
    var isCharged: Bool { downSince != nil }

    mutating func answered(at now: Monotonic) -> Edge? {
        lastOutcome = now
        silences = 0
        hasEverAnswered = true
        if state == .down {
            state = .suspect
            window = 0
            answers = 1
            return .speaks
        }
        window <<= 1
        guard state == .suspect else { return nil }
        answers += 1
        guard answers >= Self.patience, window == 0 else { return nil }
        state = .good
        backoff.reset()
        defer {
            downSince = nil
            isDoubted = false
        }
        return downSince.map { .returned(since: $0) } ?? (isDoubted ? .reliable : nil)
    }

    /// - Parameter launched: when the request left. Several that were out together are one piece of evidence.
    mutating func wasSilent(launched: Monotonic, at now: Monotonic, _ random: inout SeededRandom) -> Edge? {
        lastOutcome = now
        guard launched >= lastSilence else { return nil }
        lastSilence = now
        window = window << 1 | 1
        silences += 1
        if state == .down || downSince != nil || silences >= (hasEverAnswered ? Self.patience : Self.firstPatience) {
            nextProbe = now + backoff.next(&random)
            if state == .down { return nil }
            state = .down
            guard downSince == nil else { return .lostAgain }
            downSince = now
            return .lost(hasEverAnswered: hasEverAnswered)
        }
        guard state == .good, window.nonzeroBitCount >= Self.doubt else { return nil }
        state = .suspect
        answers = 0
        isDoubted = true
        return .doubtful(missing: window.nonzeroBitCount)
    }

    /// Its link is back: there is no reason to wait.
    mutating func hurry(at now: Monotonic) {
        if state == .down { nextProbe = now }
    }
}
