import Rules
import Telemetry

/// What can be asked of any total.
enum TotalPart: String, CaseIterable {
    case total
    /// How much of it came of readings that were uncertain.
    case estimated
    /// How many stretches are missing from it.
    case gaps
    /// How often the meter was found to be another one, or set to another number.
    case replacements

    var isAmount: Bool { self == .total || self == .estimated }
}

/// The total of a rate.
struct RatedTotal: Quantity {
    typealias Part = TotalPart

    private var total: RateTotal
    /// In the rate's unit times seconds.
    private var estimated = 0.0
    /// What one of the rate is in the total's own unit a second.
    private let factor: Double

    /// - Parameter from: the total before the first reading, in the total's own unit.
    init(longestGap: Duration, factor: Double, from: Double) {
        total = RateTotal(longestGap: longestGap, from: from / factor)
        self.factor = factor
    }

    func outlasts(_ part: Part) -> Bool { true }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        guard let rate = glimpse.number(0), !glimpse.isDark else {
            total.goDark()
            return []
        }
        let step = total.hear(rate, at: glimpse.moment)
        if !glimpse.isCertain { estimated += step }
        return []
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? {
        switch part {
        case .total: .number(total.sum * factor)
        case .estimated: .number(estimated * factor)
        case .gaps: .count(total.gaps)
        case .replacements: .count(0)
        }
    }

    func keep(in memory: inout Memory, at now: Monotonic) {
        total.keep(in: &memory, at: now)
        memory[number: "estimated"] = estimated
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        total.recall(memory, since: base)
        estimated = memory[number: "estimated"] ?? 0
    }
}

/// The total of a meter's counter.
struct MeterTotal: Quantity {
    typealias Part = TotalPart

    private var total: CounterTotal
    /// What one of the counter's unit is in the total's own.
    private let factor: Double
    private let meter: Input
    /// In the counter's unit.
    private var estimated = 0.0
    private var isOutside = false

    init(terms: CounterTotal.Terms, factor: Double, meter: Input) {
        total = CounterTotal(terms)
        self.factor = factor
        self.meter = meter
    }

    func outlasts(_ part: Part) -> Bool { true }

    mutating func hear(_ glimpse: Glimpse) -> [News] {
        guard let count = glimpse.number(0), !glimpse.isDark else { return [] }
        isOutside = total.isOutside(count)
        guard !isOutside else { return [] }
        let (step, news) = total.hear(count, at: glimpse.moment)
        if !glimpse.isCertain { estimated += step }
        return news.map { [News($0.words(of: meter), .alarm)] } ?? []
    }

    func answer(_ part: Part, at now: Monotonic) -> Answer? {
        switch part {
        case .estimated: .number(estimated * factor)
        case .total: .number(total.sum * factor, doubt: isOutside ? .outOfRange : nil)
        case .gaps: .count(total.gaps)
        case .replacements: .count(total.replacements)
        }
    }

    func keep(in memory: inout Memory, at now: Monotonic) {
        total.keep(in: &memory, at: now)
        memory[number: "estimated"] = estimated
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        total.recall(memory, since: base)
        estimated = memory[number: "estimated"] ?? 0
    }
}

extension CounterTotal.News {
    func words(of meter: Input) -> String {
        func shown(_ count: Double) -> String { Wording.of(.double(count), unit: meter.unit) }
        switch self {
        case .replaced(let was, let now):
            return "\(meter.title) went from \(shown(was)) to \(shown(now)), which it cannot have counted: the total goes on from there, "
                + "without what was counted in between. Was the meter replaced or set?"
        case .ambiguous(let span):
            return "\(meter.title) was not read for \(Wording.of(span)) and may have gone round more than once: that is not in the total"
        }
    }
}
