import Telemetry

/// Who wants what of one point, the most urgent first, in the manner of BACnet's priority array (ISO 16484-5, clause 19).
///
/// BACnet has one slot a level, and the last writer takes it. Here every owner has a slot of its own, and between owners
/// of one level it depends on who they are:
/// - life safety: whoever wants the safe value goes first, since a trip outranks an override; then first come, first heard;
/// - manual: the latest person takes the place of the one before, whose want is dropped: an order given up must not come
///   back to life when the next person lets go;
/// - automatic: first come, first heard, so that two rules never fight; the other waits its turn.
struct PriorityArray: Sendable {
    enum Heard: Equatable {
        /// A new or changed slot, and the person's whose place it took.
        case taken(inPlaceOf: Slot?)
        /// Nothing new but perhaps the expiry.
        case repeated
        case released(Slot)
        /// Let go of something not held.
        case nothing
    }

    private let safe: Value?
    /// In the order in which they are heard.
    private(set) var slots: [Slot] = []
    private var arrivals = 0

    init(safe: Value?) { self.safe = safe }

    /// The slot that is heard; the caller has let the expired ones go.
    var winner: Slot? { slots.first }

    var nextExpiry: Monotonic? { slots.compactMap(\.expires).min() }

    /// - Precondition: the want has not expired and its value is one the point can take.
    mutating func hear(_ want: Want) -> Heard {
        let held = slots.firstIndex { $0.owner == want.owner }
        guard let value = want.value else {
            guard let held else { return .nothing }
            return .released(slots.remove(at: held))
        }
        if let held, slots[held].value == value, slots[held].priority == want.priority {
            slots[held].expires = want.expires
            slots[held].why = want.why
            return .repeated
        }
        let former = held.map { slots.remove(at: $0) }
        var replaced: Slot?
        if want.priority == .manual, let other = slots.firstIndex(where: { $0.priority == .manual }) {
            replaced = slots.remove(at: other)
        }
        arrivals += 1
        // Whoever changes its mind keeps its place: a rule that stops its pump is not overtaken by one that waits to start it.
        let arrival = former?.priority == want.priority ? former?.arrival ?? arrivals : arrivals
        let slot = Slot(
            value: value, priority: want.priority, owner: want.owner, arrival: arrival, expires: want.expires, why: want.why)
        slots.insert(slot, at: slots.firstIndex { isBefore(slot, $0) } ?? slots.count)
        return .taken(inPlaceOf: replaced)
    }

    /// Removes and returns the slots whose time is over.
    mutating func expire(at now: Monotonic) -> [Slot] {
        let over = slots.filter { $0.isExpired(at: now) }
        if !over.isEmpty { slots.removeAll { $0.isExpired(at: now) } }
        return over
    }

    /// Removes and returns the slots of one level.
    mutating func empty(_ priority: Priority) -> [Slot] {
        let gone = slots.filter { $0.priority == priority }
        slots.removeAll { $0.priority == priority }
        return gone
    }

    private func isBefore(_ a: Slot, _ b: Slot) -> Bool {
        if a.priority != b.priority { return a.priority > b.priority }
        if a.priority == .lifeSafety, (a.value == safe) != (b.value == safe) { return a.value == safe }
        return a.arrival < b.arrival
    }
}
