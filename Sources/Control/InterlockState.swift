import Telemetry

/// How an interlock stands: from cause through delay to trip, and from there to a reset where it is latched.
struct InterlockState: Sendable {
    /// Not judged yet is not seen.
    var verdict = Verdict.unseen("nothing has been read yet")
    /// Since when there has been cause.
    private(set) var since: Monotonic?
    private(set) var isTripped = false
    private(set) var isKept = false

    /// Cause now, and in which words; nil if there is none.
    func cause(of plan: Interlock) -> String? {
        switch verdict {
        case .holds: plan.check.says
        case .fails: nil
        case .unseen(let why): plan.whenBlind == .trip ? "'\(plan.check.says)' cannot be told: \(why)" : nil
        }
    }

    /// - Parameter dawn: until then blindness is no news: the gateway has just begun to look.
    /// - Returns: whether it tripped, or ended, just now.
    mutating func look(_ plan: Interlock, dawn: Monotonic, at now: Monotonic) -> Bool {
        let before = isTripped
        if cause(of: plan) == nil {
            since = nil
            isTripped = isKept
        } else {
            since = since ?? now
            if let due = due(plan, dawn: dawn), due <= now {
                isTripped = true
                if plan.isLatched, verdict == .holds { isKept = true }
            }
        }
        return isTripped != before
    }

    /// When it trips unless its cause goes away.
    func due(_ plan: Interlock, dawn: Monotonic) -> Monotonic? {
        guard let since else { return nil }
        return verdict == .holds ? since + plan.delay : max(since + plan.delay, dawn)
    }

    /// - Precondition: there is no cause any more.
    mutating func reset() {
        isKept = false
        isTripped = false
    }

    /// As an earlier run left it.
    mutating func keep() {
        isKept = true
        isTripped = true
    }
}
