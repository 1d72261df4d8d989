/// A pump's flow from nothing but a level: how long the well takes to fill between two levels, and how long to empty.
///
/// The Grundfos CU 362 computes so: with the inflow of the filling taken for that of the emptying too, Qp = V/t1 + V/t2.
enum VolumeMethod {
    /// In the volume's unit per the times' unit; nil unless the well emptied faster than it filled, since a pump that hardly keeps
    /// up with the inflow is told apart from it badly.
    /// - Parameters:
    ///   - volume: between the two levels.
    ///   - drain: t1, with the pump running alone.
    ///   - fill: t2, with no pump running.
    static func pumpFlow(volume: Double, drain: Double, fill: Double) -> Double? {
        drain > 0 && drain < fill ? volume * (drain + fill) / (drain * fill) : nil
    }

    static func inflow(volume: Double, fill: Double) -> Double? { fill > 0 ? volume / fill : nil }
}
