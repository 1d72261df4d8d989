import Telemetry

/// What one judge has cost and how often it failed by its own fault; sets it aside when that is too often.
///
/// A rule whose expression divides by zero on every sample would be asked, fail and say so for ever. Ten failures within ten
/// minutes set it aside for ten minutes: it holds nothing meanwhile, since each failure lets go, and costs nothing.
struct Budget: Sendable {
    static let mostFailures = 10
    static let span: Duration = .seconds(600)

    private(set) var judged = 0
    private(set) var failed = 0
    private var recent = 0
    private var firstRecent: Monotonic = .zero
    private(set) var asideUntil: Monotonic?

    /// Whether the judge may be asked now.
    mutating func isOpen(at now: Monotonic) -> Bool {
        guard let until = asideUntil else { return true }
        guard now >= until else { return false }
        asideUntil = nil
        recent = 0
        return true
    }

    /// Takes note of an answer. True if this failure sets the judge aside.
    mutating func note(hasFailed: Bool, at now: Monotonic) -> Bool {
        judged += 1
        guard hasFailed else { return false }
        failed += 1
        if recent == 0 || now >= firstRecent + Self.span { (recent, firstRecent) = (0, now) }
        recent += 1
        guard recent >= Self.mostFailures else { return false }
        asideUntil = now + Self.span
        return true
    }
}
