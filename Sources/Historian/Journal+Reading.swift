import Dispatch
import GRDB
import Logging
import Synchronization
package import Telemetry

/// What is committed, for those in the same process. These calls block for the time of a read; they do not wait for commits.
extension Journal {
    /// Entries after a number, in order; an empty answer means that there is nothing more. A damaged entry is left out and
    /// counted. Points may be gone from today's directory.
    package func read(after seq: Int64, limit: Int) throws -> [Entry] {
        try reading { db, store in
            guard seq < .max else { return [] }
            return try Queries.page(
                db, of: seq + 1..<Int64.max, entries: limit, samples: .max, names: store.names, damaged: found
            ).entries
        }
    }

    /// What a destination has not settled yet of what is committed, from the first such entry on and in order; nil if there is
    /// nothing. Comes from memory as long as it is there. For callers on the threads that everyone shares.
    ///
    /// What it returns, and what is claimed, is lent until the destination's next call: however full the store is, it is not thinned
    /// meanwhile, and what was returned is not removed either. So a destination asks for one page at a time.
    ///
    /// - Parameters:
    ///   - last: the last entry that is wanted; the last that is committed unless told.
    ///   - claimed: entries that are on their way already.
    ///   - entries: the most to be read at once.
    ///   - samples: likewise, but for a single entry that has more.
    package func backlog(
        of destination: String, through last: Int64 = .max, besides claimed: RangeSet<Int64>, entries: Int, samples: Int
    ) async throws -> Page? {
        guard store.withLock({ $0 != nil }) || buffer.withLock({ $0.standing(of: destination) != nil }) else { throw unavailable }
        let lease = buffer.withLock {
            $0.lend(to: destination, through: min(last, committed), besides: claimed, entries: entries, samples: samples)
        }
        guard let lease else { return nil }
        if let page = lease.page { return page }
        if lease.mustWait { await onQueue {} }
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async { [self] in
                continuation.resume(
                    returning: Result {
                        try reading { db, store in
                            try Queries.page(
                                db, of: lease.gap, entries: entries, samples: samples, names: store.names, damaged: found)
                        }
                    })
            }
        }
        buffer.withLock { $0.lent(try? answer.get(), to: destination) }
        return try answer.get()
    }

    /// How far a destination has got: 0 if it is new. What was settled since the last commit is included, and may be
    /// forgotten in a crash: at least once, not exactly once.
    package func cursor(of destination: String) throws -> Int64 { try standing(of: destination).cursor }

    /// Committed samples that a destination has not settled yet.
    package func pending(of destination: String) throws -> Int {
        let standing = try standing(of: destination)
        return try reading { db, _ in try Queries.pending(db, of: standing) }
    }

    private func standing(of destination: String) throws -> Standing {
        if let known = buffer.withLock({ $0.standing(of: destination) }) { return known }
        guard store.withLock({ $0 != nil }) else { throw unavailable }
        return Standing()
    }

    /// Events after a number, in order.
    package func events(after seq: Int64, limit: Int) throws -> [StoredEvent] {
        try reading { db, _ in try Queries.events(db, after: seq, limit: limit) }
    }

    /// The newest events, the newest last.
    package func latestEvents(limit: Int) throws -> [StoredEvent] {
        try reading { db, _ in try Queries.latestEvents(db, limit: limit) }
    }

    /// A point's samples with source times in the range, ends included, by source time; the first ones if there are more.
    package func history(of point: PointName, from: Timestamp, to: Timestamp, limit: Int) throws -> [StoredSample] {
        try reading { db, store in
            try Queries.history(db, of: point, from: from, to: to, limit: limit, names: store.names, damaged: found)
        }
    }

    /// Produced, stored and lost samples of all runs in the file, and where each destination stands, as of the last commit.
    package func ledger() throws -> Ledger { try reading { db, _ in try Queries.ledger(db) } }

    package var counters: Counters { buffer.withLock { $0.snapshot } }

    /// What keeps the store from taking commits, and since when; nil if nothing does.
    package var failure: (since: Moment, reason: String)? { trouble.withLock { $0.map { ($0.since, $0.reason) } } }

    private func reading<Answer>(_ body: (Database, Store) throws -> Answer) throws -> Answer {
        guard let store = store.withLock({ $0 }) else { throw unavailable }
        do {
            return try store.pool.read { try body($0, store) }
        } catch  where StoreFile.isDamage(error) {
            // The next commit sets the file aside.
            isSuspect.store(true, ordering: .relaxed)
            throw error
        }
    }

    private var unavailable: StoreError { .unavailable(reason: failure?.reason ?? "it is being opened") }

    private func found(_ damage: StoreError) {
        buffer.withLock { $0.foundUnreadable() }
        logger.error("a journal row is damaged and left out", metadata: ["error": "\(damage)"])
    }
}
