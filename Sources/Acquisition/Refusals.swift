import Telemetry

/// What a device has been seen to refuse of a plan: cells alone, and neighbours together because of what lies between.
///
/// A cell is left out, and tried again after a minute, then ever more rarely up to an hour. One that is served again is a
/// sign that the device has changed, so all are tried at the next scan.
struct Refusals: Sendable {
    private static let first = Duration.seconds(60)
    private static let last = Duration.seconds(3600)
    /// A cut costs one request a scan; so often is often enough to see whether it is still needed.
    private static let cutsHold = Duration.seconds(86_400)

    /// Left out, and until when.
    private var until: [Int: Monotonic] = [:]
    /// How often each has been refused; kept when it is tried again, so that a register that comes and goes is tried rarely.
    private var attempts: [Int: Int] = [:]
    /// Cells in whose front a request must end.
    private var cuts: [Int: Monotonic] = [:]
    /// Refused, as far as people have been told.
    private var told: Set<Int> = []
    /// The plan must be made anew.
    private(set) var isChanged = false
    /// When anything here is to be looked at again, or before that.
    private(set) var soonest = Monotonic.never
    /// Not told yet.
    private(set) var refused: [Int] = []
    private(set) var served: [Int] = []

    var leftOut: [Int] { until.isEmpty ? [] : until.keys.sorted() }
    var hasNews: Bool { !refused.isEmpty || !served.isEmpty }
    var isAnythingTold: Bool { !told.isEmpty }

    func leavesOut(_ cell: Int) -> Bool { !until.isEmpty && until[cell] != nil }
    func isCut(before cell: Int) -> Bool { !cuts.isEmpty && cuts[cell] != nil }

    mutating func refuse(_ cell: Int, at now: Monotonic, _ random: inout SeededRandom) {
        let before = attempts[cell, default: 0]
        attempts[cell] = before + 1
        let whole = min(Self.first * (1 << min(before, 10)), Self.last)
        let again = now + whole * Double.random(in: 0.75...1.25, using: &random)
        soonest = min(soonest, again)
        if until.updateValue(again, forKey: cell) == nil { isChanged = true }
        if told.insert(cell).inserted { refused.append(cell) }
    }

    mutating func cut(before cell: Int, at now: Monotonic) {
        cuts[cell] = now + Self.cutsHold
        soonest = min(soonest, now + Self.cutsHold)
        isChanged = true
    }

    mutating func serve(_ cells: Range<Int>) {
        for cell in cells {
            if told.remove(cell) != nil { served.append(cell) }
            guard until[cell] != nil else { continue }
            until.removeAll()
            isChanged = true
        }
    }

    /// What to try again now: one cell, to be asked for alone. Cuts whose time has come are forgotten.
    mutating func retry(at now: Monotonic) -> Int? {
        guard soonest <= now else { return nil }
        if cuts.contains(where: { $0.value <= now }) {
            cuts = cuts.filter { $0.value > now }
            isChanged = true
        }
        soonest = min(until.values.min() ?? .never, cuts.values.min() ?? .never)
        return until.filter { $0.value <= now }.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    mutating func planned() { isChanged = false }

    mutating func forgetNews() {
        refused = []
        served = []
    }
}
