import Rules
import Telemetry

/// Counts overflows and what they spill. One that begins again soon after it ended is still the same one.
struct Overflows: Sendable {
    enum News: Hashable, Sendable {
        case begins
        /// It ended so long ago that what comes now is another one. The span is from its beginning to its last end.
        case isOver(volume: Double, lasted: Duration, number: Int, hasGap: Bool)
    }

    /// How long after an end the next beginning belongs to the same overflow.
    let rejoin: Duration

    /// Of all overflows; in the flow's unit times seconds.
    var spilled: RateTotal
    var count = 0
    /// Whether water flows over now; as last seen.
    var isFlowing = false
    private var began: Monotonic?
    private var ended: Monotonic?
    /// `spilled.sum` and `spilled.gaps` when the present overflow began.
    private var sumBefore = 0.0
    private var gapsBefore = 0

    init(rejoin: Duration, longestGap: Duration) {
        self.rejoin = rejoin
        spilled = RateTotal(longestGap: longestGap)
    }

    mutating func hear(_ flow: Double, at moment: Monotonic) -> [News] {
        var news: [News] = []
        if let over = close(at: moment) { news.append(over) }
        if flow > 0, began == nil {
            began = moment
            count += 1
            sumBefore = spilled.sum
            gapsBefore = spilled.gaps
            news.append(.begins)
        }
        spilled.hear(flow, at: moment)
        if flow > 0 { ended = nil } else if isFlowing { ended = moment }
        isFlowing = flow > 0
        return news
    }

    /// The level is not known: what flows is not counted. An overflow goes on until it is seen to have ended.
    mutating func goDark() { spilled.goDark() }

    private mutating func close(at moment: Monotonic) -> News? {
        guard let began, let ended, moment > ended + rejoin else { return nil }
        self.began = nil
        self.ended = nil
        return .isOver(
            volume: spilled.sum - sumBefore, lasted: ended - began, number: count, hasGap: spilled.gaps != gapsBefore)
    }

    func keep(in memory: inout Memory, at now: Monotonic) {
        spilled.keep(in: &memory, at: now)
        memory[count: "overflows"] = count
        memory[flag: "flowing"] = isFlowing
        memory.keep(began, as: "began", at: now)
        memory.keep(ended, as: "ended", at: now)
        memory[number: "sum-before"] = sumBefore
        memory[count: "gaps-before"] = gapsBefore
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        spilled.recall(memory, since: base)
        count = memory[tally: "overflows"]
        isFlowing = memory[flag: "flowing"]
        began = memory.moment("began", since: base)
        ended = memory.moment("ended", since: base)
        sumBefore = memory[number: "sum-before"] ?? spilled.sum
        gapsBefore = memory[count: "gaps-before"] ?? spilled.gaps
    }
}
