import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: electricity-to-water` (以电折水): irrigation water by the pump's electricity, where no water
/// meter lasts. The coefficient varies with depth, season and method (Li Fei et al. 2022, DOI 10.12357/cjea.20220288), so each
/// has its time, and what comes of it is never better than uncertain.
package struct ElectricityToWaterKind: RuleKind {
    package let word = "electricity-to-water"
    package let keys = QuantityFile.keys + ["counter", "coefficients"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        let file = QuantityFile(draft, kind: word, slots: [QuantitySlot(name: "counter", kind: .number)])
        let terms = CounterForm(form)?.terms(from: 0)
        let coefficients = coefficients(draft)
        return file.judges(form: { part, _ in part == .volume ? .measure(.volume) : .measure(.energy) }) { sources -> ElectricityToWater? in
            guard let terms, let coefficients, let input = sources.input(0) else { return nil }
            guard let joules = Dimension.energy.factor(of: input.unit) else {
                let place = form.node["inputs"]?["counter"]?.place ?? form.place(of: "inputs")
                draft.mistakes.add("'\(input.title)' counts no energy: its unit is '\(input.unit)', not kW.h", at: place)
                return nil
            }
            return ElectricityToWater(terms: terms, coefficients: coefficients, joules: joules, meter: input)
        }
    }

    private func coefficients(_ draft: RuleDraft) -> [ElectricityToWater.Coefficient]? {
        guard let node = draft.form.require("coefficients") else { return nil }
        guard case .sequence(let members) = node.content, !members.isEmpty else {
            draft.mistakes.add("'coefficients' must be a list, not \(node.kind)", at: node.place)
            return nil
        }
        let read = members.compactMap { member -> ElectricityToWater.Coefficient? in
            let keys = ["during", "m3-per-kilowatt-hour"]
            guard let form = Form(member, "a coefficient", keys: keys, in: draft.mistakes), form.require("during") != nil,
                let schedule = draft.schedule("during", in: form), let number = form.number("m3-per-kilowatt-hour", required: true)
            else { return nil }
            guard number > 0 else {
                draft.mistakes.add("'m3-per-kilowatt-hour' must be more than 0", at: form.place(of: "m3-per-kilowatt-hour"))
                return nil
            }
            return ElectricityToWater.Coefficient(during: schedule, cubicMetresPerKilowattHour: number)
        }
        return read.count == members.count ? read : nil
    }
}

/// A meter's energy, each step of it turned into water by the coefficient of its time.
struct ElectricityToWater: Quantity {
    enum Part: String, CaseIterable {
        case volume
        /// For which there was no coefficient.
        case unconverted = "unconverted-energy"
    }

    struct Coefficient: Sendable {
        let during: Schedule
        let cubicMetresPerKilowattHour: Double
    }

    private let coefficients: [Coefficient]
    private let joules: Double
    private let meter: Input
    private var total: CounterTotal
    private var volume = 0.0
    /// In the meter's unit.
    private var unconverted = 0.0
    private var isWithoutCoefficient = false

    /// - Parameter joules: what one of the meter's unit is.
    init(terms: CounterTotal.Terms, coefficients: [Coefficient], joules: Double, meter: Input) {
        total = CounterTotal(terms)
        self.coefficients = coefficients
        self.joules = joules
        self.meter = meter
    }

    func outlasts(_ part: Part) -> Bool { true }

    /// Without a clock the meter is not looked at: what it counts is converted once the date is known.
    mutating func hear(_ glimpse: Glimpse) -> [News] {
        guard let count = glimpse.number(0), !glimpse.isDark, !total.isOutside(count), let time = glimpse.scheduleTime else { return [] }
        let (step, news) = total.hear(count, at: glimpse.moment)
        var told = news.map { [News($0.words(of: meter), .alarm)] } ?? []
        // Of several that count today the last one does.
        let coefficient = coefficients.last { $0.during.state(at: time)?.isOpen ?? false }
        guard let coefficient else {
            if !isWithoutCoefficient {
                told.append(News("no coefficient counts today: the electricity of \(meter.title) is not turned into water", .alarm))
            }
            isWithoutCoefficient = true
            unconverted += step
            return told
        }
        isWithoutCoefficient = false
        let water = volume + step * joules / 3.6e6 * coefficient.cubicMetresPerKilowattHour
        if water.isFinite { volume = water }
        return told
    }

    /// An estimate, whatever the meter is worth.
    func answer(_ part: Part, at now: Monotonic) -> Answer? {
        switch part {
        case .volume: .number(volume, doubt: .substituted)
        case .unconverted: .number(unconverted * joules)
        }
    }

    func keep(in memory: inout Memory, at now: Monotonic) {
        total.keep(in: &memory, at: now)
        memory[number: "volume"] = volume
        memory[number: "unconverted"] = unconverted
        memory[flag: "without-coefficient"] = isWithoutCoefficient
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        total.recall(memory, since: base)
        volume = memory[number: "volume"] ?? 0
        unconverted = memory[number: "unconverted"] ?? 0
        isWithoutCoefficient = memory[flag: "without-coefficient"]
    }
}
