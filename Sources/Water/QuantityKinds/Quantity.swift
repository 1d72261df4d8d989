import Rules
import Telemetry

/// What a file of quantities computes: it hears its inputs, remembers what it must, and answers for each of its parts.
protocol Quantity: Sendable {
    /// What it can be asked for, as `derive` names it: `flow`, `volume`, `starts`.
    associatedtype Part: RawRepresentable & CaseIterable & Hashable & Sendable where Part.RawValue == String

    /// Whether an answer outlasts its inputs. A total does, and is uncertain while they are bad; a flow of this moment does not.
    func outlasts(_ part: Part) -> Bool

    /// - Returns: what is worth a row.
    mutating func hear(_ glimpse: Glimpse) -> [News]
    /// nil if there is nothing to say yet.
    func answer(_ part: Part, at now: Monotonic) -> Answer?

    func keep(in memory: inout Memory, at now: Monotonic)
    mutating func recall(_ memory: Memory, since base: Monotonic)
}

extension Quantity {
    func keep(in memory: inout Memory, at now: Monotonic) {}
    mutating func recall(_ memory: Memory, since base: Monotonic) {}
}

/// What a quantity sees of its inputs at one moment.
struct Glimpse {
    /// Of each slot of its kind, in the slot's own unit; nil if an input is bad. A slot without an input is empty.
    let numbers: [[Double]]?
    /// Whether one of them is bad or stale, so that nothing may be counted.
    let isDark: Bool
    /// Whether all of them are good.
    let isCertain: Bool
    /// When the newest of them was true.
    let moment: Monotonic
    let now: Moment
    /// What schedules go by; nil while no clock can be believed.
    let scheduleTime: Timestamp?

    /// The number of a slot that stands for one input.
    func number(_ slot: Int) -> Double? { numbers?[slot].first }
    func isTrue(_ slot: Int) -> Bool { number(slot) == 1 }
}

/// What a quantity comes to: a number in its dimension's own unit, and whether anything speaks against it besides its inputs.
struct Answer {
    enum Amount { case number(Double), count(Int), truth(Bool) }

    let amount: Amount
    let doubt: Cause?
    /// Whether it is no value at all, but a contradiction.
    let isWrong: Bool

    init(_ amount: Amount, doubt: Cause? = nil, isWrong: Bool = false) {
        self.amount = amount
        self.doubt = doubt
        self.isWrong = isWrong
    }

    static func number(_ number: Double, doubt: Cause? = nil) -> Answer { Answer(.number(number), doubt: doubt) }
    static func count(_ count: Int) -> Answer { Answer(.count(count)) }
}

/// What is worth a row of its own.
struct News {
    let kind: Event.Kind
    let text: String

    init(_ text: String, _ kind: Event.Kind = .decision) {
        self.kind = kind
        self.text = text
    }
}
