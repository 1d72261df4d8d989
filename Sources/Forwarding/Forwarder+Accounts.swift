import Historian
import Logging
import MQTT
package import Telemetry

extension Forwarder {
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
        /// Samples a second of the backlog that went in the last minute; nil where there is none, or none goes.
        package let backlogRate: Double?
        /// When the backlog will be through at that rate.
        package let estimatedEnd: Timestamp?
    }

    package var status: Status {
        let live = live.account
        let pending = try? journal.pending(of: name)
        let now = time.now()
        let rate = front == nil || trouble != nil ? nil : meter.rate(at: now.monotonic)
        // Some centuries at most: the calendar saturates, and a second's fraction is nobody's concern.
        let rest = rate.flatMap { rate in pending.map { Duration.seconds(min(Double($0) / rate, 1e9)) } }
        return Status(
            name: name, pending: pending, acknowledged: acknowledged + live.acknowledged, dropped: dropped,
            lastAcknowledged: [lastAcknowledged, live.last].compactMap(\.self).max { $0.monotonic < $1.monotonic },
            failingSince: trouble?.since, reason: trouble?.reason, failedAttempts: trouble?.attempts ?? 0, backlogRate: rate,
            estimatedEnd: rest.map { now.wall.advanced(by: $0) })
    }

    func settle(_ progress: Delivery.Progress, from start: inout Int64) {
        for refusal in progress.refused {
            dropped += refusal.faults.count
            for text in quarantine.hear(refusal, at: time.now().monotonic) { record(.gateway, text) }
            logger.error(
                "samples refused",
                metadata: [
                    "destination": "\(name)", "entry": "\(refusal.entry.seq)", "samples": "\(refusal.faults.count)",
                    "error": "\(refusal.faults.first?.reason ?? "")",
                ])
        }
        acknowledged += progress.acknowledged
        let refused = progress.refused.reduce(0) { $0 + $1.faults.count }
        journal.settle(start..<progress.through + 1, for: name, Outcome(acknowledged: progress.acknowledged, refused: refused))
        start = progress.through + 1
        lastAcknowledged = time.now()
    }

    func succeeded() {
        backoff.reset()
        batch = min(max(1, options.maximumEntries), batch * 2)
        // What was too large once may pass another day, but not the next moment.
        most = min(max(1, options.maximumSamples), most + max(1, most / 64))
        guard let ended = trouble else { return }
        trouble = nil
        let span = time.now().monotonic - ended.since.monotonic
        record(.link, "takes readings again, after \(span.words) and \(ended.attempts) attempts in vain")
        logger.info(
            "destination restored",
            metadata: ["destination": "\(name)", "attempts": "\(ended.attempts)", "seconds": "\(span.components.seconds)"])
    }

    /// Takes note of a failure. Returns how long to wait before the next attempt.
    func failed(_ error: any Error) -> Duration {
        let reason = "\(error)"
        var pause = backoff.next()
        var isRefusal = false
        if case DestinationError.refused = error { isRefusal = true }
        // A refusal says nothing of how much there is to do. But a part that is refused as a whole is only given up in company.
        if isRefusal { needsCompany = true }
        if front != nil, !isRefusal, let rate = meter.rate(at: time.now().monotonic) ?? pace.rate { pace.refused(at: rate) }
        // Whatever has come meanwhile is old by the time it can go.
        front = nil
        // A receiver that refuses all there is may only need more to choose from; any other may need less at a time.
        batch = max(1, batch / 2)
        if isRefusal { batch = max(1, options.maximumEntries) }
        switch error {
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

    func record(_ kind: Event.Kind, _ text: String) {
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
