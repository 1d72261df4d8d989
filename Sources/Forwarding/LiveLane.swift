import Historian
import Synchronization
import Telemetry

/// The way of what is new: each entry leaves as it is appended, ahead of its commit and of any backlog, as far as the receiver
/// takes entries singly and is ready. What does not get through here is left to the forwarder, which follows the journal.
///
/// An entry counts as sent once it is committed as well: the journal writes both at once.
final class LiveLane: Sendable {
    private struct State: Sendable {
        /// Appended since the last flush.
        var waiting: [Entry] = []
        /// Entries up to this one are the forwarder's, unless they are on their way.
        var left: Int64 = 0
        /// On the way, and not acknowledged yet.
        var claimed = RangeSet<Int64>()
        var count = 0
        var acknowledged = 0
        var lastAcknowledged: Moment?
    }

    /// Entries on the way at once. A receiver that is further behind gets the rest from the journal.
    private static let most = 500

    private let destination: any Destination
    private let journal: Journal
    private let time: any TimeSource
    private let state = Mutex(State())

    init(_ destination: any Destination, journal: Journal, time: any TimeSource) {
        self.destination = destination
        self.journal = journal
        self.time = time
    }

    /// On the way now: not to be sent a second time meanwhile.
    var claimed: RangeSet<Int64> { state.withLock { $0.claimed } }

    var account: (acknowledged: Int, last: Moment?) { state.withLock { ($0.acknowledged, $0.lastAcknowledged) } }

    /// Takes an entry for the next flush, or leaves it to the forwarder. Never blocks.
    func offer(_ entry: Entry) {
        state.withLock { state in
            // It may have been committed before it came here.
            if entry.seq > state.left, state.waiting.count < Self.most { state.waiting.append(entry) }
        }
    }

    /// Leaves all entries up to a number to the forwarder, but for those on their way.
    /// - Returns: these.
    func leave(through seq: Int64) -> RangeSet<Int64> {
        state.withLock { state in
            state.left = max(state.left, seq)
            state.waiting.removeAll { $0.seq <= seq }
            return state.claimed
        }
    }

    /// Sends what was offered, as far as the receiver takes it. Never blocks.
    func flush() {
        let isReady = destination.hearsAll || destination.isReady != false
        let entries: [Entry] = state.withLock { state in
            defer { state.waiting.removeAll(keepingCapacity: true) }
            guard isReady else { return [] }
            let entries = Array(state.waiting.prefix(max(Self.most - state.count, 0)))
            state.count += entries.count
            for entry in entries { state.claimed.insert(contentsOf: entry.seq..<entry.seq + 1) }
            return entries
        }
        guard !entries.isEmpty else { return }
        for entry in entries { send(entry) }
        destination.flush()
    }

    private func send(_ entry: Entry) {
        let seq = entry.seq
        let samples = entry.samples.count
        let isTaken = destination.offer(entry) { [self] failure in
            if failure == nil { journal.settle(seq..<seq + 1, for: destination.name, Outcome(acknowledged: samples)) }
            release(seq, acknowledged: failure == nil ? samples : nil)
        }
        if !isTaken { release(seq, acknowledged: nil) }
    }

    private func release(_ seq: Int64, acknowledged samples: Int?) {
        let now = samples == nil ? nil : time.now()
        state.withLock { state in
            state.claimed.remove(contentsOf: seq..<seq + 1)
            state.count -= 1
            guard let samples else { return }
            state.acknowledged += samples
            state.lastAcknowledged = now
        }
    }
}
