import Synchronization
package import Telemetry

/// The shell around the `Arbiter`: carries its writes to the field and its events to the journal, and wakes it in time.
///
/// Nothing waits for the field here: a want is heard, and an observation taken, while a write to a dead device runs out.
/// A remote command does not even wait for the actor: its write leaves on the thread that brought it.
package actor Control {
    struct Write: Sendable {
        let id: CommandID
        let point: PointID
        let value: Value
    }

    enum News: Sendable {
        case event(Event)
        case answer(RemoteAnswer, @Sendable (RemoteAnswer) -> Void)
    }

    struct Core: Sendable {
        var arbiter: Arbiter
        /// Decided, and not yet on its way. At most one for each point.
        var queue: [Write] = []
        /// Not told yet, in the order in which it happened. One thread at a time tells it.
        var news: [News] = []
        var isTelling = false
        /// Who is answered, by ticket, until the last answer.
        var senders: [UInt64: @Sendable (RemoteAnswer) -> Void] = [:]
        var lastTicket: UInt64 = 0
        /// Commands whose latest state is not stored yet.
        var unkept: [RememberedCommand] = []
        /// The change of guards that was told of last.
        var toldGuards = 0
        /// Numbers what is stored of locks, so that an older book never takes a newer one's place.
        var lockWrites: UInt64 = 0
    }

    let core: Mutex<Core>
    private let actuator: any Actuator
    let time: any TimeSource
    let record: @Sendable (Event) -> Void
    private let keep: @Sendable (RememberedCommand) -> Void
    private let guardsChanged: @Sendable (() -> GuardSnapshot) -> Void
    let keepLocks: @Sendable (LockBook, UInt64) -> String?
    /// Points whose readings matter here.
    package nonisolated let watched: Set<PointID>
    /// Says that there is something in the queue.
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// How often the timer looks, at least. Deadlines are set a second ahead or more, so it meets them on time.
    private static let pulse = Duration.seconds(1)
    /// How long a stop may take, but for the last write of each point, which the actuator bounds.
    private static let farewell = Duration.seconds(5)

    /// - Parameter keep: stores what becomes of a command, so that its repetition is known after a restart. Called ahead of its
    ///   write, on whatever thread the command came.
    /// - Parameter guardsChanged: told that `guardSnapshot` is another, and how to ask for it, on any thread, before a write of a
    ///   person's command leaves; not to be held up.
    /// - Parameter keepLocks: stores all lock-outs, and returns once they are safe; why not, if they are not. They are numbered:
    ///   a book must not take the place of one with a higher number.
    package init(
        plans: [ActuatorPlan], feeders: [FeederPlan] = [], directory: Directory, actuator: any Actuator, time: any TimeSource,
        keep: @escaping @Sendable (RememberedCommand) -> Void = { _ in },
        guardsChanged: @escaping @Sendable (() -> GuardSnapshot) -> Void = { _ in },
        keepLocks: @escaping @Sendable (LockBook, UInt64) -> String? = { _, _ in nil },
        record: @escaping @Sendable (Event) -> Void
    ) {
        self.keep = keep
        self.guardsChanged = guardsChanged
        self.keepLocks = keepLocks
        let arbiter = Arbiter(actuators: plans, feeders: feeders, directory: directory)
        watched = arbiter.watched
        core = Mutex(Core(arbiter: arbiter))
        self.actuator = actuator
        self.time = time
        self.record = record
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package var counters: Counters { core.withLock { $0.arbiter.counters } }

    package func want(_ want: Want) { perform { [time] in $0.want(want, at: time.now()) } }

    /// Costs next to nothing for a batch without a point of ours, which most are.
    package nonisolated func observe(_ batch: Batch) async {
        guard batch.samples.contains(where: { watched.contains($0.point) }) else { return }
        await take(batch)
    }

    private func take(_ batch: Batch) { perform { $0.observe(batch) } }

    package func explain(_ point: PointID) -> String { core.withLock { [time] in $0.arbiter.explain(point, at: time.now()) } }

    /// A command from outside. Returns at once, on whatever thread: its write has left by then, if it may be written now.
    ///
    /// - Parameter answer: told at once, and again as the command comes further; on any thread, and never to be held up.
    package nonisolated func command(
        _ command: RemoteCommand, under terms: RemoteTerms, answer: @escaping @Sendable (RemoteAnswer) -> Void
    ) {
        let writes = core.withLock { [time] core in
            core.lastTicket += 1
            core.senders[core.lastTicket] = answer
            let ticket = core.lastTicket
            return Self.hear(&core) { $0.command(command, under: terms, ticket: ticket, at: time.now()) }
        }
        leave(writes)
    }

    /// The ids of commands that are remembered against repetition, to be stored; the oldest first.
    package nonisolated var rememberedCommands: [RememberedCommand] { core.withLock { $0.arbiter.remembered } }

    /// Takes in the ids an earlier run remembered; before the first command, or their repetitions run.
    package nonisolated func restore(_ commands: [RememberedCommand]) {
        core.withLock { [time] in $0.arbiter.restore(commands, at: time.now()) }
    }

    /// Carries out writes and keeps time until cancelled. To be run once; what is still to be written then waits for `stop`.
    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepTime() }
            for await _ in bell {
                for write in takeQueue() { group.addTask { await self.carryOut(write) } }
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Lets go of everything automatic and returns once the safe values are written, or after a few seconds of trying.
    package func stop() async {
        // A task of its own: whoever stops us is most often cancelled itself, and a cancelled write leaves a pump running.
        await Task { await bringToSafety() }.value
    }

    private func bringToSafety() async {
        perform { [time] in $0.stop(at: time.now()) }
        let deadline = time.now().monotonic + Self.farewell
        while true {
            await withTaskGroup(of: Void.self) { group in
                for write in takeQueue() { group.addTask { await self.carryOut(write) } }
            }
            let now = time.now().monotonic
            guard core.withLock({ $0.arbiter.isBusy }), now < deadline, await slept(until: now + .milliseconds(100)) else { return }
            perform { [time] in $0.tick(at: time.now()) }
        }
    }

    private func takeQueue() -> [Write] {
        core.withLock { core in
            defer { core.queue = [] }
            return core.queue
        }
    }

    /// Does not even wait for the actor: what is to be written leaves on this thread.
    nonisolated func performNow(_ change: (inout Arbiter) -> [Action]) {
        let writes = core.withLock { core in Self.hear(&core, change) }
        leave(writes)
    }

    private nonisolated func leave(_ writes: [Write]) {
        store()
        for write in writes {
            // Without a parent, since it starts on this thread, which is no task's: through the queue, the write would wait for
            // two others to wake. It ends in bounded time, which the actuator promises, and `stop` waits for it.
            Task.immediate { await carryOut(write) }
        }
        tell()
    }

    nonisolated func perform(_ change: (inout Arbiter) -> [Action]) {
        let isNews = core.withLock { core in
            let writes = Self.hear(&core, change)
            core.queue += writes
            return !writes.isEmpty
        }
        if isNews { ring.yield() }
        tell()
    }

    /// Lets the arbiter hear something, and returns what is to be written. The rest is then for `tell`.
    private static func hear(_ core: inout Core, _ change: (inout Arbiter) -> [Action]) -> [Write] {
        var writes: [Write] = []
        let actions = change(&core.arbiter)
        core.unkept += core.arbiter.takeChangedCommands()
        for reply in core.arbiter.takeReplies() {
            guard let sender = core.senders[reply.ticket] else { continue }
            if reply.isLast { core.senders[reply.ticket] = nil }
            core.news.append(.answer(reply.answer, sender))
        }
        for action in actions {
            switch action {
            case .record(let event): core.news.append(.event(event))
            case .write(let id, let point, let value): writes.append(Write(id: id, point: point, value: value))
            }
        }
        return writes
    }

    private nonisolated func store() {
        let (unkept, hasChanged) = core.withLock { core in
            defer { (core.unkept, core.toldGuards) = ([], core.arbiter.guardChanges) }
            return (core.unkept, core.toldGuards != core.arbiter.guardChanges)
        }
        for command in unkept { keep(command) }
        if hasChanged { guardsChanged { guardSnapshot } }
    }

    /// Tells the news in the order in which it happened, on one thread at a time: whoever finds another at it leaves it his.
    private nonisolated func tell() {
        store()
        var isMine = false
        while true {
            let news: [News] = core.withLock { core in
                if core.isTelling, !isMine { return [] }
                isMine = !core.news.isEmpty
                core.isTelling = isMine
                defer { core.news = [] }
                return core.news
            }
            guard isMine else { return }
            for item in news {
                switch item {
                case .event(let event): record(event)
                case .answer(let answer, let sender): sender(answer)
                }
            }
        }
    }

    private nonisolated func carryOut(_ write: Write) async {
        let outcome = await actuator.write(write.value, to: write.point)
        perform { [time] in $0.wrote(write.id, outcome, at: time.now()) }
    }

    private func keepTime() async {
        // Nothing is ever due where nothing can be commanded.
        guard !watched.isEmpty else { return }
        var wake: Monotonic
        repeat {
            // One reading of the clock for both: what falls due between two would be slept over.
            let moment = time.now()
            let now = moment.monotonic
            perform { $0.tick(at: moment) }
            wake = max(min(core.withLock({ $0.arbiter.nextWake }) ?? now + Self.pulse, now + Self.pulse), now + .milliseconds(10))
        } while await slept(until: wake)
    }

    /// Whether the time came before a cancellation did.
    private func slept(until deadline: Monotonic) async -> Bool {
        do {
            try await time.sleep(until: deadline)
            return true
        } catch {
            return false
        }
    }
}
