/// Where an alarm stands: the states of ISA-18.2-2016, clause 5 (alarm state transition diagram), by their letters.
package enum AlarmState: String, Sendable, CaseIterable, Codable {
    case normal = "A"
    case unacknowledged = "B"
    case acknowledged = "C"
    case returnedUnacknowledged = "D"
    case latchedUnacknowledged = "E"
    case latchedAcknowledged = "F"
    case shelved = "G"
    case suppressedByDesign = "H"
    case outOfService = "I"

    package var word: String {
        switch self {
        case .normal: "normal"
        case .unacknowledged: "unacknowledged"
        case .acknowledged: "acknowledged"
        case .returnedUnacknowledged: "returned to normal, unacknowledged"
        case .latchedUnacknowledged: "latched, unacknowledged"
        case .latchedAcknowledged: "latched, acknowledged"
        case .shelved: "shelved"
        case .suppressedByDesign: "suppressed by design"
        case .outOfService: "out of service"
        }
    }

    /// Not shown among the alarms that call for an operator.
    package var isHidden: Bool { self == .shelved || self == .suppressedByDesign || self == .outOfService }
}

/// The same in the words of OPC UA Part 9 (OPC 10000-9, 5.5.2, 5.7.2, 5.8.2, 5.8.17).
package struct ConditionFlags: Sendable, Hashable {
    package enum Shelving: String, Sendable {
        case unshelved = "Unshelved"
        case timedShelved = "TimedShelved"
        case oneShotShelved = "OneShotShelved"
    }

    package let active: Bool
    package let acked: Bool
    /// True where the definition asks for no confirmation.
    package let confirmed: Bool
    package let shelving: Shelving
    package let suppressed: Bool
    package let outOfService: Bool
    package let latched: Bool
    /// Still of interest to a client: active, latched, or waiting for someone to acknowledge or confirm it.
    package let retain: Bool

    package var suppressedOrShelved: Bool { suppressed || outOfService || shelving != .unshelved }
}

extension Standing {
    /// Removal from service outranks suppression by design, and that the operator's shelf, as the stronger reason not to look.
    var state: AlarmState {
        if outOfService != nil { return .outOfService }
        if isSuppressed { return .suppressedByDesign }
        if shelf != nil { return .shelved }
        if isActive { return isAcked ? .acknowledged : .unacknowledged }
        if isLatched { return isAcked ? .latchedAcknowledged : .latchedUnacknowledged }
        return isAcked ? .normal : .returnedUnacknowledged
    }

    var flags: ConditionFlags {
        ConditionFlags(
            active: isActive || isLatched, acked: isAcked, confirmed: isConfirmed,
            shelving: shelf.map { $0.isOneShot ? .oneShotShelved : .timedShelved } ?? .unshelved, suppressed: isSuppressed,
            outOfService: outOfService != nil, latched: isLatched,
            retain: isActive || isLatched || !isAcked || !isConfirmed)
    }
}
