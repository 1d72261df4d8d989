import Control
import FoundationEssentials
package import Rules
import Synchronization
package import Telemetry

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
    private let memory: RuleMemory?
    private let guards: GuardMemory?
    /// Told of what rules derive, once the table has it.
    private let publish = Mutex<@Sendable ([Batch]) -> Void>({ _ in })
    private let inbox: Mutex<Inbox>
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    /// Told when the rules have something new to remember.
    private let decisions: AsyncStream<Void>
    private let decision: AsyncStream<Void>.Continuation

    /// - Parameter memory: where the rules' minds outlive this process; nil for nowhere.
    init(
        table: PointTable, rules: [Rule], control: Control, watched: Set<PointID>, time: any TimeSource, memory: RuleMemory? = nil,
        guards: GuardMemory? = nil, record: @escaping @Sendable (Event) -> Void
    ) {
        self.table = table
        self.control = control
        self.watched = watched
        self.time = time
        self.record = record
        self.memory = memory
        self.guards = guards
        var engine = RuleEngine(rules: rules)
        let now = time.now()
        for event in memory.map({ $0.recall(&engine, at: now) }) ?? [] { record(event) }
        let points = table.directory.points.indices
        inbox = Mutex(
            Inbox(isChanged: points.map { _ in false }, isHeard: points.map { [engine] in engine.listens(to: PointID(index: $0)) }))
        self.engine = Mutex(engine)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (decisions, decision) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says who is told of the points that rules derive. Before `run`.
    func meet(_ publish: @escaping @Sendable ([Batch]) -> Void) { self.publish.withLock { $0 = publish } }

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
            if memory != nil { group.addTask { try await self.remember() } }
            if let guards { group.addTask { try await guards.run(control: self.control, time: self.time) } }
            do { try await group.waitForAll() } catch is CancellationError {}
        }
        save()
        await control.stop()
        guards?.save(control)
    }

    /// Keeps what the rules must not forget. Apart from judging, which never waits for a disk.
    private func remember() async throws {
        for await _ in decisions {
            save()
            try await time.sleep(for: .seconds(5))
        }
    }

    private func save() {
        guard let memory else { return }
        let now = time.now()
        memory.store(engine.withLock { $0.snapshot(at: now) })
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
        // What is derived may be what a guard looks at.
        for batch in publish(judgement.derived.map(\.sample), at: now) { await control.observe(batch) }
        for event in judgement.events { record(event) }
        if !(judgement.events.isEmpty && judgement.wants.isEmpty) { decision.yield() }
        for want in judgement.wants { await control.want(want) }
        guard let wake else { return nil }
        return inbox.withLock { inbox in
            if let armed = inbox.armed, armed <= wake { return nil }
            inbox.armed = wake
            return wake
        }
    }

    /// Puts derived samples where read ones go, a batch for each device.
    private func publish(_ derived: [Sample], at now: Moment) -> [Batch] {
        guard !derived.isEmpty else { return [] }
        let byDevice = Dictionary(grouping: derived) { table.directory[$0.point].device }
        let batches = byDevice.sorted { $0.key < $1.key }.map { Batch(device: $0.key, received: now, samples: $0.value) }
        for batch in batches { table.apply(batch) }
        let publish = publish.withLock { $0 }
        publish(batches)
        return batches
    }

    private func ring(at wake: Monotonic) async throws {
        try await time.sleep(until: wake)
        inbox.withLock { inbox in
            if inbox.armed == wake { inbox.armed = nil }
        }
        signal.yield()
    }
}

/// Where the minds of the rules outlive the process.
package struct RuleMemory: Sendable {
    /// Whatever was stored last; nil if nothing was, or it cannot be read.
    let load: @Sendable () -> [UInt8]?
    /// Replaces what was stored, wholly or not at all.
    let keep: @Sendable ([UInt8]) -> Void

    package init(load: @escaping @Sendable () -> [UInt8]?, keep: @escaping @Sendable ([UInt8]) -> Void) {
        self.load = load
        self.keep = keep
    }

    /// A file of its own, replaced in one step: whoever reads it after a power cut finds the old one or the new one.
    static func file(_ path: String) -> RuleMemory {
        RuleMemory(
            load: { FileManager.default.contents(atPath: path).map(Array.init) },
            // A disk that is full takes nothing away from what the rules do now; the next decision tries again.
            keep: { bytes in try? Data(bytes).write(to: URL(filePath: path), options: .atomic) })
    }

    /// - Returns: what people should know of it.
    package func recall(_ engine: inout RuleEngine, at now: Moment) -> [Event] {
        guard let bytes = load() else { return [] }
        guard let snapshot = try? JSONDecoder().decode(RuleSnapshot.self, from: Data(bytes)) else {
            let text = "what the rules knew before cannot be read: all begin anew"
            return [Event(time: now.wall, kind: .gateway, subject: "rules", origin: "rules", text: text)]
        }
        return engine.restore(snapshot, at: now)
    }

    package func store(_ snapshot: RuleSnapshot) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let bytes = try? encoder.encode(snapshot) else { return }
        keep(Array(bytes))
    }
}
