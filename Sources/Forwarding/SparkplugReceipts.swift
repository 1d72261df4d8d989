/// Which messages of an edge node have arrived. Data has QoS 0 and is never acknowledged; but a broker reads a connection in
/// order, so that its answer to a question asked afterwards, a barrier, is the acknowledgement of all that went before.
///
/// One barrier at a time, for all that was sent until it was asked for. Whatever a birth or death of the node comes upon is not
/// counted: a host that asked for the birth may have made nothing of the data before it.
struct SparkplugReceipts<Waiter> {
    private var session = 0
    /// Sent, and in no barrier yet.
    private var waiting: [(waiter: Waiter, session: Int)] = []
    private var asked: [(waiter: Waiter, session: Int)] = []
    private var isAsking = false

    /// The messages this one waits for have been handed to the connection.
    mutating func sent(_ waiter: Waiter) { waiting.append((waiter, session)) }

    /// A birth or a death of the node is next.
    mutating func interrupt() { session += 1 }

    /// Whether to ask for a barrier now.
    mutating func begin() -> Bool {
        guard !isAsking, !waiting.isEmpty else { return false }
        isAsking = true
        (asked, waiting) = (waiting, [])
        return true
    }

    /// The barrier's answer, or the connection's end.
    ///
    /// - Parameter isReached: the broker has read all that was asked for, and the node's session still stands.
    mutating func answered(_ isReached: Bool) -> [(waiter: Waiter, isDelivered: Bool)] {
        defer { (asked, isAsking) = ([], false) }
        return asked.map { ($0.waiter, isReached && $0.session == session) }
    }
}
