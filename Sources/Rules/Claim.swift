package import Telemetry

/// What a judge holds at `Control`. Each want is a lease: if nobody is left to renew it, it empties by itself.
package struct Claim: Sendable {
    /// How long a want outlives its judge.
    package static let lease: Duration = .seconds(60)
    private static let renewal: Duration = .seconds(20)

    package struct Item: Hashable, Sendable {
        package let point: PointID
        package let value: Value
        package let priority: Priority

        package init(point: PointID, value: Value, priority: Priority = .automatic) {
            self.point = point
            self.value = value
            self.priority = priority
        }
    }

    private struct Slot: Sendable {
        let item: Item
        let why: String
        let sent: Monotonic
        let expires: Monotonic
    }

    package let owner: String
    private var slots: [Slot] = []
    private var end: Monotonic?

    package init(owner: String) { self.owner = owner }

    package var isEmpty: Bool { slots.isEmpty }

    /// Holds exactly these items, until an end if there is one. Answers with what `Control` does not know yet: new and changed
    /// wants, leases due for renewal, and nil for points no longer held.
    package mutating func hold(_ items: [Item], until end: Monotonic? = nil, why: String, at now: Monotonic) -> [Want] {
        // Most judgings change nothing, and cost nothing.
        let isSame = end == self.end && slots.count == items.count && slots.indices.allSatisfy { index in
            slots[index].item == items[index] && (slots[index].expires == end || now < slots[index].sent + Self.renewal)
        }
        if isSame { return [] }
        var wants = slots.filter { slot in !items.contains { $0.point == slot.item.point && $0.priority == slot.item.priority } }
            .map { release($0.item, why: why) }
        var held: [Slot] = []
        for item in items {
            let before = slots.first { $0.item == item }
            if let before, end == self.end, before.expires == end || now < before.sent + Self.renewal {
                held.append(before)
                continue
            }
            let lease = now + Self.lease
            let slot = Slot(item: item, why: before?.why ?? why, sent: now, expires: end.map { min($0, lease) } ?? lease)
            held.append(slot)
            wants.append(
                Want(
                    point: item.point, value: item.value, priority: item.priority, owner: owner, expires: slot.expires,
                    why: slot.why))
        }
        slots = held
        self.end = end
        return wants
    }

    /// Lets go of everything held.
    package mutating func letGo(why: String) -> [Want] {
        defer { slots = [] }
        return slots.map { release($0.item, why: why) }
    }

    private func release(_ item: Item, why: String) -> Want {
        Want(point: item.point, value: nil, priority: item.priority, owner: owner, why: why)
    }

    /// When the first lease must be renewed.
    package var wake: Monotonic? {
        slots.filter { $0.expires != end }.map { $0.sent + Self.renewal }.min()
    }
}
