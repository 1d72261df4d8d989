import GRDB
import Logging
import Synchronization
import Telemetry

/// The state of a store that takes no commits.
struct Trouble: Sendable {
    let since: Moment
    let reason: String
    var attempts = 1
}

/// What goes wrong with the file, and what is done about it. All of it runs on the journal's queue.
extension Journal {
    /// The store, opened if it is not yet; a damaged file is set aside first.
    func opened() throws -> Store {
        if let open = store.withLock({ $0 }) { return open }
        do {
            return try open()
        } catch  where StoreFile.isDamage(error) {
            try setAside(because: "\(error)")
            return try open()
        }
    }

    private func open() throws -> Store {
        let before = committed
        let store = try Store(
            folder: folder, directory: directory, labels: labels, patience: options.patience, now: time.now().wall, after: before,
            boot: boot)
        buffer.withLock { buffer in
            // A file that begins again in mid-run: the rows of the old one are gone, and numbers go on.
            if before > 0, store.standings.isEmpty { buffer.restart(after: before) } else { buffer.learn(store.standings) }
            buffer.begin(after: store.lastSeq, untimed: store.untimed)
        }
        self.store.withLock { $0 = store }
        advance(to: store.lastSeq)
        return store
    }

    /// Lets go of a file that was found damaged, or is no longer where it was: SQLite would write on into what nobody can open.
    func replaceIfUnfit() {
        guard let unfit = store.withLock({ $0 }) else { return }
        let isThere = StoreFile.exists(unfit.path)
        guard isSuspect.exchange(false, ordering: .relaxed) || !isThere else { return }
        store.withLock { $0 = nil }
        do { try unfit.pool.close() } catch {
            logger.warning("a store was not closed in order", metadata: ["error": "\(error)"])
        }
        guard isThere else { return alarm("\(unfit.path) has vanished; a new file is begun.") }
        do { try setAside(because: "a page of it is malformed") } catch {
            logger.error("a damaged store cannot be set aside", metadata: ["error": "\(error)"])
        }
    }

    private func setAside(because reason: String) throws {
        let name = try StoreFile.setAside(folder: folder, at: time.now().wall)
        logger.error("a damaged store is set aside", metadata: ["file": "\(name)", "error": "\(reason)"])
        alarm("The store was damaged and is set aside as \(name); a new file is begun. Cause: \(reason)")
    }

    var isTroubled: Bool { trouble.withLock { $0 != nil } }

    func begin(trouble error: any Error) {
        let now = time.now()
        let isFirst = trouble.withLock { trouble in
            if trouble != nil {
                trouble?.attempts += 1
                return false
            }
            trouble = Trouble(since: now, reason: "\(error)")
            return true
        }
        guard isFirst else { return }
        logger.error("the store takes no commits; readings wait in memory", metadata: ["error": "\(error)"])
        alarm("The store takes no commits; readings wait in memory. Cause: \(error)")
    }

    /// - Parameter lost: samples, for want of memory, since the commit before.
    func endTrouble(lost: Int) {
        let past = trouble.withLock { trouble in
            defer { trouble = nil }
            return trouble
        }
        guard let past else { return }
        let seconds = (time.now().monotonic - past.since.monotonic).components.seconds
        logger.info(
            "the store takes commits again",
            metadata: ["seconds": "\(seconds)", "attempts": "\(past.attempts)", "lost": "\(lost)"])
        alarm("The store takes commits again after \(seconds) s; \(lost) samples were lost for want of memory.")
    }

    func alarm(_ text: String) {
        let event = Event(time: time.now().wall, kind: .alarm, subject: "store", origin: "historian", text: text)
        record(event)
        noticed(event)
    }
}
