import Dispatch
import Logging
import Synchronization
import Telemetry

/// The last means of a full store: what has not been sent yet is thinned, oldest first; when all of it is, it goes.
extension Journal {
    /// Thins until there is room, or nothing is left to thin.
    func thin() throws {
        while try isFull(), let lost = try thinSome() { losses.withLock { $0.thinned.add(lost) } }
    }

    /// - Parameter rows: in one transaction: no commit waits for more.
    /// - Returns: how many samples each destination lost; nil if there is nothing to thin.
    func thinSome(rows: Int = 500) throws -> [String: Int]? {
        try rewriting { store, held in try store.thin(besides: held, for: options.destinations, rows: rows) }
    }

    /// Removes the oldest rows though some destination has not got them, until there is room.
    func expire() throws {
        while try isFull(), let lost = try expireSome() { losses.withLock { $0.removed.add(lost) } }
    }

    /// - Returns: how many samples each destination lost; nil if there is nothing that may go.
    func expireSome(rows: Int = 16) throws -> [String: Int]? {
        try rewriting { store, held in try store.expireJournal(most: rows, besides: held.pages, for: options.destinations) }
    }

    /// Alarms over what was lost since the last ones.
    func tellOfLosses() {
        let now = time.now().monotonic
        let (thinned, removed) = losses.withLock { ($0.thinned.news(at: now), $0.removed.news(at: now)) }
        let full = "The store is full (\(options.retention.bytes >> 20) MB): "
        for (name, samples) in thinned {
            logger.warning(
                "the store is full: samples are thinned", metadata: ["destination": "\(name)", "samples": "\(samples)"])
            alarm(
                full + "what \(name) does not have yet is thinned to a sample a minute and all changes of state, the oldest first; "
                    + "\(samples) samples less will be sent. The archive keeps them. Give the store more room, or mend the way to \(name).")
        }
        for (name, samples) in removed {
            logger.error(
                "the store is full: samples are lost to a destination", metadata: ["destination": "\(name)", "samples": "\(samples)"])
            alarm(
                full + "\(samples) samples that \(name) does not have yet are removed, the oldest first. Give it more room, or mend the "
                    + "way to \(name).")
        }
    }

    func isFull() throws -> Bool {
        guard let store = store.withLock({ $0 }) else { return false }
        return try store.bytesInUse() > options.retention.bytes
    }

    /// Takes samples out of the journal, between two commits: one that is under way would write standings that know nothing of it.
    ///
    /// - Returns: how many samples each destination lost; nil if there was nothing to take.
    private func rewriting(_ body: (Store, Loans.Held) throws -> Removal?) throws -> [String: Int]? {
        try queue.sync {
            guard let store = store.withLock({ $0 }) else { return nil }
            let held = buffer.withLock { $0.beginRewriting(for: options.destinations) }
            do {
                guard let removal = try body(store, held) else {
                    buffer.withLock { $0.endRewriting() }
                    return nil
                }
                return changing { $0.endRewriting(removal, for: options.destinations) }
            } catch {
                buffer.withLock { $0.endRewriting() }
                throw error
            }
        }
    }
}
