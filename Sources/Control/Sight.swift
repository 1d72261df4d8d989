import Telemetry

/// The latest readings of the points that checks look at, and how old they are.
struct Sight: Sendable {
    private struct Entry: Sendable {
        let reading: Reading
        let time: Timestamp
        /// When it was true.
        let since: Monotonic
    }

    private let directory: Directory
    private var entries: [PointID: Entry] = [:]

    init(_ directory: Directory) { self.directory = directory }

    /// A sample older than the one held is history, as it is for the point table.
    mutating func take(_ sample: Sample, received: Moment) {
        if let held = entries[sample.point], sample.time < held.time, held.time <= received.wall { return }
        // What was sent late is as old as its own time says.
        let age = received.isTrusted ? max(received.wall.since(sample.time), .zero) : .zero
        entries[sample.point] = Entry(reading: sample.reading, time: sample.time, since: received.monotonic + (.zero - age))
    }

    func reading(of point: PointID, at now: Monotonic) -> Reading? {
        guard let entry = entries[point] else { return nil }
        guard now - entry.since > directory[point].maximumAge, let value = entry.reading.value else { return entry.reading }
        return .uncertain(value, .stale)
    }

    /// When a verdict upon some points may change although nothing new is read.
    func staleAt(_ points: Set<PointID>, after now: Monotonic) -> Monotonic? {
        points.compactMap { point in
            entries[point].map { $0.since + directory[point].maximumAge + .nanoseconds(1) }
        }.filter { $0 > now }.min()
    }
}
