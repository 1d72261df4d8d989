import Alarms
import Synchronization
import Telemetry

/// The desk of alarms in service. Hearing costs a lock; judging happens on a task of its own, once for all that changed meanwhile,
/// so that no number of alarms delays a poller or a rule.
final class AlarmBell: Sendable {
    private struct Inbox: Sendable {
        var changed: [PointID] = []
        var isChanged: [Bool]
        /// The points that some alarm watches.
        let isHeard: [Bool]
        var armed: Monotonic?
    }

    /// The shortest time between two writings of what must survive.
    private static let pace = Duration.seconds(5)

    private let table: PointTable
    private let time: any TimeSource
    private let record: @Sendable (Event) -> Void
    private let desk: Mutex<AlarmDesk>
    private let memory: AlarmMemory?
    private let inbox: Mutex<Inbox>
    /// Told that the list of alarms is another.
    private let listener = Mutex<@Sendable () -> Void>({})
    private let isDirty = Atomic<Bool>(false)
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    /// Told when there is something new to remember.
    private let notes: AsyncStream<Void>
    private let note: AsyncStream<Void>.Continuation

    /// - Parameter memory: where acknowledgements and shelves outlive this process; nil for nowhere.
    init(
        table: PointTable, alarms: [AlarmDefinition], time: any TimeSource, memory: AlarmMemory? = nil,
        record: @escaping @Sendable (Event) -> Void
    ) {
        self.table = table
        self.time = time
        self.record = record
        self.memory = memory
        let now = time.now()
        var desk = AlarmDesk(alarms, at: now)
        for event in memory.map({ $0.recall(&desk, at: now) }) ?? [] { record(event) }
        let points = table.directory.points.indices
        inbox = Mutex(
            Inbox(isChanged: points.map { _ in false }, isHeard: points.map { [desk] in desk.listens(to: PointID(index: $0)) }))
        self.desk = Mutex(desk)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (notes, note) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says who is told that the list is another. Before `run`.
    func meet(_ listener: @escaping @Sendable () -> Void) { self.listener.withLock { $0 = listener } }

    /// A batch the table has already taken in. Never blocks.
    func hear(_ batch: Batch) {
        let isNews = inbox.withLock { inbox in
            let before = inbox.changed.count
            for sample in batch.samples where inbox.isHeard.indices.contains(sample.point.index) {
                guard inbox.isHeard[sample.point.index], !inbox.isChanged[sample.point.index] else { continue }
                inbox.isChanged[sample.point.index] = true
                inbox.changed.append(sample.point)
            }
            return inbox.changed.count > before
        }
        if isNews { signal.yield() }
    }

    /// What the desk says at this moment.
    func ask<Answer: Sendable>(_ question: @Sendable (borrowing AlarmDesk, Moment) -> Answer) -> Answer {
        let now = time.now()
        return desk.withLock { question($0, now) }
    }

    /// Obeys a person, and records what came of it, also that it was refused.
    /// - Returns: why nothing was done.
    func obey(_ order: AlarmOrder) -> AlarmRefusal? {
        let now = time.now()
        let (changes, refusal) = desk.withLock { $0.obey(order, at: now) }
        tell(changes)
        if let refusal {
            let text = "\(order.subject): \(order.act.word) refused: \(refusal.sentence)"
            record(Event(time: now.wall, kind: .alarm, subject: order.subject, origin: order.who, text: text))
        }
        // What is due next may be another now.
        signal.yield()
        return refusal
    }

    /// Judges until cancelled.
    func run() async throws {
        defer { save() }
        try await withThrowingTaskGroup { group in
            group.addTask {
                self.signal.yield()
                try await withThrowingDiscardingTaskGroup { timers in
                    for await _ in self.signals {
                        guard let wake = self.judge() else { continue }
                        timers.addTask { try await self.ring(at: wake) }
                    }
                    timers.cancelAll()
                }
            }
            if memory != nil { group.addTask { try await self.remember() } }
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// - Returns: when to look again if nothing happens; nil if someone is already waiting for an earlier time.
    private func judge() -> Monotonic? {
        let changed = inbox.withLock { inbox in
            for point in inbox.changed { inbox.isChanged[point.index] = false }
            defer { inbox.changed = [] }
            return inbox.changed
        }
        let now = time.now()
        let news = changed.sorted().compactMap { point in
            table.state(of: point, at: now.monotonic).map { Heard(table.directory[point], id: point, state: $0, at: now.monotonic) }
        }
        let (changes, wake) = desk.withLock { desk in (desk.hear(news, at: now), desk.nextWake) }
        tell(changes)
        guard let wake else { return nil }
        return inbox.withLock { inbox in
            if let armed = inbox.armed, armed <= wake { return nil }
            inbox.armed = wake
            return wake
        }
    }

    private func tell(_ changes: [AlarmChange]) {
        guard !changes.isEmpty else { return }
        for change in changes where !change.isQuiet { record(change.event) }
        isDirty.store(true, ordering: .sequentiallyConsistent)
        note.yield()
        listener.withLock { $0 }()
    }

    private func ring(at wake: Monotonic) async throws {
        try await time.sleep(until: wake)
        inbox.withLock { inbox in
            if inbox.armed == wake { inbox.armed = nil }
        }
        signal.yield()
    }

    // MARK: Remembering

    /// Apart from judging, which never waits for a disk.
    private func remember() async throws {
        for await _ in notes {
            save()
            try await time.sleep(for: Self.pace)
        }
    }

    private func save() {
        guard let memory, isDirty.exchange(false, ordering: .sequentiallyConsistent) else { return }
        let now = time.now()
        let (isWritten, trouble) = memory.store(desk.withLock { $0.snapshot(at: now) })
        if let trouble { record(Event(time: now.wall, kind: .alarm, subject: "alarms", origin: "alarms", text: trouble)) }
        guard !isWritten else { return }
        isDirty.store(true, ordering: .sequentiallyConsistent)
        note.yield()
    }
}
