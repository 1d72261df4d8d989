import Telemetry

/// The time that schedules go by: the wall clock's, but for a while after that was set by more than a minute.
///
/// A clock that steps would skip whatever lay within the step, or do it twice. So schedules go on as if nothing had happened, and
/// people are asked; a time that nobody contradicts for a quarter of an hour is believed. Spans are measured by the monotonic clock
/// anyway.
struct ScheduleClock: Sendable {
    enum News: Hashable, Sendable {
        /// A time server's correction: schedules take it at once, and nobody needs to know.
        case corrected
        /// By how much; negative for a clock that was set back.
        case stepped(Duration)
        /// It shows again what it would have shown without the step.
        case isBack
        /// Schedules go by the new time from here on.
        case believed
    }

    /// More than a time server corrects in one step, and less than any schedule cares about.
    static let largestStep = Duration.seconds(60)
    static let patience = Duration.seconds(900)

    /// A moment at which the time to go by was what the wall clock showed.
    private var base: Moment?
    private var doubt: (step: Duration, until: Monotonic)?

    /// When `hear` has something to do even if nothing else happens.
    var wake: Monotonic? { doubt?.until }

    /// nil while the wall clock cannot be trusted.
    func time(at now: Moment) -> Timestamp? {
        guard now.isTrusted else { return nil }
        guard doubt != nil, let base else { return now.wall }
        return base.wall.advanced(by: now.monotonic - base.monotonic)
    }

    mutating func hear(_ now: Moment) -> News? {
        guard now.isTrusted else {
            // A time that is not believed at all is no quarter of an hour of belief; and a wake-up must not stay due.
            if let doubt, doubt.until <= now.monotonic { self.doubt?.until = now.monotonic + Self.patience }
            return nil
        }
        guard let base else {
            self.base = now
            return nil
        }
        let step = now.wall.since(base.wall) - (now.monotonic - base.monotonic)
        let isSmall = step.isWithin(Self.largestStep)
        guard let doubt else {
            if isSmall { self.base = now } else { self.doubt = (step, now.monotonic + Self.patience) }
            if isSmall { return step.isWithin(.seconds(1)) ? nil : .corrected }
            return .stepped(step)
        }
        if isSmall { return settle(.isBack, at: now) }
        guard (step - doubt.step).isWithin(Self.largestStep) else {
            self.doubt = (step, now.monotonic + Self.patience)
            return .stepped(step)
        }
        return doubt.until <= now.monotonic ? settle(.believed, at: now) : nil
    }

    /// A person says that the clock is right. nil if nobody doubted it.
    mutating func confirm(at now: Moment) -> News? { doubt == nil || !now.isTrusted ? nil : settle(.believed, at: now) }

    private mutating func settle(_ news: News, at now: Moment) -> News {
        base = now
        doubt = nil
        return news
    }
}

extension ScheduleClock.News {
    var isStep: Bool { if case .stepped = self { true } else { false } }

    func event(at now: Moment, by origin: String = "rules") -> Event? {
        let text: String
        switch self {
        case .corrected: return nil
        case .stepped(let step):
            let way = step < .zero ? "back" : "forward"
            text =
                "the clock was set \(way) by \(Wording.of(step < .zero ? .zero - step : step)). Schedules go on by the time from before; "
                + "is the new one right? Unless it is set again, they take it in \(Wording.of(ScheduleClock.patience))"
        case .isBack: text = "the clock shows the time from before again, which schedules have gone by"
        case .believed: text = "schedules go by the clock's new time"
        }
        return Event(time: now.wall, kind: isStep ? .alarm : .gateway, subject: "clock", origin: origin, text: text)
    }
}

extension Duration {
    fileprivate func isWithin(_ limit: Duration) -> Bool { self <= limit && self >= .zero - limit }
}
