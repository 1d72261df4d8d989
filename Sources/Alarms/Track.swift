import Telemetry

/// A value's lowest and highest readings within a span: enough to tell its greatest change, however many readings there were.
struct Track: Sendable, Hashable, Codable {
    private struct Mark: Sendable, Hashable, Codable {
        @Kept var at: Monotonic?
        let value: Double

        mutating func shift(by span: Duration) { _at.shift(by: span) }
    }

    /// A point that is read more often than this in a span forgets its oldest extremes.
    private static let most = 256

    /// Rising in time and value: the first is the lowest of the span.
    private var lows: [Mark] = []
    /// Rising in time and falling in value: the first is the highest of the span.
    private var highs: [Mark] = []

    var isEmpty: Bool { lows.isEmpty }

    /// Takes a reading and tells how far it is from the furthest other one within the span.
    mutating func change(to value: Double, at now: Monotonic, within span: Duration) -> Double {
        lows.removeAll { ($0.at.map { now - $0 } ?? .zero) > span || $0.value >= value }
        highs.removeAll { ($0.at.map { now - $0 } ?? .zero) > span || $0.value <= value }
        let mark = Mark(at: now, value: value)
        lows.append(mark)
        highs.append(mark)
        if lows.count > Self.most { lows.removeFirst() }
        if highs.count > Self.most { highs.removeFirst() }
        return max(value - (lows.first?.value ?? value), (highs.first?.value ?? value) - value)
    }

    mutating func shift(by span: Duration) {
        for index in lows.indices { lows[index].shift(by: span) }
        for index in highs.indices { highs[index].shift(by: span) }
    }
}
