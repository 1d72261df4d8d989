package import Telemetry

/// Where readings and events go. Called from the links' own threads: nothing in it may block.
package struct Sink: Sendable {
    package let batch: @Sendable (Batch) -> Void
    package let event: @Sendable (Event) -> Void
    package let link: @Sendable (LinkEdge) -> Void
    /// Those batches were all for now: what is done best for several at once is to be done.
    package let turn: @Sendable () -> Void

    package init(
        batch: @escaping @Sendable (Batch) -> Void, event: @escaping @Sendable (Event) -> Void,
        link: @escaping @Sendable (LinkEdge) -> Void = { _ in }, turn: @escaping @Sendable () -> Void = {}
    ) {
        self.batch = batch
        self.event = event
        self.link = link
        self.turn = turn
    }
}

/// A link came or went.
package struct LinkEdge: Sendable, Hashable {
    package let name: String
    package let isUp: Bool
    package let at: Timestamp
    /// Why it is down; empty while it is up.
    package let reason: String

    package init(name: String, isUp: Bool, at: Timestamp, reason: String = "") {
        self.name = name
        self.isUp = isUp
        self.at = at
        self.reason = reason
    }
}

/// What the links have done since the start.
package struct AcquisitionStatistics: Sendable {
    package var requests = 0
    package var missedTicks = 0
    package var messages = 0
}
