import Telemetry

/// How far a destination has got, and how many samples it has acknowledged on the way.
struct Position: Hashable, Sendable {
    var seq: Int64
    var samples: Int
}

/// What one commit has to write.
struct Work: Sendable {
    var batches: [Batch] = []
    var bytes = 0
    var samples = 0
    var events: [Event] = []
    /// The newest position of each destination that has moved.
    var positions: [String: Position] = [:]
    /// Samples lost since the last commit.
    var lost: [LossReason: Int] = [:]

    var isEmpty: Bool { batches.isEmpty && events.isEmpty && positions.isEmpty && lost.isEmpty }
}

/// What waits for the next commit: the only thing that those who produce ever touch.
struct Buffer: Sendable {
    private(set) var counters = Counters()
    private var work = Work()
    private var bytesInFlight = 0
    private var positions: [String: Position] = [:]
    private let maximumEvents: Int

    init(options: Journal.Options) {
        counters.maximumBytesInMemory = options.maximumBytesInMemory
        maximumEvents = options.maximumEventsInMemory
    }

    mutating func append(_ batch: Batch) {
        counters.producedSamples += batch.samples.count
        work.batches.append(batch)
        work.samples += batch.samples.count
        work.bytes += Self.cost(batch)
        enforceLimit()
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

    /// Where destinations stand according to the file; what is known already and further on stays.
    mutating func learn(_ stored: [String: Position]) {
        positions.merge(stored) { $0.seq > $1.seq ? $0 : $1 }
    }

    /// After the file was replaced: everyone stands at its beginning, with nothing acknowledged of it.
    mutating func restart(at seq: Int64) {
        for name in positions.keys { positions[name] = Position(seq: seq, samples: 0) }
        work.positions = positions
    }

    func position(of destination: String) -> Position? { positions[destination] }

    /// Moves a destination on; never back.
    mutating func advance(_ destination: String, to seq: Int64, samples: Int) {
        var position = positions[destination] ?? Position(seq: 0, samples: 0)
        guard seq > position.seq else { return }
        position.seq = seq
        position.samples += samples
        positions[destination] = position
        work.positions[destination] = position
    }

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
        work.positions.merge(failed.positions) { newer, _ in newer }
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
            let batch = work.batches[dropped]
            work.bytes -= Self.cost(batch)
            work.samples -= batch.samples.count
            lose(batch.samples.count, .memoryFull)
            dropped += 1
        }
        work.batches.removeFirst(dropped)
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
