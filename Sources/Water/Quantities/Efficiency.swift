/// What a pump makes of its electricity.
enum Efficiency {
    /// Water's density in kg/m³, and the standard acceleration of fall in m/s².
    static let density = 1000.0
    static let gravity = 9.80665

    /// η = ρ·g·Q·H/P, the share of the power that lifts water; nil while the pump takes no power.
    /// - Parameters:
    ///   - flow: in m³/s.
    ///   - head: in m of water.
    ///   - power: taken from the mains, in W.
    static func share(flow: Double, head: Double, power: Double) -> Double? {
        power > 0 ? density * gravity * flow * head / power : nil
    }

    /// 能源单耗 e = 2.725/η: kW·h for lifting 1000 t by 1 m; nil while nothing is lifted. 2.725 is that work itself, in kW·h.
    static func unitConsumption(share: Double) -> Double? { share > 0 ? 2.725 / share : nil }
}
