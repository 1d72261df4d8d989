/// A kind of quantity, and the units (UCUM) it can be written in.
struct Dimension: Sendable {
    /// For sentences: `a flow`.
    let words: String
    /// What one of each is in the dimension's own unit, which is the first.
    private let units: [(name: String, factor: Double)]

    init(_ words: String, _ units: [(String, Double)]) {
        self.words = words
        self.units = units.map { (name: $0.0, factor: $0.1) }
    }

    func factor(of unit: String) -> Double? { units.first { $0.name == unit }?.factor }

    /// `m, cm or mm`.
    var list: String {
        let names = units.map { $0.name.isEmpty ? "no unit" : $0.name }
        return names.count > 1 ? names.dropLast().joined(separator: ", ") + " or \(names[names.count - 1])" : names.joined()
    }

    static let level = Dimension("a level", [("m", 1), ("cm", 0.01), ("mm", 0.001)])
    /// Also as the pressure of a column of water.
    static let head = Dimension("a head", [("m", 1), ("kPa", 1 / 9.80665), ("MPa", 1000 / 9.80665), ("bar", 100 / 9.80665)])
    static let flow = Dimension(
        "a flow", [("m3/s", 1), ("m3/h", 1.0 / 3600), ("m3/d", 1.0 / 86_400), ("L/s", 0.001), ("L/min", 0.001 / 60)])
    static let volume = Dimension("a volume", [("m3", 1), ("L", 0.001)])
    static let power = Dimension("a power", [("W", 1), ("kW", 1000), ("MW", 1e6)])
    static let energy = Dimension("an energy", [("J", 1), ("W.h", 3600), ("kW.h", 3.6e6), ("MW.h", 3.6e9)])
    static let time = Dimension("a time", [("s", 1), ("min", 60), ("h", 3600), ("d", 86_400)])
    static let voltage = Dimension("a voltage", [("V", 1), ("kV", 1000)])
    static let share = Dimension("a share", [("", 1), ("%", 0.01)])
    /// 能源单耗: for lifting 1000 t by 1 m.
    static let unitConsumption = Dimension("an energy per work of lifting", [("kW.h/(1000.t.m)", 1)])
    static let energyPerVolume = Dimension(
        "an energy per volume", [("J/m3", 1), ("kW.h/m3", 3.6e6), ("kW.h/(1000.m3)", 3600)])

    /// What a rate of this unit is when it is summed up over seconds; nil for a unit that is no rate.
    static func total(ofRateIn unit: String) -> (dimension: Dimension, perSecond: Double)? {
        if let factor = flow.factor(of: unit) { return (volume, factor) }
        if let factor = power.factor(of: unit) { return (energy, factor) }
        guard let slash = unit.lastIndex(of: "/"), slash != unit.startIndex else { return nil }
        let whole = String(unit[..<slash])
        return time.factor(of: String(unit[unit.index(after: slash)...])).map { (Dimension("a total", [(whole, 1)]), 1 / $0) }
    }

    /// What a counter of this unit counts.
    static func counted(in unit: String) -> Dimension {
        [volume, energy, time].first { $0.factor(of: unit) != nil } ?? Dimension("a count", [(unit, 1)])
    }
}
