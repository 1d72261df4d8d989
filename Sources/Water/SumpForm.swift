import Documents
import Rules
import Telemetry

/// What a pump band's file says of its sump, to be judged before anything is pumped.
struct SumpForm {
    private let form: Form
    /// m².
    private let area: Double
    /// Of the largest pump, in m³/h.
    private let pumpFlow: Double
    /// In an hour, of one pump.
    private let starts: Double
    private let water: Sump.Water?

    /// nil if the file says nothing, or after noting what is wrong with what it says.
    init?(_ whole: Form) {
        let keys = ["area", "pump-flow", "starts-per-hour", "water"]
        guard let form = whole.form("sump", "a sump", keys: keys) else { return nil }
        let area = form.number("area", required: true)
        let flow = form.number("pump-flow", required: true)
        let starts = form.number("starts-per-hour") ?? Sump.mostStarts
        water = form.word("water", as: Sump.Water.self)
        for (key, number) in [("area", area), ("pump-flow", flow), ("starts-per-hour", starts)] {
            guard let number, number <= 0 else { continue }
            form.mistakes.add("'\(key)' must be more than 0", at: form.place(of: key))
            return nil
        }
        guard let area, let flow else { return nil }
        self.form = form
        self.area = area
        pumpFlow = flow
        self.starts = starts
    }

    /// Notes a sump that is too small for its starts between the levels of the rule or of one of its profiles, or altogether.
    /// - Parameter pumps: how many start by turns.
    func check(_ all: [LevelForm], _ point: Point, pumps: Int) {
        guard let metres = Dimension.level.factor(of: point.unit) else {
            let said = point.unit.isEmpty ? "has no unit" : "is in \(point.unit)"
            form.mistakes.add("'\(point.name)' \(said): the volume of a sump needs \(Dimension.level.list)", at: form.node.place)
            return
        }
        guard pumps > 0 else { return }
        for levels in all {
            guard let startAt = levels.startAt, let stopAt = levels.stopAt, startAt != stopAt else { continue }
            let volume = area * (startAt - stopAt).magnitude * metres
            let least = Sump.leastVolume(flow: pumpFlow, starts: starts, pumps: pumps)
            guard volume < least * (1 - 1e-9) else { continue }
            let often = 1 / Sump.shortestCycleHours(volume: volume, flow: pumpFlow) / Double(pumps)
            form.mistakes.add(
                "between \(Wording.of(startAt)) and \(Wording.of(stopAt)) \(point.unit) the sump holds \(Wording.of(volume)) m3: a pump of "
                    + "\(Wording.of(pumpFlow)) m3/h would start \(Wording.of(often)) times an hour at the worst inflow, more than "
                    + "\(Wording.of(starts)); it takes \(Wording.of(least)) m3 (V = T·Q/4; GB 50014-2021, 6.3.1)",
                at: levels.form.place(of: "start-at"))
        }
        checkWhole(all, metres)
    }

    /// The sump's own volume is between the lowest and the highest level that anyone uses.
    private func checkWhole(_ all: [LevelForm], _ metres: Double) {
        let levels = all.flatMap { [$0.startAt, $0.stopAt].compactMap(\.self) + $0.lagAt.map(\.level) }
        guard let water, let lowest = levels.min(), let highest = levels.max(), lowest < highest else { return }
        let whole = area * (highest - lowest) * metres
        let needed = pumpFlow / 3600 * water.leastSeconds
        guard whole < needed * (1 - 1e-9) else { return }
        form.mistakes.add(
            "the sump holds \(Wording.of(whole)) m3 from its lowest to its highest level; for \(water.rawValue) it takes "
                + "\(Wording.of(.seconds(water.leastSeconds))) of its largest pump, \(Wording.of(needed)) m3 (GB 50014-2021, 6.3.1)",
            at: form.node.place)
    }
}
