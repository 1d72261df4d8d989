import Series
import Telemetry

/// A row of the archive.
struct SegmentRow {
    let shelf: Int64
    let kind: Segment.Kind
    /// How often its samples were put together with others'.
    var level: Int64 = 0
    /// Days since 1970 by source time: what is of different days stays apart, so that a clock gone mad spoils no search.
    let day: Int64
    let first: Timestamp
    let last: Timestamp
    let count: Int
    /// Whether rollups of these samples are in the archive.
    var isRolled = false
    let payload: [UInt8]
}

/// Samples on their way from the journal to the archive: gathered by shelf, day and point. Pure.
struct Stack {
    private struct Key: Hashable {
        let shelf: Int64
        let day: Int64
    }

    private var places: [Key: Int] = [:]
    /// By point on the shelf.
    private var shelves: [(key: Key, points: [Columns])] = []
    /// Neighbouring points come one after the other.
    private var latest: (key: Key, place: Int)?

    static let day: Int64 = 86_400_000

    static func day(of time: Timestamp) -> Int64 {
        let milliseconds = time.milliseconds
        return milliseconds >= 0 ? milliseconds / day : (milliseconds + 1) / day - 1
    }

    mutating func add(_ point: Int64, _ time: Timestamp, _ reading: Reading) {
        let key = Key(shelf: Segment.shelf(of: point), day: Self.day(of: time))
        let place: Int
        if let latest, latest.key == key {
            place = latest.place
        } else {
            place = places[key] ?? shelves.count
            if place == shelves.count {
                places[key] = place
                shelves.append((key, Array(repeating: Columns(), count: Int(Segment.width))))
            }
            latest = (key, place)
        }
        shelves[place].points[Int(Segment.place(of: point))].append(time, reading)
    }

    /// The rows for all of it, in order of shelves and days.
    consuming func rows() -> [SegmentRow] {
        shelves.sorted { ($0.key.shelf, $0.key.day) < ($1.key.shelf, $1.key.day) }.compactMap { key, points in
            let samples = Dictionary(uniqueKeysWithValues: points.enumerated().map { (UInt8(truncatingIfNeeded: $0), $1) })
            return SegmentRow(samples: samples, shelf: key.shelf, day: key.day)
        }
    }
}

extension SegmentRow {
    /// The most samples of one point in one chunk.
    static let longest = 2048

    /// nil for no samples. A point with more than one chunk can hold has several parts.
    init?(samples: [UInt8: Columns], shelf: Int64, day: Int64, level: Int64 = 0, isRolled: Bool = false) {
        var parts: [(place: UInt8, bytes: [UInt8])] = []
        var (first, last) = (Int64.max, Int64.min)
        var count = 0
        for (place, columns) in samples.sorted(by: { $0.key < $1.key }) where !columns.isEmpty {
            for time in columns.times { (first, last) = (min(first, time), max(last, time)) }
            count += columns.count
            for piece in columns.pieces(of: Self.longest) { parts.append((place, Chunk.encode(piece))) }
        }
        guard count > 0, parts.count <= UInt8.max else { return nil }
        self.init(
            shelf: shelf, kind: .samples, level: level, day: day, first: Timestamp(milliseconds: first),
            last: Timestamp(milliseconds: last), count: count, isRolled: isRolled, payload: Segment.encode(parts))
    }

    /// nil for no rollups.
    init?(rollups: [UInt8: [Rollup]], kind: Segment.Kind, shelf: Int64, day: Int64, level: Int64 = 0) {
        let all = rollups.values.joined()
        guard let first = all.map(\.start).min(), let last = all.map(\.start).max() else { return nil }
        let parts = rollups.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
            .map { (place: $0.key, bytes: RollupRun.encode($0.value)) }
        self.init(
            shelf: shelf, kind: kind, level: level, day: day, first: first, last: last, count: all.reduce(0) { $0 + $1.count },
            isRolled: true, payload: Segment.encode(parts))
    }
}

extension Columns {
    /// The same samples by time, those of one time in their order; as they are, if they are so already.
    func sorted() -> Columns {
        if zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }) { return self }
        var samples: [(time: Timestamp, reading: Reading)] = []
        samples.reserveCapacity(count)
        forEach { samples.append(($0, $1)) }
        let order = samples.indices.sorted { (samples[$0].time, $0) < (samples[$1].time, $1) }
        return Columns(order.lazy.map { samples[$0] })
    }

    func pieces(of most: Int) -> [Columns] {
        guard count > most else { return [self] }
        var pieces: [Columns] = []
        var piece = Columns()
        forEach { time, reading in
            piece.append(time, reading)
            guard piece.count == most else { return }
            pieces.append(piece)
            piece = Columns()
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    mutating func append(_ other: Columns) { other.forEach { append($0, $1) } }
}
