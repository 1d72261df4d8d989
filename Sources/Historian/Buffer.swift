import Telemetry

/// A batch and its number; 0 while no file has said where the numbers begin.
struct Numbered: Sendable {
    var seq: Int64
    let batch: Batch
}

/// What one commit has to write.
struct Work: Sendable {
    var batches: [Numbered] = []
    var bytes = 0
    var samples = 0
    var events: [Event] = []
    /// How each destination that has moved stands. Its entries are in this commit or an earlier one, so nothing counts as sent
    /// before it is durable.
    var standings: [String: Standing] = [:]
    /// Samples lost since the last commit.
    var lost: [LossReason: Int] = [:]

    var isEmpty: Bool { batches.isEmpty && events.isEmpty && standings.isEmpty && lost.isEmpty }
}

/// What waits for the next commit: the only thing that those who produce ever touch.
struct Buffer: Sendable {
    private(set) var counters = Counters()
    private var work = Work()
    private var bytesInFlight = 0
    private var standings: [String: Standing] = [:]
    /// The number of the latest batch; nil until a file was opened.
    private var last: Int64?
    /// Numbers of batches that were dropped before they could be stored: few ranges, since it is always the oldest that go.
    private var dropped = RangeSet<Int64>()
    private let maximumEvents: Int
    private(set) var tail: Tail
    /// Entries whose times are not known yet: nobody is told of them.
    private(set) var untimed = RangeSet<Int64>()
    /// The first trusted time after them, until all are put right.
    private(set) var truth: Moment?
    private(set) var samplesPutRight = 0
    var loans = Loans()
    /// The last entry that was in the file when it was opened.
    private(set) var opened: Int64 = 0

    init(options: Journal.Options) {
        counters.maximumBytesInMemory = options.maximumBytesInMemory
        maximumEvents = options.maximumEventsInMemory
        tail = Tail(maximumBytes: options.maximumBytesOfTail)
    }

    /// - Returns: the batch with its number and names; nil while there is no number to be had, or no time to be believed.
    mutating func append(_ batch: Batch, of directory: Directory, _ labels: Labels) -> Entry? {
        if let before = last { last = before + 1 }
        counters.producedSamples += batch.samples.count
        work.batches.append(Numbered(seq: last ?? 0, batch: batch))
        work.samples += batch.samples.count
        work.bytes += Self.cost(batch)
        enforceLimit()
        guard let last else { return nil }
        let device = directory[batch.device]
        let entry = Entry(
            seq: last, site: device.site, device: device.name, received: batch.received.wall,
            isTrusted: batch.received.isTrusted, samples: batch.samples, labels: labels)
        tail.append(entry)
        guard batch.received.isTrusted else {
            untimed.insert(contentsOf: last..<last + 1)
            return nil
        }
        if truth == nil, !untimed.isEmpty { (truth, samplesPutRight) = (batch.received, 0) }
        return entry
    }

    /// - Parameter repair: nil if all is done.
    mutating func putRight(_ repair: Store.Repair?) {
        tail.removeAll()
        guard let repair else {
            // What was dropped before it was stored is in no row.
            untimed = RangeSet()
            for entry in work.batches where !entry.batch.received.isTrusted { untimed.insert(contentsOf: entry.seq..<entry.seq + 1) }
            truth = nil
            return
        }
        samplesPutRight += repair.samples
        untimed.remove(contentsOf: 0..<repair.through + 1)
    }

    /// A batch that cannot be kept at all.
    mutating func refuse(_ batch: Batch, _ reason: LossReason) {
        counters.producedSamples += batch.samples.count
        lose(batch.samples.count, reason)
    }

    mutating func record(_ event: Event) {
        work.events.append(event)
        dropEvents()
    }

    /// A file is open, and its last number known: what waits keeps its numbers if the file has not used them, and gets the next
    /// ones otherwise.
    ///
    /// - Parameter untimed: the entries of the file whose times are not known.
    mutating func begin(after seq: Int64, untimed stored: RangeSet<Int64>) {
        var next = max(seq, last ?? 0)
        let isUsed = work.batches.first.map { $0.seq <= seq } ?? false
        for index in work.batches.indices where isUsed || work.batches[index].seq == 0 {
            next += 1
            work.batches[index].seq = next
        }
        if isUsed { tail.removeAll() }
        last = next
        opened = seq
        untimed = stored
        for entry in work.batches where !entry.batch.received.isTrusted { untimed.insert(contentsOf: entry.seq..<entry.seq + 1) }
    }

    /// Where destinations stand according to the file; what is known already and further on stays.
    mutating func learn(_ stored: [String: Standing]) {
        standings.merge(stored) { $0.last > $1.last ? $0 : $1 }
    }

    /// After the file was replaced: everyone stands at its beginning, with nothing acknowledged of it.
    mutating func restart(after seq: Int64) {
        for name in standings.keys { standings[name]?.restart(after: seq) }
        work.standings = standings
    }

    func standing(of destination: String) -> Standing? { standings[destination] }

    mutating func settle(_ destination: String, _ entries: Range<Int64>, _ outcome: Outcome) {
        // What only the receiver has counts as lost already.
        let isLost = entries.count == 1 && dropped.contains(entries.lowerBound)
        standings[destination, default: Standing()].settle(entries, isLost ? Outcome() : outcome)
        work.standings[destination] = standings[destination]
    }

    /// Samples are gone from the file. Standings may have moved since: what they had not settled is added to what they are now.
    mutating func lose(_ removal: Removal, for destinations: [String]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for name in Set(destinations).union(standings.keys) {
            var standing = standings[name] ?? Standing()
            counts[name] = standing.lose(removal)
            guard standing != standings[name] else { continue }
            standings[name] = standing
            work.standings[name] = standing
        }
        return counts
    }

    var isEmpty: Bool { work.isEmpty }

    mutating func take() -> Work {
        let taken = work
        work = Work()
        bytesInFlight = taken.bytes
        return taken
    }

    /// The commit failed: its work comes before everything that arrived since.
    mutating func putBack(_ failed: Work) {
        bytesInFlight = 0
        counters.failedCommits += 1
        work.batches = failed.batches + work.batches
        work.bytes += failed.bytes
        work.samples += failed.samples
        work.events = failed.events + work.events
        work.standings.merge(failed.standings) { newer, _ in newer }
        work.lost.merge(failed.lost, uniquingKeysWith: +)
        enforceLimit()
        dropEvents()
    }

    mutating func stored(_ done: Work, bytes: Int) {
        bytesInFlight = 0
        counters.commits += 1
        counters.storedSamples += done.samples
        counters.storedBatches += done.batches.count
        counters.storedEvents += done.events.count
        counters.storedBytes += bytes
    }

    mutating func foundUnreadable() { counters.unreadableRows += 1 }

    /// The counters with what is waiting now.
    var snapshot: Counters {
        var snapshot = counters
        snapshot.bufferedSamples = work.samples
        snapshot.bufferedBytes = work.bytes + bytesInFlight
        return snapshot
    }

    /// Drops the oldest batches, a thirty-second of the limit at once, so that a full buffer does not move house at each batch.
    private mutating func enforceLimit() {
        let limit = counters.maximumBytesInMemory
        guard work.bytes + bytesInFlight > limit else { return }
        var dropped = 0
        while dropped < work.batches.count, work.bytes + bytesInFlight > limit - limit / 32 {
            let entry = work.batches[dropped]
            work.bytes -= Self.cost(entry.batch)
            work.samples -= entry.batch.samples.count
            lose(entry.batch.samples.count, .memoryFull)
            disown(entry)
            dropped += 1
        }
        work.batches.removeFirst(dropped)
    }

    /// A receiver may have a batch that the store will never have: it counts as lost, and not as acknowledged too.
    private mutating func disown(_ entry: Numbered) {
        guard entry.seq > 0 else { return }
        dropped.insert(contentsOf: entry.seq..<entry.seq + 1)
        for (name, standing) in standings where standing.contains(entry.seq..<entry.seq + 1) {
            standings[name]?.samples.acknowledged -= entry.batch.samples.count
            work.standings[name] = standings[name]
        }
    }

    private mutating func dropEvents() {
        let excess = work.events.count - maximumEvents
        guard excess > 0 else { return }
        work.events.removeFirst(excess)
        counters.lostEvents += excess
    }

    private mutating func lose(_ samples: Int, _ reason: LossReason) {
        guard samples > 0 else { return }
        counters.lostSamples[reason, default: 0] += samples
        work.lost[reason, default: 0] += samples
    }

    private static func cost(_ batch: Batch) -> Int {
        var cost = MemoryLayout<Batch>.stride + 32 + batch.samples.count * MemoryLayout<Sample>.stride
        for sample in batch.samples {
            if case .string(let text)? = sample.reading.value { cost += text.utf8.count }
        }
        return cost
    }
}
