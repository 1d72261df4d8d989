import Dispatch
import FoundationEssentials
package import Logging
import Synchronization
package import Telemetry

/// The one store: what was read and what happened, kept in `headgate.db` (SQLite, WAL, every commit synced).
///
/// Whoever produces puts batches and events into a bounded buffer and goes on; a queue of the journal's own writes all that
/// has gathered in one transaction, every `commitInterval`. A store that cannot be written costs memory first and the oldest
/// samples then, each counted, and never stops a poller. Readers see only what is committed, and do not wait for writers.
package final class Journal: Sendable {
    let folder: String
    let directory: Directory
    let time: any TimeSource
    let options: Options
    let boot: String
    let logger: Logger
    let noticed: @Sendable (Event) -> Void
    let buffer: Mutex<Buffer>
    /// Replaced on `queue` only; nil while nothing could be opened.
    let store = Mutex<Store?>(nil)
    /// A reader or a writer found the file damaged.
    let isSuspect = Atomic<Bool>(false)
    /// Says that there is something to commit.
    private let work: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    let trouble = Mutex<Trouble?>(nil)
    let losses = Mutex((thinned: Losses(), removed: Losses()))
    private let durable = Atomic<Int64>(0)
    private let listeners = Mutex<Listeners>(Listeners())
    private let followers = Mutex<[Follower]>([])
    let labels: Labels
    /// Blocking happens here, one commit at a time, and not on the threads that everyone shares.
    let queue = DispatchQueue(label: "headgate.store", qos: .userInitiated)
    let housekeeping = DispatchQueue(label: "headgate.archive", qos: .utility)

    private struct Listeners: Sendable {
        var next = 0
        var open: [Int: AsyncStream<Int64>.Continuation] = [:]
    }

    private struct Follower: Sendable {
        let append: @Sendable (Entry) -> Void
        let turn: @Sendable () -> Void
    }

    /// Opens the store or creates it. A damaged file is set aside and named in an event. A folder that cannot be written is
    /// no reason to stop pumping: the journal then begins in memory, says so, and tries again with each commit.
    ///
    /// - Parameter noticed: hears of the journal's own events, which it has recorded itself; called on its queue.
    /// - Throws: `StoreError.newer` if only a later release may touch the file.
    package init(
        folder: String, directory: Directory, time: any TimeSource, options: Options = Options(),
        logger: Logger = Logger(label: "historian"), noticed: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws {
        self.folder = folder
        self.directory = directory
        labels = Labels(directory)
        self.time = time
        self.options = options
        boot = options.boot ?? "process \(UUID())"
        self.logger = logger
        self.noticed = noticed
        buffer = Mutex(Buffer(options: options))
        (work, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        do {
            _ = try queue.sync { try opened() }
        } catch let error as StoreError {
            throw error
        } catch {
            begin(trouble: error)
        }
    }

    deinit { listeners.withLock { for listener in $0.open.values { listener.finish() } } }

    // MARK: Producers

    /// Takes a batch for the next commit. Never waits for the disk.
    package func append(_ batch: Batch) {
        let isKnown =
            directory.devices.indices.contains(batch.device.index)
            && batch.samples.allSatisfy { directory.points.indices.contains($0.point.index) }
        let (entry, isFirstInDoubt): (Entry?, Bool) = changing { buffer in
            guard isKnown else {
                buffer.refuse(batch, .unknownPoint)
                return (nil, false)
            }
            let isFirst = buffer.untimed.isEmpty && !batch.received.isTrusted
            return (buffer.append(batch, of: directory, labels), isFirst)
        }
        if isFirstInDoubt { tellOfDoubt(batch.received) }
        guard let entry else { return }
        for follower in followers.withLock({ $0 }) { follower.append(entry) }
    }

    /// A producer has appended all that it has for now.
    package func endTurn() {
        for follower in followers.withLock({ $0 }) { follower.turn() }
    }

    /// Shows every entry to someone as it is appended, ahead of its commit; entries of one device in their order. Both are
    /// called on the producer's thread, and not to be held up. While no file could be opened yet there is nothing to show.
    package func follow(append: @escaping @Sendable (Entry) -> Void, turn: @escaping @Sendable () -> Void) {
        followers.withLock { $0.append(Follower(append: append, turn: turn)) }
    }

    /// Takes an event for the next commit. Never waits for the disk.
    package func record(_ event: Event) { changing { $0.record(event) } }

    /// Entries are settled for a destination: durably so with the commit that has them, or the next one. A repeat changes
    /// nothing.
    ///
    /// - Parameter outcome: what became of their samples.
    package func settle(_ entries: Range<Int64>, for destination: String, _ outcome: Outcome) {
        changing { $0.settle(destination, entries, outcome) }
    }

    /// Something for the next commit; the first of it wakes whoever commits.
    func changing<Answer>(_ body: (inout Buffer) -> Answer) -> Answer {
        let (answer, isFirst) = buffer.withLock { buffer in
            let wasEmpty = buffer.isEmpty
            let answer = body(&buffer)
            return (answer, wasEmpty && !buffer.isEmpty)
        }
        if isFirst { bell.yield() }
        return answer
    }

    // MARK: Commits

    /// The last entry that survives anything; all before it do, too.
    package var committed: Int64 { durable.load(ordering: .acquiring) }

    /// `committed`, now and whenever it rises. A slow reader misses steps, never the last.
    package func commits() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int64.self, bufferingPolicy: .bufferingNewest(1))
        let id = listeners.withLock { listeners in
            listeners.next += 1
            listeners.open[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.listeners.withLock { $0.open.removeValue(forKey: id) }
        }
        continuation.yield(committed)
        return stream
    }

    /// Commits what has gathered, an interval after the first of it, until cancelled; then once more, and closes the run's
    /// account. A journal with nothing to do does nothing.
    package func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.keepArchive() }
            await keepCommitting()
            group.cancelAll()
        }
        try await flush()
        await onQueue { [self] in
            guard let store = store.withLock({ $0 }) else { return }
            do { try store.end(at: time.now().wall) } catch {
                logger.warning("the end of the run was not noted", metadata: ["error": "\(error)"])
            }
        }
    }

    private func keepCommitting() async {
        for await _ in work {
            do { try await time.sleep(for: pause) } catch { return }
            // A failure is told by the commit itself, and its work is back in the buffer.
            try? await flush()
            if isTroubled { bell.yield() }
        }
    }

    /// Commits now. What was appended and recorded before the call is durable when it returns; if it throws, that is kept
    /// for the next commit.
    package func flush() async throws {
        try await onQueue { [self] in Result { try commit() } }.get()
    }

    /// The commit interval; in trouble it doubles with each failure, up to five seconds.
    private var pause: Duration {
        let failures = trouble.withLock { $0?.attempts ?? 0 }
        return min(options.commitInterval * (1 << min(failures, 8)), max(.seconds(5), options.commitInterval))
    }

    /// A continuation and not GRDB's own asynchrony: that ends a commit whose task is cancelled.
    func onQueue<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
    }

    private func commit() throws {
        var work: Work?
        do {
            replaceIfUnfit()
            let store = try opened()
            let taken = buffer.withLock { $0.take() }
            work = taken
            if !taken.isEmpty || isTroubled {
                let receipt = try store.write(taken)
                work = nil
                buffer.withLock { $0.stored(taken, bytes: receipt.bytes) }
                endTrouble(lost: taken.lost[.memoryFull] ?? 0)
                advance(to: receipt.lastSeq)
            }
            try putRight(in: store)
        } catch {
            buffer.withLock { $0.putBack(work ?? Work()) }
            if StoreFile.isDamage(error) { isSuspect.store(true, ordering: .relaxed) }
            begin(trouble: error)
            throw error
        }
    }

    /// What could not be sent before can be now.
    func renew() {
        bell.yield()
        for listener in listeners.withLock({ Array($0.open.values) }) { listener.yield(committed) }
    }

    /// Tells everyone how far the store has got.
    func advance(to seq: Int64) {
        guard seq > committed else { return }
        durable.store(seq, ordering: .releasing)
        for listener in listeners.withLock({ Array($0.open.values) }) { listener.yield(seq) }
    }
}
