import Plants

/// When each tracker and bin sensor sends: trackers every 5 s, bins every 30, each at its own moment of the span.
struct FleetSchedule: Sendable {
    enum Sender: Hashable, Sendable {
        case vehicle(Int)
        case bin(Int)
    }

    let vehicles: Int
    let bins: Int
    private static let fixEvery = 5.0
    private static let stateEvery = 30.0

    /// Who sends after one moment and until another: seconds since the start, with the moment of each. In order.
    func due(after: Double, until: Double) -> [(sender: Sender, at: Double)] {
        var due: [(sender: Sender, at: Double)] = []
        for index in 0..<vehicles {
            let phase = Self.fixEvery * Double(index) / Double(vehicles)
            due += Self.moments(phase, every: Self.fixEvery, after, until).map { (.vehicle(index), $0) }
        }
        for index in 0..<bins {
            let phase = Self.stateEvery * Double(index) / Double(bins)
            due += Self.moments(phase, every: Self.stateEvery, after, until).map { (.bin(index), $0) }
        }
        return due.sorted { $0.at < $1.at }
    }

    private static func moments(_ phase: Double, every: Double, _ after: Double, _ until: Double) -> [Double] {
        var moment = phase + every * ((after - phase) / every).rounded(.down)
        var moments: [Double] = []
        while moment <= until {
            if moment > after && moment >= 0 { moments.append(moment) }
            moment += every
        }
        return moments
    }
}
