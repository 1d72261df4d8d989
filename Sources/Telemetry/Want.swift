/// Who is heard first at a writable point, in the manner of BACnet's priority array (ISO 16484-5). Below them all stands
/// the point's default.
package enum Priority: Int, Sendable, CaseIterable, Comparable {
    case lifeSafety, manual, automatic

    /// `a < b` when `a` gives way to `b`.
    package static func < (a: Priority, b: Priority) -> Bool { a.rawValue > b.rawValue }

    package var word: String {
        switch self {
        case .lifeSafety: "life-safety"
        case .manual: "manual"
        case .automatic: "automatic"
        }
    }
}

/// What a rule or a person would like a writable point to be. Only `Control` decides whether it will be.
package struct Want: Sendable, Hashable {
    package let point: PointID
    /// nil lets go of the slot.
    package let value: Value?
    package let priority: Priority
    /// The rule or person, by name; one owner holds one slot of a point.
    package let owner: String
    /// When the slot empties by itself; nil holds until the owner lets go.
    package let expires: Monotonic?
    /// The reason in words, kept with the decision.
    package let why: String

    package init(
        point: PointID, value: Value?, priority: Priority = .automatic, owner: String, expires: Monotonic? = nil, why: String
    ) {
        self.point = point
        self.value = value
        self.priority = priority
        self.owner = owner
        self.expires = expires
        self.why = why
    }
}
