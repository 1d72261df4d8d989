import Control
import Rules
import Synchronization
import Telemetry

/// Rules and Control, fed from the links' threads. Hearing costs a lock; judging happens on a task of its own, once for
/// all that changed meanwhile, so that a slow rule delays no poller.
final class Brain: Sendable {
    private struct Inbox: Sendable {
        var changed: [PointID] = []
        var isChanged: [Bool]
        /// The points that some rule listens to.
        let isHeard: [Bool]
        /// What `Control` compares its commands with. The newest matter: the oldest go if it falls behind.
        var echoes: [Batch] = []
        var armed: Monotonic?
    }

    private static let mostEchoes = 4096

    private let table: PointTable
    private let control: Control
    private let watched: Set<PointID>
    private let time: any TimeSource
    private let record: @Sendable (Event) -> Void
    private let engine: Mutex<RuleEngine>
    private let inbox: Mutex<Inbox>
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(
        table: PointTable, rules: [Rule], control: Control, watched: Set<PointID>, time: any TimeSource,
        record: @escaping @Sendable (Event) -> Void
    ) {
        self.table = table
        self.control = control
        self.watched = watched
        self.time = time
        self.record = record
        let engine = RuleEngine(rules: rules)
        let points = table.directory.points.indices
        inbox = Mutex(
            Inbox(isChanged: points.map { _ in false }, isHeard: points.map { engine.listens(to: PointID(index: $0)) }))
        self.engine = Mutex(engine)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A batch the table has already taken in. Never blocks.
    func hear(_ batch: Batch) {
        let concernsControl = !watched.isEmpty && batch.samples.contains { watched.contains($0.point) }
        let isNews = inbox.withLock { inbox in
            let before = inbox.changed.count
            for sample in batch.samples where inbox.isHeard.indices.contains(sample.point.index) {
                guard inbox.isHeard[sample.point.index], !inbox.isChanged[sample.point.index] else { continue }
                inbox.isChanged[sample.point.index] = true
                inbox.changed.append(sample.point)
            }
            if concernsControl {
                if inbox.echoes.count >= Self.mostEchoes { inbox.echoes.removeFirst(Self.mostEchoes / 2) }
                inbox.echoes.append(batch)
            }
            return concernsControl || inbox.changed.count > before
        }
        if isNews { signal.yield() }
    }

    var rules: [RuleSummary] { engine.withLock { $0.list } }

    /// Judges and commands until cancelled; then lets go of what the rules hold and leaves the actuators safe.
    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.control.run() }
            group.addTask {
                self.signal.yield()
                try await withThrowingDiscardingTaskGroup { timers in
                    for await _ in self.signals {
                        guard let wake = await self.judge() else { continue }
                        timers.addTask { try await self.ring(at: wake) }
                    }
                    timers.cancelAll()
                }
            }
            do { try await group.waitForAll() } catch is CancellationError {}
        }
        await control.stop()
    }

    /// - Returns: when to look again if nothing happens; nil if someone is already waiting for an earlier time.
    private func judge() async -> Monotonic? {
        let (changed, echoes) = inbox.withLock { inbox in
            for point in inbox.changed { inbox.isChanged[point.index] = false }
            defer { (inbox.changed, inbox.echoes) = ([], []) }
            return (inbox.changed, inbox.echoes)
        }
        for batch in echoes { await control.observe(batch) }
        let now = time.now()
        let (judgement, wake) = engine.withLock { engine in
            let judgement = engine.hear(changed: changed.sorted(), view: View(table, at: now.monotonic), at: now)
            return (judgement, engine.nextWake)
        }
        for event in judgement.events { record(event) }
        for want in judgement.wants { await control.want(want) }
        guard let wake else { return nil }
        return inbox.withLock { inbox in
            if let armed = inbox.armed, armed <= wake { return nil }
            inbox.armed = wake
            return wake
        }
    }

    private func ring(at wake: Monotonic) async throws {
        try await time.sleep(until: wake)
        inbox.withLock { inbox in
            if inbox.armed == wake { inbox.armed = nil }
        }
        signal.yield()
    }
}
