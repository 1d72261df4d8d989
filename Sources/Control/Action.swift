package import Telemetry

/// One write on its way. Never used twice in a run.
package struct CommandID: Hashable, Comparable, Sendable {
    package let number: UInt64

    package init(number: UInt64) { self.number = number }

    package static func < (a: CommandID, b: CommandID) -> Bool { a.number < b.number }
}

/// What the arbiter asks its shell to do, in this order.
package enum Action: Sendable, Hashable {
    /// To be answered with `Arbiter.wrote`, whatever comes of it.
    case write(CommandID, PointID, Value)
    case record(Event)
}
