package import Telemetry

/// The present, as the engine shows it to a judge.
package struct View {
    /// A point as it stands at the moment of asking.
    package struct State: Hashable, Sendable {
        /// Already marked stale if it is too old.
        package let reading: Reading
        package let time: Timestamp
        /// Since the reading was true, by the monotonic clock.
        package let age: Duration

        package init(reading: Reading, time: Timestamp, age: Duration) {
            self.reading = reading
            self.time = time
            self.age = age
        }
    }

    private let look: (PointID) -> State?
    /// What schedules go by; nil while no clock can be believed. Set by the engine.
    package internal(set) var scheduleTime: Timestamp?

    package init(_ look: @escaping (PointID) -> State?) { self.look = look }

    package init(_ table: PointTable, at now: Monotonic) {
        look = { point in
            table.state(of: point, at: now).map { State(reading: $0.reading, time: $0.time, age: $0.age) }
        }
    }

    /// nil if the point was never read.
    package func state(_ point: PointID) -> State? { look(point) }
}
