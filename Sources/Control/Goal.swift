import Telemetry

/// What a point shall be, and on whose word.
enum Goal: Hashable, Sendable {
    case slot(Slot)
    /// Nobody wants anything.
    case safe(Value)
    /// Whatever anyone wants: a lock-out, an interlock, too long a run.
    case forced(Value, by: String, why: String)
    /// Someone wants it at work, and it cannot start yet; until then it shall be safe.
    case waiting(Value, for: Slot, why: String)
    /// It shall stop, and runs on for its least time.
    case held(Value, why: String)

    var value: Value {
        switch self {
        case .slot(let slot): slot.value
        case .safe(let value), .forced(let value, _, _), .waiting(let value, _, _), .held(let value, _): value
        }
    }

    /// For the origin of an event.
    var origin: String {
        switch self {
        case .slot(let slot): slot.owner
        case .safe: "default"
        case .forced(_, let by, _): by
        case .waiting, .held: "control"
        }
    }

    var who: String {
        switch self {
        case .slot(let slot): slot.who
        case .safe: "its default"
        case .forced(_, let by, _): by
        case .waiting, .held: "its guards"
        }
    }

    var why: String {
        switch self {
        case .slot(let slot): slot.why
        case .safe: "nobody wants otherwise"
        case .forced(_, _, let why), .waiting(_, _, let why), .held(_, let why): why
        }
    }
}

extension Slot {
    /// `water/drain (automatic)`
    var who: String { "\(owner) (\(priority.word))" }
}
