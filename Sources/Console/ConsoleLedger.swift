/// What became of every sample: `produced` = `stored` + `lost`, and for each destination
/// `produced` = `acknowledged` + `pending` + `expired` + `refused` + `unreadable` + what was lost before it was stored.
package struct ConsoleLedger: Sendable, Encodable {
    package struct Destination: Sendable, Encodable {
        package let name: String
        package let acknowledged: Int
        package let pending: Int
        package let expired: Int
        /// By the receiver.
        package let refused: Int
        package let unreadable: Int

        package init(name: String, acknowledged: Int, pending: Int, expired: Int, refused: Int, unreadable: Int) {
            self.name = name
            self.acknowledged = acknowledged
            self.pending = pending
            self.expired = expired
            self.refused = refused
            self.unreadable = unreadable
        }
    }

    package let produced: Int
    package let stored: Int
    /// By reason: `memory-full`, `unknown-point`.
    package let lost: [String: Int]
    package let destinations: [Destination]
    /// What does not add up, in words; empty for an honest account.
    package let discrepancies: [String]

    package init(produced: Int, stored: Int, lost: [String: Int], destinations: [Destination], discrepancies: [String]) {
        self.produced = produced
        self.stored = stored
        self.lost = lost
        self.destinations = destinations
        self.discrepancies = discrepancies
    }
}
