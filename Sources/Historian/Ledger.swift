/// Why a sample that was produced is not in the store.
package enum LossReason: String, Sendable, CaseIterable {
    /// The store did not take commits for so long that the buffer was full: the oldest went.
    case memoryFull = "memory-full"
    /// The batch names a point or a device that the directory does not have.
    case unknownPoint = "unknown-point"
}

/// What the store has done since the process began, and what it holds in memory.
package struct Counters: Hashable, Sendable {
    package var producedSamples = 0
    package var storedSamples = 0
    package var lostSamples: [LossReason: Int] = [:]
    package var storedBatches = 0
    package var storedEvents = 0
    package var lostEvents = 0
    package var commits = 0
    package var failedCommits = 0
    /// Encoded payloads, without what SQLite adds.
    package var storedBytes = 0
    package var bufferedSamples = 0
    package var bufferedBytes = 0
    package var maximumBytesInMemory = 0
    /// Journal rows found damaged while reading; each is skipped.
    package var unreadableRows = 0

    package init() {}
}

/// The account of a file: `produced` = `stored` + `lost`, and for each destination
/// `stored` = `acknowledged` + `pending` + `expired` + `dropped`. What is pending is counted in the journal, apart from the rest.
package struct Ledger: Hashable, Sendable {
    package struct Destination: Hashable, Sendable {
        package let name: String
        /// Everything up to and with this entry is settled.
        package let cursor: Int64
        package let samples: Outcome
        package let pending: Int

        package var acknowledged: Int { samples.acknowledged }
        package var expired: Int { samples.expired }
        /// Passed over: refused by the receiver, or unreadable.
        package var dropped: Int { samples.refused + samples.unreadable }
    }

    package let produced: Int
    package let stored: Int
    /// By the words of `LossReason`.
    package let lost: [String: Int]
    package let events: Int
    package let destinations: [Destination]

    /// What does not add up, in words; empty for an honest account.
    package var discrepancies: [String] {
        var found: [String] = []
        let lost = lost.values.reduce(0, +)
        if produced != stored + lost { found.append("\(produced) samples produced, but \(stored) stored and \(lost) lost") }
        for destination in destinations where stored != destination.samples.total + destination.pending {
            found.append(
                "\(destination.name): \(stored) samples stored, but \(destination.samples.total) settled and "
                    + "\(destination.pending) pending")
        }
        return found
    }
}
