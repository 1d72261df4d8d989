package import Telemetry

/// News of a point, with the instant from which it is no news any more.
package struct Heard: Sendable {
    package let point: PointID
    package let reading: Reading
    /// The first instant at which the reading is stale; nil if that never comes.
    package let staleAt: Monotonic?

    package init(point: PointID, reading: Reading, staleAt: Monotonic?) {
        self.point = point
        self.reading = reading
        self.staleAt = staleAt
    }

    /// As the point table tells it.
    package init(_ point: Point, id: PointID, state: PointTable.State, at now: Monotonic) {
        self.init(point: id, reading: state.reading, staleAt: Sight.end(of: point.maximumAge - state.age, from: now))
    }
}
