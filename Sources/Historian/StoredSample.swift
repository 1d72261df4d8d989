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
    /// The name's last word in UTF-8, for those who write it a thousand times a second. Equal words may share their bytes.
    package let word: [UInt8]
    private let hash: Int

    package init(name: PointName, unit: String, word: [UInt8]? = nil) {
        self.name = name
        self.unit = unit
        self.word = word ?? Array(name.point.utf8)
        hash = name.hashValue
    }

    package static func == (a: PointLabel, b: PointLabel) -> Bool {
        a === b || (a.hash == b.hash && a.name == b.name && a.unit == b.unit)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
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
