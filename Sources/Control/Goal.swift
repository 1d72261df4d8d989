import Telemetry

/// What a point shall be, and on whose word.
enum Goal: Hashable, Sendable {
    case slot(Slot)
    /// Nobody wants anything.
    case safe(Value)

    var value: Value {
        switch self {
        case .slot(let slot): slot.value
        case .safe(let value): value
        }
    }

    /// For the origin of an event.
    var origin: String {
        switch self {
        case .slot(let slot): slot.owner
        case .safe: "default"
        }
    }

    var who: String {
        switch self {
        case .slot(let slot): slot.who
        case .safe: "its default"
        }
    }

    var why: String {
        switch self {
        case .slot(let slot): slot.why
        case .safe: "nobody wants otherwise"
        }
    }
}

extension Slot {
    /// `water/drain (automatic)`
    var who: String { "\(owner) (\(priority.word))" }
}
