package import Telemetry

/// A sample as the store gives it back: by name, since its point may be gone from today's configuration.
package struct StoredSample: Hashable, Sendable {
    package let label: PointLabel
    /// Source time.
    package let time: Timestamp
    package let reading: Reading

    package init(_ label: PointLabel, time: Timestamp, reading: Reading) {
        self.label = label
        self.time = time
        self.reading = reading
    }

    package init(point: PointName, unit: String, time: Timestamp, reading: Reading) {
        self.init(PointLabel(name: point, unit: unit), time: time, reading: reading)
    }

    package var point: PointName { label.name }
    package var unit: String { label.unit }
}

/// What a stored sample is of. Shared by all of a point's samples: reading a hundred thousand back copies no names.
package final class PointLabel: Hashable, Sendable {
    package let name: PointName
    /// As it was when the sample was kept; a point whose unit is changed later keeps its past in the old one.
    package let unit: String
    private let hash: Int

    package init(name: PointName, unit: String) {
        self.name = name
        self.unit = unit
        hash = name.hashValue
    }

    package static func == (a: PointLabel, b: PointLabel) -> Bool {
        a === b || (a.hash == b.hash && a.name == b.name && a.unit == b.unit)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// One batch of the journal.
package struct Entry: Hashable, Sendable {
    /// Rises by the order of arrival, whatever the clocks say. Gaps are possible, repeats are not.
    package let seq: Int64
    package let site: String
    package let device: String
    /// By the gateway's wall clock, with whether it could be trusted then.
    package let received: Timestamp
    package let isTrusted: Bool
    package let samples: [StoredSample]

    package init(
        seq: Int64, site: String, device: String, received: Timestamp, isTrusted: Bool = true, samples: [StoredSample]
    ) {
        self.seq = seq
        self.site = site
        self.device = device
        self.received = received
        self.isTrusted = isTrusted
        self.samples = samples
    }
}

/// One event of the store.
package struct StoredEvent: Hashable, Sendable {
    package let seq: Int64
    package let event: Event

    package init(seq: Int64, event: Event) {
        self.seq = seq
        self.event = event
    }
}

/// A point that the store has samples of, or had a place for.
package struct StoredPoint: Hashable, Sendable {
    package let name: PointName
    package let type: ValueType
    package let unit: String
}

/// Why a sample that was produced is not in the store.
package enum LossReason: String, Sendable, CaseIterable {
    /// The store did not take commits for so long that the buffer was full: the oldest went.
    case memoryFull = "memory-full"
    /// The batch names a point or a device that the directory does not have.
    case unknownPoint = "unknown-point"
}

/// What the store has done since the process began, and what it holds in memory.
package struct Counters: Hashable, Sendable {
    package var producedSamples = 0
    package var storedSamples = 0
    package var lostSamples: [LossReason: Int] = [:]
    package var storedBatches = 0
    package var storedEvents = 0
    package var lostEvents = 0
    package var commits = 0
    package var failedCommits = 0
    /// Encoded payloads, without what SQLite adds.
    package var storedBytes = 0
    package var bufferedSamples = 0
    package var bufferedBytes = 0
    package var maximumBytesInMemory = 0
    /// Journal rows found damaged while reading; each is skipped.
    package var unreadableRows = 0

    package init() {}
}

/// The account of a file: `produced` = `stored` + `lost`, and for each destination
/// `stored` = `acknowledged` + `pending` + `dropped`.
package struct Ledger: Hashable, Sendable {
    package struct Destination: Hashable, Sendable {
        package let name: String
        package let cursor: Int64
        package let acknowledged: Int
        package let pending: Int
        /// Passed by the cursor without an acknowledgement: refused by the receiver, or unreadable.
        package let dropped: Int
    }

    package let produced: Int
    package let stored: Int
    /// By the words of `LossReason`.
    package let lost: [String: Int]
    package let events: Int
    package let destinations: [Destination]
}

/// What a person has to know about a store that cannot be read or written.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    /// The file was written by a later release; reading it might misjudge it, writing it might spoil it.
    case newer(path: String, version: Int)
    /// A database, but of some other program.
    case foreign(path: String)
    /// Nothing could be opened so far.
    case unavailable(reason: String)
    /// A row that is not what was written.
    case damaged(row: Int64, reason: String)

    package var description: String {
        switch self {
        case .newer(let path, let version):
            "\(path) was written by a newer Headgate (format \(version), this one knows \(Schema.version)). "
                + "Start that release, or move the file away."
        case .foreign(let path): "\(path) is the database of another program."
        case .unavailable(let reason): "the store is not available: \(reason)"
        case .damaged(let row, let reason): "journal row \(row) is damaged: \(reason)"
        }
    }
}
