package import Historian
package import Logging
package import MQTT
package import Telemetry

/// Follows the journal for one destination: what is new goes out at once where the receiver takes it so (`LiveLane`); all that
/// is committed and not settled is read from the journal, sent, and settled when the receiver has acknowledged. At least once,
/// each way in order, and nothing is passed over but what the receiver refuses as malformed, which becomes an event.
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

        package init() {}
    }

    package struct Status: Sendable {
        package let name: String
        /// Committed samples that the cursor has not passed; nil while the store cannot be read.
        package let pending: Int?
        /// Samples acknowledged and given up since the process began; the journal's ledger has them for the whole file.
        package let acknowledged: Int
        package let dropped: Int
        package let lastAcknowledged: Moment?
        /// Since when nothing goes through, why, and how often it was tried.
        package let failingSince: Moment?
        package let reason: String?
        package let failedAttempts: Int
    }

    private struct Trouble {
        let since: Moment
        var reason: String
        var attempts: Int
    }

    private enum Step { case caughtUp, sentAll, sentSome }

    package nonisolated let name: String
    private let destination: any Destination
    private let live: LiveLane
    private let journal: Journal
    private let time: any TimeSource
    private let options: Options
    private let logger: Logger
    private var backoff: Backoff
    /// Entries a send; halved by failures, since a short send may pass where a long one does not.
    private var batch: Int
    private var isRunning = false
    private var trouble: Trouble?
    private var acknowledged = 0
    private var dropped = 0
    private var lastAcknowledged: Moment?

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
        if destination.takesSingly { journal.follow(append: { [live] in live.offer($0) }, turn: { [live] in live.flush() }) }
    }

    package var status: Status {
        let live = live.account
        return Status(
            name: name, pending: try? journal.pending(of: name), acknowledged: acknowledged + live.acknowledged, dropped: dropped,
            lastAcknowledged: [lastAcknowledged, live.last].compactMap(\.self).max { $0.monotonic < $1.monotonic },
            failingSince: trouble?.since, reason: trouble?.reason,
            failedAttempts: trouble?.attempts ?? 0)
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
                if try await step() != .caughtUp { continue }
                guard !live.claimed.isEmpty else { return }
                try await time.sleep(for: .milliseconds(10))
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
        let limit = batch
        // What is committed and not on its way is ours from now on, so that nothing goes both ways and is counted twice.
        let last = journal.committed
        let claimed = live.leave(through: last)
        guard
            let page = try await journal.backlog(
                of: name, through: last, besides: claimed, entries: limit, samples: options.maximumSamples)
        else { return .caughtUp }
        var start = page.start
        var delivery = Delivery(page.entries)
        let oldest = page.entries.first?.received
        let isLate = oldest.map { time.now().wall.since($0) > options.lateness } ?? false
        while let next = delivery.next {
            do {
                try await send(next, isLate: isLate)
                succeeded()
                if let progress = delivery.accepted() { settle(progress, from: &start) }
            } catch DestinationError.refused(let why) {
                if let progress = delivery.refused(why) { settle(progress, from: &start) }
            }
        }
        if delivery.isRefusedAltogether {
            throw DestinationError.refused("everything there is, the last time with: \(delivery.reason)")
        }
        // Numbers that no entry has, or none that can be read, are passed with what stands around them.
        if start <= page.through {
            journal.settle(start..<page.through + 1, for: name, Outcome(unreadable: page.unreadable))
            dropped += page.unreadable
        }
        return page.isWhole ? .sentAll : .sentSome
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

    private func settle(_ progress: Delivery.Progress, from start: inout Int64) {
        for refusal in progress.refused {
            dropped += refusal.samples
            let entry = refusal.entry
            let samples = refusal.samples == 1 ? "1 sample" : "\(refusal.samples) samples"
            record(
                .gateway,
                "\(samples) of \(entry.site)/\(entry.device), received \(entry.received) (entry \(entry.seq)), will not be sent: "
                    + "\(refusal.reason). The store keeps them.")
            logger.error(
                "samples refused", metadata: ["destination": "\(name)", "entry": "\(entry.seq)", "error": "\(refusal.reason)"])
        }
        acknowledged += progress.acknowledged
        let refused = progress.refused.reduce(0) { $0 + $1.samples }
        journal.settle(start..<progress.through + 1, for: name, Outcome(acknowledged: progress.acknowledged, refused: refused))
        start = progress.through + 1
        lastAcknowledged = time.now()
    }

    private func succeeded() {
        backoff.reset()
        batch = min(max(1, options.maximumEntries), batch * 2)
        guard let ended = trouble else { return }
        trouble = nil
        let span = time.now().monotonic - ended.since.monotonic
        record(.link, "takes readings again, after \(span.words) and \(ended.attempts) attempts in vain")
        logger.info(
            "destination restored",
            metadata: ["destination": "\(name)", "attempts": "\(ended.attempts)", "seconds": "\(span.components.seconds)"])
    }

    /// Takes note of a failure. Returns how long to wait before the next attempt.
    private func failed(_ error: any Error) -> Duration {
        let reason = "\(error)"
        var pause = backoff.next()
        // A receiver that refuses all there is may only need more to choose from; any other may need less at a time.
        batch = max(1, batch / 2)
        switch error {
        case DestinationError.refused: batch = max(1, options.maximumEntries)
        case DestinationError.unavailable(_, let wish?): pause = max(pause, min(wish, options.maximumRetryAfter))
        default: break
        }
        if trouble == nil {
            trouble = Trouble(since: time.now(), reason: reason, attempts: 0)
            record(.link, "takes no readings: \(reason). They stay in the store and are sent later.")
            logger.warning("destination lost", metadata: ["destination": "\(name)", "error": "\(reason)"])
        }
        trouble?.reason = reason
        trouble?.attempts += 1
        return pause
    }

    private func record(_ kind: Event.Kind, _ text: String) {
        journal.record(Event(time: time.now().wall, kind: kind, subject: name, origin: "forwarding", text: text))
    }
}

extension Duration {
    /// `42 s`, `12 min`, `3 h 5 min`.
    fileprivate var words: String {
        let seconds = components.seconds
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7200 { return "\(seconds / 60) min" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
}
