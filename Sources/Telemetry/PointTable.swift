import Synchronization

/// The present: the latest reading of every point. Written by Acquisition, read by everyone else.
package final class PointTable: Sendable {
    /// A point as it stands at the moment of asking.
    package struct State: Sendable {
        /// The latest reading, already marked stale if it is too old.
        package let reading: Reading
        package let time: Timestamp
        /// Since the reading was true: since it was received, and however old it was then. Spans by the monotonic clock.
        package let age: Duration
        /// The last value that was good, for people: a screen shows it greyed, with its time, beside what is wrong now.
        package let lastGood: (value: Value, time: Timestamp)?
    }

    private struct Entry: Sendable {
        var reading: Reading
        var time: Timestamp
        /// When the reading was true, on the monotonic clock.
        var since: Monotonic
        /// The last value that was good before this reading, which is not.
        var lastGood: (value: Value, time: Timestamp)?
    }

    package let directory: Directory
    private let entries: Mutex<[Entry?]>

    package init(directory: Directory) {
        self.directory = directory
        entries = Mutex(Array(repeating: nil, count: directory.points.count))
    }

    /// Takes a batch in. A sample older than the one held is history, not news, and leaves the table as it is.
    package func apply(_ batch: Batch) {
        let wall = batch.received.wall
        entries.withLock { entries in
            for sample in batch.samples where entries.indices.contains(sample.point.index) {
                let index = sample.point.index
                if let time = entries[index]?.time, sample.time < time, time <= wall { continue }
                var lastGood: (value: Value, time: Timestamp)?
                if !sample.reading.isGood { lastGood = entries[index].flatMap(Self.lastGood) }
                entries[index] = Entry(
                    reading: sample.reading, time: sample.time, since: Self.since(sample.time, in: batch.received), lastGood: lastGood)
            }
        }
    }

    private static func lastGood(_ entry: Entry) -> (value: Value, time: Timestamp)? {
        if case .good(let value) = entry.reading { return (value, entry.time) }
        return entry.lastGood
    }

    /// A point's present state; nil if it was never read.
    package func state(of point: PointID, at now: Monotonic) -> State? {
        guard let entry = entries.withLock({ $0.indices.contains(point.index) ? $0[point.index] : nil }) else { return nil }
        return state(entry, of: point, at: now)
    }

    /// All points at one instant, in the directory's order; nil for those never read.
    package func snapshot(at now: Monotonic) -> [State?] {
        entries.withLock { $0 }.enumerated().map { index, entry in
            entry.map { state($0, of: PointID(index: index), at: now) }
        }
    }

    /// A message kept by a broker, or sent late by a tracker, is as old as its own time says, not as its arrival.
    private static func since(_ time: Timestamp, in received: Moment) -> Monotonic {
        guard received.isTrusted, time < received.wall else { return received.monotonic }
        // Without a `Duration`, whose 128 bits are felt a hundred thousand times a second.
        let (age, isLong) = received.wall.milliseconds.subtractingReportingOverflow(time.milliseconds)
        let (span, isLonger) = age.multipliedReportingOverflow(by: 1_000_000)
        let (since, isLongest) = received.monotonic.nanoseconds.subtractingReportingOverflow(span)
        return Monotonic(nanoseconds: isLong || isLonger || isLongest ? .min : since)
    }

    private func state(_ entry: Entry, of point: PointID, at now: Monotonic) -> State {
        let age = max(now - entry.since, .zero)
        var reading = entry.reading
        if age > directory[point].maximumAge, let value = reading.value { reading = .uncertain(value, .stale) }
        return State(reading: reading, time: entry.time, age: age, lastGood: Self.lastGood(entry))
    }
}
