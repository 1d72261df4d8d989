import Rules
import Telemetry

/// The total of a meter's counter, which begins again from zero when it is full, and somewhere else when the meter is replaced.
///
/// A counter counts on while nobody reads it, so unlike a rate's, its total has no gap where readings are missing, unless it may
/// have gone round more than once meanwhile.
struct CounterTotal: Sendable {
    struct Terms: Sendable {
        /// The number after its last, where it begins again from zero, in the counter's unit: 65,536 for 16 bits. nil if it never does.
        let modulus: Double?
        /// More than this is not counted in an hour; nil if nobody knows.
        let mostPerHour: Double?
        /// The total before the first reading.
        let start: Double
    }

    enum News: Hashable, Sendable {
        /// It went on from another number than it can have counted to: another meter, or one set to zero.
        case replaced(was: Double, is: Double)
        /// It may have gone round more than once since it was last read.
        case ambiguous(since: Duration)
    }

    let terms: Terms
    /// In the counter's unit.
    var sum: Double
    /// How many stretches are missing from the sum.
    var gaps = 0
    /// How often the meter was replaced, or set to another number.
    var replacements = 0
    private(set) var last: (count: Double, at: Monotonic)?

    init(_ terms: Terms) {
        self.terms = terms
        sum = terms.start
    }

    /// A count no such counter shows.
    func isOutside(_ count: Double) -> Bool { count < 0 || terms.modulus.map { count >= $0 } ?? false }

    /// - Returns: what was added, and what was out of the ordinary.
    @discardableResult
    mutating func hear(_ count: Double, at moment: Monotonic) -> (step: Double, news: News?) {
        guard let (before, since) = last else {
            last = (count, moment)
            return (0, nil)
        }
        guard moment > since else { return (0, nil) }
        last = (count, moment)
        let span = moment - since
        // A meter that counts in coarse steps may show an hour's worth at once.
        let most = terms.mostPerHour.map { $0 * (span.seconds / 3600 + 1) }
        if let modulus = terms.modulus, let most, most >= modulus, span > .seconds(3600) {
            gaps += 1
            return (0, .ambiguous(since: span))
        }
        var step = count - before
        if step < 0, let modulus = terms.modulus {
            step += modulus
            // Without knowing the meter, a step of less than half a turn is the likelier story.
            if step > most ?? modulus / 2 { step = -1 }
        }
        guard step >= 0, step <= most ?? .infinity, (sum + step).isFinite else {
            // What was counted around the replacement is on neither meter for us to see.
            replacements += 1
            gaps += 1
            return (0, .replaced(was: before, is: count))
        }
        sum += step
        return (step, nil)
    }

    func keep(in memory: inout Memory, at now: Monotonic) {
        memory[number: "sum"] = sum
        memory[count: "gaps"] = gaps
        memory[count: "replacements"] = replacements
        memory[number: "count"] = last?.count
        memory.keep(last?.at, as: "count-at", at: now)
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        sum = memory[number: "sum"] ?? sum
        gaps = memory[tally: "gaps"]
        replacements = memory[tally: "replacements"]
        if let count = memory[number: "count"], let moment = memory.moment("count-at", since: base) { last = (count, moment) }
    }
}
