package import Historian
package import Logging
package import MQTT
package import Telemetry

/// Follows the journal for one destination: what is new goes out at once where the receiver takes it so (`LiveLane`); all that
/// is committed and not settled is read from the journal, sent, and settled when the receiver has acknowledged. At least once,
/// each way in order, and nothing is passed over but what the receiver refuses as malformed, which becomes an event.
///
/// After an outage there is more than a batch, and it is old. Then what comes in meanwhile goes first, and the backlog behind it,
/// at its own pace: someone waits for the present value, and nobody for last night's in particular.
package actor Forwarder {
    package struct Options: Sendable {
        /// What one send holds at most.
        package var maximumEntries = 500
        package var maximumSamples = 5000
        /// Between two sends while little is waiting.
        package var interval: Duration = .milliseconds(500)
        /// How long one send may take.
        package var patience: Duration = .seconds(30)
        package var backoff = Backoff(first: .seconds(1), limit: .seconds(30))
        /// How old an entry of the backlog is when it counts as late.
        package var lateness: Duration = .seconds(10)
        /// The longest wait a receiver may ask for.
        package var maximumRetryAfter: Duration = .seconds(300)
        /// Samples a second of a backlog at most; nil for as many as the receiver takes. What is new is not counted, and does not
        /// wait.
        package var backfill: Double?

        package init() {}
    }

    struct Trouble {
        let since: Moment
        var reason: String
        var attempts: Int
    }

    private enum Step: Equatable { case caughtUp, sentAll, sentSome, waits(Duration) }

    package nonisolated let name: String
    let destination: any Destination
    let live: LiveLane
    let journal: Journal
    let time: any TimeSource
    let options: Options
    let logger: Logger
    var backoff: Backoff
    /// Entries a send; halved by failures, since a short send may pass where a long one does not.
    var batch: Int
    /// Samples a send, which a receiver may find too large.
    var most: Int
    private var isRunning = false
    var trouble: Trouble?
    var acknowledged = 0
    var dropped = 0
    var lastAcknowledged: Moment?
    var quarantine = Quarantine()
    /// The receiver refused all it was sent: with more to choose from, what is at fault can be told from the receiver.
    var needsCompany = false
    /// The last entry of a backlog that is being sent behind what is new; nil where all goes in order.
    var front: Int64?
    /// When what is new may go again, beside a backlog.
    private var liveDue = Monotonic.zero
    var pace: Pace
    var meter = Meter()

    package init(
        destination: any Destination, journal: Journal, time: any TimeSource, options: Options = Options(),
        logger: Logger = Logger(label: "forwarding")
    ) {
        name = destination.name
        self.destination = destination
        live = LiveLane(destination, journal: journal, time: time)
        self.journal = journal
        self.time = time
        self.options = options
        self.logger = logger
        backoff = options.backoff
        batch = max(1, options.maximumEntries)
        most = max(1, options.maximumSamples)
        pace = Pace(limit: options.backfill)
        if destination.takesSingly { journal.follow(append: { [live] in live.offer($0) }, turn: { [live] in live.flush() }) }
    }

    /// Forwards until its task is cancelled.
    package func run() async throws {
        precondition(!isRunning, "a forwarder runs once at a time")
        isRunning = true
        defer { isRunning = false }
        var commits = journal.commits().makeAsyncIterator()
        while !Task.isCancelled {
            do {
                switch try await step() {
                case .sentSome: continue
                case .sentAll: try await time.sleep(for: options.interval)
                case .waits(let pause): try await time.sleep(for: pause)
                case .caughtUp: if await commits.next(isolation: #isolation) == nil { return }
                }
            } catch  where Task.isCancelled {
                return
            } catch {
                let pause = failed(error)
                do { try await rest(pause) } catch { return }
            }
        }
    }

    /// Waits, but no longer than until there is a connection again, where that can be seen.
    private func rest(_ pause: Duration) async throws {
        let end = time.now().monotonic + pause
        let wasReady = destination.isReady
        while true {
            let now = time.now().monotonic
            guard now < end else { return }
            guard wasReady == false else { return try await time.sleep(until: end) }
            if destination.isReady == true { return }
            try await time.sleep(until: min(end, now + .milliseconds(250)))
        }
    }

    /// At shutdown, after `run` has returned: sends what is committed until nothing is left or the deadline has come, then makes
    /// the cursor durable.
    package func drain(until deadline: Monotonic) async {
        guard !isRunning else { return }
        isRunning = true
        defer { isRunning = false }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sendAll() }
            group.addTask { [time] in try? await time.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
        do { try await journal.flush() } catch {
            logger.warning("the cursor is not durable", metadata: ["destination": "\(name)", "error": "\(error)"])
        }
    }

    private func sendAll() async {
        while !Task.isCancelled {
            do {
                switch try await step() {
                case .sentSome, .sentAll: continue
                case .waits(let pause): try await time.sleep(for: pause)
                case .caughtUp where live.claimed.isEmpty: return
                case .caughtUp: try await time.sleep(for: .milliseconds(10))
                }
            } catch  where Task.isCancelled {
                return
            } catch {
                let pause = failed(error)
                do { try await rest(pause) } catch { return }
            }
        }
    }

    /// One batch: read, sent, accounted for.
    private func step() async throws -> Step {
        for text in quarantine.tell(at: time.now().monotonic) { record(.gateway, text) }
        // What is committed and not on its way is ours from now on, so that nothing goes both ways and is counted twice.
        let last = journal.committed
        let claimed = live.leave(through: last)
        if let front {
            if let step = try await stepBehind(front, through: last, besides: claimed) { return step }
            self.front = nil
        }
        guard let page = try await page(through: last, besides: claimed, samples: most) else { return .caughtUp }
        if !page.isWhole, isLate(page) {
            front = last
            liveDue = time.now().monotonic
            meter.begin(at: liveDue)
            return .sentSome
        }
        try await forward(page, isLate: isLate(page))
        needsCompany = false
        return page.isWhole ? .sentAll : .sentSome
    }

    /// Likewise, with a backlog up to an entry: nil once that is through.
    private func stepBehind(_ front: Int64, through last: Int64, besides claimed: RangeSet<Int64>) async throws -> Step? {
        let old = claimed.union(RangeSet(0..<front + 1))
        if time.now().monotonic >= liveDue, let page = try await page(through: last, besides: old, samples: most) {
            try await forward(page, isLate: false)
            liveDue = time.now().monotonic + (page.isWhole ? options.interval : .zero)
            return .sentSome
        }
        let now = time.now().monotonic
        let wait = pace.wait(at: now)
        // Not for longer than what is new may wait, and never for no time at all.
        if wait > .zero { return .waits(liveDue > now ? min(wait, liveDue - now) : min(wait, options.interval)) }
        let share = needsCompany ? most : pace.batch(most: most)
        guard let page = try await page(through: min(front, last), besides: claimed, samples: share) else { return nil }
        let samples = page.entries.reduce(0) { $0 + $1.samples.count }
        let start = time.now().monotonic
        try await forward(page, isLate: isLate(page))
        needsCompany = false
        let end = time.now().monotonic
        pace.sent(samples, from: start, to: end)
        meter.note(samples, at: end)
        return .sentSome
    }

    private func page(through last: Int64, besides claimed: RangeSet<Int64>, samples: Int) async throws -> Page? {
        try await journal.backlog(of: name, through: last, besides: claimed, entries: batch, samples: samples)
    }

    private func isLate(_ page: Page) -> Bool {
        page.entries.first.map { time.now().wall.since($0.received) > options.lateness } ?? false
    }

    /// Sends a page, as a whole or in the parts that pass, and settles it.
    private func forward(_ page: Page, isLate: Bool) async throws {
        var start = page.start
        var delivery = Delivery(page.entries, greatestFault: destination.greatestFault)
        while true {
            delivery.fit(most)
            guard let next = delivery.next else { break }
            let progress: Delivery.Progress?
            do {
                try await send(next, isLate: isLate)
                progress = delivery.accepted()
            } catch DestinationError.refused(let why) {
                progress = delivery.refused(why)
            } catch DestinationError.refusedSome(let faults) {
                progress = delivery.refused(faults)
            } catch DestinationError.tooLarge(let why) {
                most = max(1, next.reduce(0) { $0 + $1.samples.count } / 2)
                progress = delivery.refused(why)
            }
            guard let progress else { continue }
            settle(progress, from: &start)
            // One that takes a part and refuses the most takes nothing, as far as anyone can tell.
            if progress.acknowledged > 0 { succeeded() }
        }
        if delivery.isRefusedAltogether {
            let what = delivery.hasAccepted ? "most of what there is" : "everything there is"
            throw DestinationError.refused("\(what), the last time with: \(delivery.reason)")
        }
        // Numbers that no entry has, or none that can be read, are passed with what stands around them.
        if start <= page.through {
            journal.settle(start..<page.through + 1, for: name, Outcome(unreadable: page.unreadable))
            dropped += page.unreadable
        }
    }

    private func send(_ entries: [Entry], isLate: Bool) async throws {
        let deadline = time.now().monotonic + options.patience
        let patience = options.patience
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [destination] in try await destination.send(entries, isLate: isLate) }
            group.addTask { [time] in
                try await time.sleep(until: deadline)
                throw DestinationError.unavailable("no acknowledgement within \(patience)")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
