import Telemetry

/// One owner's standing want of one point.
struct Slot: Hashable, Sendable {
    let value: Value
    let priority: Priority
    let owner: String
    /// The order in which owners came.
    let arrival: Int
    /// nil holds until the owner lets go.
    var expires: Monotonic?
    var why: String

    func isExpired(at now: Monotonic) -> Bool { expires.map { $0 <= now } ?? false }
}
