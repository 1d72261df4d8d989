/// Whether a sump is large enough for its pumps.
enum Sump {
    /// More starts of one pump in an hour than this are to be avoided: GB 50014-2021, 6.3.1.
    static let mostStarts = 6.0

    /// What a sump takes in, and how long its largest pump must find water in it (GB 50014-2021, 6.3.1).
    enum Water: String, CaseIterable, Sendable {
        case sewage, storm, underpass

        /// Seconds of the largest pump's flow.
        var leastSeconds: Double {
            switch self {
            case .sewage: 300
            case .storm: 30
            case .underpass: 60
            }
        }
    }

    /// The shortest time from start to start, in hours. An inflow of half the pump's flow fills the band as fast as the pump
    /// empties it, and any other even inflow takes longer: T = 4V/Q, or V = T·Q/4 (MIL-HDBK-1005/9A).
    /// - Parameters:
    ///   - volume: between the starting and the stopping level, in m³.
    ///   - flow: of the pump, in m³/h.
    static func shortestCycleHours(volume: Double, flow: Double) -> Double { 4 * volume / flow }

    /// The volume in m³ below which a pump would have to start more often, by turns with its equals.
    /// - Parameter pumps: how many take turns.
    static func leastVolume(flow: Double, starts: Double, pumps: Int) -> Double { flow / (4 * starts * Double(pumps)) }
}
