package enum LinkState: Hashable, Sendable {
    case connected
    /// There is no connection, or no longer; the cause in words.
    case disconnected(reason: String)
}

/// What a stream link did since it was made, over all its connections.
package struct LinkStatistics: Hashable, Sendable {
    /// Requests put on the wire.
    package var requests = 0
    /// Requests answered in time, exceptions included.
    package var answers = 0
    package var timeouts = 0
    /// Answers that came after their request had timed out, or may have, and were dropped.
    package var late = 0
    /// Connections closed by us because what came made no sense any more.
    package var desyncs = 0

    package init() {}

    package static func + (a: LinkStatistics, b: LinkStatistics) -> LinkStatistics {
        var sum = a
        sum.requests += b.requests
        sum.answers += b.answers
        sum.timeouts += b.timeouts
        sum.late += b.late
        sum.desyncs += b.desyncs
        return sum
    }
}
