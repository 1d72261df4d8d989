/// How quickly an operator must act, and how bad it is if nobody does: the four priorities of ISA-18.2.
package enum AlarmPriority: String, Sendable, CaseIterable, Codable, Comparable {
    case highest, high, medium, low

    /// 1 for the highest.
    package var rank: Int {
        switch self {
        case .highest: 1
        case .high: 2
        case .medium: 3
        case .low: 4
        }
    }

    /// `a < b` when `a` is the less urgent.
    package static func < (a: AlarmPriority, b: AlarmPriority) -> Bool { a.rank > b.rank }

    /// The share of annunciated alarms that ISA-18.2-2016 (clause 16, priority distribution) and EEMUA 191 recommend: of the
    /// highest less than one in a hundred, then about 5, 15 and 80.
    package var recommendedShare: Double {
        switch self {
        case .highest: 0.01
        case .high: 0.05
        case .medium: 0.15
        case .low: 0.80
        }
    }

    /// The longest an alarm may be shelved: a shift, and an hour where a life may hang on it.
    package var longestShelf: Duration { self == .highest ? .seconds(3600) : .seconds(8 * 3600) }
}
