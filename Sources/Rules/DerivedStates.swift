import Telemetry

/// The derived points as they stand. Rules read them here, in the same batch in which they were derived, and not in the point
/// table, where they arrive a moment later.
struct DerivedStates: Sendable {
    private struct State: Sendable {
        let reading: Reading
        let time: Timestamp
        /// When the reading was true, on the monotonic clock.
        let since: Monotonic
        let maximumAge: Duration
    }

    private var states: [PointID: State] = [:]

    var isEmpty: Bool { states.isEmpty }

    mutating func set(_ sample: Sample, _ maximumAge: Duration, age: Duration, at now: Monotonic) {
        states[sample.point] = State(
            reading: sample.reading, time: sample.time, since: now + (.zero - age), maximumAge: maximumAge)
    }

    /// The view with the derived points in it.
    func over(_ view: View, at now: Monotonic) -> View {
        var present = View { [states] point in
            guard let state = states[point] else { return view.state(point) }
            let age = max(now - state.since, .zero)
            var reading = state.reading
            if age > state.maximumAge, let value = reading.value { reading = .uncertain(value, .stale) }
            return View.State(reading: reading, time: state.time, age: age)
        }
        present.scheduleTime = view.scheduleTime
        return present
    }
}
