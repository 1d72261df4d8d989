import Dispatch
import GRDB
import Logging
package import Series
import Synchronization

extension Journal {
    /// A point's past in rows, with its gaps: one for each unit it had. For callers on the threads that everyone shares.
    ///
    /// - Throws: `Aggregation.TooManyBuckets` for more rows than the question's limit, and what the store has to say.
    package func past(_ question: PastQuestion) async throws -> [Past] {
        guard let store = store.withLock({ $0 }) else { throw StoreError.unavailable(reason: failure?.reason ?? "it is being opened") }
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { [self] in
                continuation.resume(
                    returning: Result {
                        try store.pool.read { db in
                            try Queries.past(db, question, names: store.names, isRunning: true, damaged: found)
                        }
                    })
            }
        }
        // The next commit sets a damaged file aside.
        if case .failure(let error) = answer, StoreFile.isDamage(error) { isSuspect.store(true, ordering: .relaxed) }
        return try answer.get()
    }

    private func found(_ damage: StoreError) {
        buffer.withLock { $0.foundUnreadable() }
        logger.error("a part of a point's past is damaged and left out", metadata: ["error": "\(damage)"])
    }
}

extension HistoryReader {
    /// As `Journal.past`.
    package func past(_ question: PastQuestion) throws -> [Past] {
        try queue.read { db in try Queries.past(db, question, names: Names(db), isRunning: false, damaged: { _ in }) }
    }
}
