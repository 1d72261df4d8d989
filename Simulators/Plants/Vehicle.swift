/// A lorry of the county's cleaning service, somewhere on an edge of the road graph.
package struct Vehicle: Sendable {
    package enum Kind: Sendable { case compactor, sweeper }

    /// What it is about; where it must drive to do so is its goal.
    package enum Duty: Hashable, Sendable {
        case collecting(bin: Int)
        case emptying(bin: Int, seconds: Double)
        /// Along the kerb, at a sweeper's pace.
        case sweeping
        case patrolling
        case toTransfer
        case unloading(seconds: Double)
        /// Parked with its engine off.
        case resting(seconds: Double)
        /// Over the border, where it has no business.
        case straying
        case lingering(seconds: Double)
        case returning
    }

    package let name: String
    package let kind: Kind
    package let district: CountyMap.District
    package internal(set) var duty: Duty
    /// The edge it is on, and how far along, m. Standing at a vertex, the edge has no length.
    package internal(set) var from: Int
    package internal(set) var to: Int
    package internal(set) var offset = 0.0
    package internal(set) var length = 0.0
    package internal(set) var goal: Int
    /// m/s.
    package internal(set) var speed = 0.0
    /// Degrees clockwise from north.
    package internal(set) var heading = 0.0
    /// % of what it can carry.
    package internal(set) var load: Double
    /// m since the beginning.
    package internal(set) var travelled = 0.0
    var limit = 0.0
    /// The speed at which it can take the vertex ahead, m/s.
    var corner = 0.0
    /// The receiver's error, m.
    var drift = (east: 0.0, north: 0.0)

    package static let sweepingPace = 9 / 3.6
    private static let acceleration = 1.0  // m/s²
    private static let braking = 1.4
    private static let crawl = 0.8

    /// The engine runs.
    package var ignition: Bool {
        if case .resting = duty { false } else { true }
    }

    /// Whether its duty lets it cross the border.
    package var isAbroad: Bool {
        switch duty {
        case .straying, .lingering, .returning: true
        default: false
        }
    }

    var isDriving: Bool {
        switch duty {
        case .collecting, .sweeping, .patrolling, .toTransfer, .straying, .returning: true
        case .emptying, .unloading, .resting, .lingering: false
        }
    }

    package func place(on graph: RoadGraph) -> Place {
        let start = graph.vertices[from]
        guard length > 0 else { return start }
        let end = graph.vertices[to]
        let part = offset / length
        return Place(
            start.longitude + (end.longitude - start.longitude) * part,
            start.latitude + (end.latitude - start.latitude) * part)
    }

    /// Drives for a span along the way to its goal. True: it has arrived and stands.
    mutating func drive(_ dt: Double, _ ways: Ways, on graph: RoadGraph) -> Bool {
        if length == 0 && !turnOff(ways, graph) {
            speed = 0
            return true
        }
        let ahead = length - offset
        let remaining = to == goal ? ahead : ahead + ways.remaining[to]
        var allowed = duty == .sweeping ? min(limit, Self.sweepingPace) : limit
        allowed = min(allowed, Self.pace(dt, before: remaining, to: 0), Self.pace(dt, before: ahead, to: corner))
        speed = max(Self.crawl, min(allowed, speed + Self.acceleration * dt))
        let distance = min(speed * dt, remaining)
        travelled += distance
        offset += distance
        while offset >= length {
            let over = offset - length
            from = to
            length = 0
            offset = 0
            guard turnOff(ways, graph) else {
                speed = 0
                return true
            }
            offset = over
            speed = min(speed, limit)
        }
        return false
    }

    /// The speed at which it may drive for a step, and still brake to `end` in what is then left of `distance`.
    private static func pace(_ dt: Double, before distance: Double, to end: Double) -> Double {
        let step = braking * dt
        return max(end, (step * step + end * end + 2 * braking * distance).squareRoot() - step)
    }

    /// Turns to another goal while driving.
    mutating func divert(to goal: Int, _ ways: Ways, on graph: RoadGraph) {
        self.goal = goal
        if length > 0 { corner = cornering(ways, graph) }
    }

    /// Takes the next edge of the way, from a vertex. False: there is none, it is at its goal.
    private mutating func turnOff(_ ways: Ways, _ graph: RoadGraph) -> Bool {
        guard from != goal, let next = ways.next[from], let edge = graph.edge(from: from, to: next) else { return false }
        to = next
        length = edge.length
        limit = edge.limit
        offset = 0
        heading = graph.vertices[from].heading(to: graph.vertices[to])
        corner = cornering(ways, graph)
        return true
    }

    /// How fast the vertex ahead can be taken: by the turn, and by the limit of the road beyond.
    private func cornering(_ ways: Ways, _ graph: RoadGraph) -> Double {
        guard to != goal, let after = ways.next[to], let beyond = graph.edge(from: to, to: after) else { return 0 }
        let turn = abs(graph.vertices[to].heading(to: graph.vertices[after]) - heading)
        let angle = min(turn, 360 - turn)
        let pace: Double =
            switch angle {
            case ..<15: 60
            case ..<40: 35
            case ..<120: 18
            default: 8
            }
        return min(pace / 3.6, beyond.limit)
    }
}

/// A communal bin with an ultrasonic sensor under its lid.
package struct Bin: Sendable {
    package let name: String
    package let vertex: Int
    package let district: CountyMap.District
    /// %.
    package internal(set) var fill: Double
    /// % an hour, in the mean of a day.
    package let rate: Double
    /// V.
    package internal(set) var battery: Double
    /// How much warmer than the air its content is, K.
    let warmth: Double
    package internal(set) var timesEmptied = 0

    mutating func step(_ dt: Double, hourOfDay: Double) {
        // People throw away by day: from 6 to 22 at one and a third of the mean, else at a third.
        let hour = hourOfDay - 24 * (hourOfDay / 24).rounded(.down)
        fill = min(100, fill + rate * (hour >= 6 && hour < 22 ? 4.0 / 3 : 1.0 / 3) * dt / 3600)
        battery = max(2.8, battery - 0.000_3 * dt / 3600)
    }
}
