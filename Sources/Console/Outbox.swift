import Telemetry

/// What one live client has yet to be told. Bounded by what there is to tell: a point that changed ten thousand times is
/// told once, as it then stands, and events beyond the limit are counted, oldest first.
struct Outbox: Sendable {
    struct News: Sendable {
        var points: [PointID] = []
        var events: [Event] = []
        /// Events that did not fit; the client asks for the log again.
        var missedEvents = 0
        var isPulse = false
        var areAlarmsNews = false
    }

    static let maximumEvents = 64

    private var isChanged: [Bool]
    private var changed: [PointID] = []
    private var events: [Event] = []
    private var missedEvents = 0
    private var isPulseDue = false
    /// A client begins with the alarms, too.
    private var areAlarmsNews = true

    /// Begins with every point, so that a client starts from the whole present.
    init(points count: Int) {
        isChanged = Array(repeating: true, count: count)
        changed = (0..<count).map(PointID.init(index:))
    }

    var isEmpty: Bool { changed.isEmpty && events.isEmpty && missedEvents == 0 && !isPulseDue && !areAlarmsNews }

    mutating func mark(_ point: PointID) {
        guard isChanged.indices.contains(point.index), !isChanged[point.index] else { return }
        isChanged[point.index] = true
        changed.append(point)
    }

    mutating func add(_ event: Event) {
        if events.count == Self.maximumEvents {
            events.removeFirst()
            missedEvents += 1
        }
        events.append(event)
    }

    mutating func pulse() { isPulseDue = true }

    mutating func alarms() { areAlarmsNews = true }

    mutating func take() -> News {
        for point in changed { isChanged[point.index] = false }
        defer {
            changed.removeAll(keepingCapacity: true)
            events.removeAll()
            missedEvents = 0
            isPulseDue = false
            areAlarmsNews = false
        }
        return News(
            points: changed, events: events, missedEvents: missedEvents, isPulse: isPulseDue, areAlarmsNews: areAlarmsNews)
    }
}
