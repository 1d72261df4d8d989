import Documents
import Rules
import Telemetry

/// Derives one part of a quantity. A file that derives several is as many judges, each with a quantity of its own: they hear the
/// same, so they know the same.
struct QuantityJudge<Q: Quantity>: Judge {
    let name: String
    let derives: Derived?
    let targets: [Target] = []
    private let output: QuantityOutput<Q.Part>
    private let sources: QuantitySources
    /// Who speaks of what, if it is the one of its file that tells people what happened.
    private let teller: (owner: String, title: String)?
    private var quantity: Q
    private var values: Values
    private var shown: Reading?

    init(
        name: String, output: QuantityOutput<Q.Part>, sources: QuantitySources, quantity: Q, teller: (owner: String, title: String)?
    ) {
        self.name = name
        self.output = output
        self.sources = sources
        self.quantity = quantity
        self.teller = teller
        derives = output.derived
        values = Values(inputs: sources.inputs)
    }

    var points: [PointID] { sources.inputs.points }
    /// Every sample: an input that repeats itself is alive, and time passes for what is summed up.
    var hearing: Hearing { .everySample }

    mutating func judge(_ view: View, at now: Moment) -> Judgement {
        guard let blend = sources.inputs.blend(view, at: now.monotonic, into: &values) else { return Judgement() }
        var judgement = Judgement()
        judgement.wake(by: values.freshUntil)
        let numbers = blend.quality == .bad ? nil : sources.numbers(values)
        let glimpse = Glimpse(
            numbers: numbers, isDark: numbers == nil || blend.isStale, isCertain: blend.quality == .good,
            moment: now.monotonic + (.zero - blend.age), now: now, scheduleTime: view.scheduleTime)
        let news = quantity.hear(glimpse)
        if let teller {
            judgement.events = news.map {
                Event(time: now.wall, kind: $0.kind, subject: teller.title, origin: teller.owner, text: $0.text)
            }
        }
        shown = reading(blend, isBlind: numbers == nil, at: now.monotonic)
        if let shown { judgement.derived = [(Sample(point: output.derived.point, time: blend.time, reading: shown), blend.age)] }
        return judgement
    }

    /// As good as the worst it is made of.
    private func reading(_ blend: Inputs.Blend, isBlind: Bool, at now: Monotonic) -> Reading? {
        if isBlind, !quantity.outlasts(output.part) { return .bad(blend.cause ?? .sensorFault) }
        guard let answer = quantity.answer(output.part, at: now) else { return nil }
        if answer.isWrong { return .bad(answer.doubt ?? .sensorFault) }
        let value: Value
        switch answer.amount {
        case .count(let count): value = .int(Int64(count))
        case .truth(let truth): value = .bool(truth)
        case .number(let number):
            let inUnit = number / output.factor
            guard inUnit.isFinite else { return .bad(.sensorFault) }
            if let range = output.range, !range.contains(inUnit) { return .bad(.outOfRange) }
            value = .double(inUnit)
        }
        guard let cause = blend.cause ?? answer.doubt else { return .good(value) }
        return .uncertain(value, cause)
    }

    var state: JudgeState {
        let unit = output.unit
        switch shown {
        case nil: return JudgeState("waiting", "waits until there is something to compute")
        case .good(let value): return JudgeState("computing", "is \(Wording.of(value, unit: unit)): \(values.words)")
        case .uncertain(let value, let cause):
            return JudgeState("uncertain", "is \(Wording.of(value, unit: unit)), but not for certain (\(cause.rawValue))")
        case .bad(let cause): return JudgeState("cannot judge", "cannot be computed (\(cause.rawValue))")
        }
    }

    // MARK: Memory

    private static var identity: String { "of" }

    func memory(at now: Monotonic) -> Memory {
        var memory = Memory()
        quantity.keep(in: &memory, at: now)
        if !memory.isEmpty { memory[word: Self.identity] = identity }
        return memory
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) { quantity.recall(memory, since: base) }

    /// What was counted stays counted when the file is mended, as long as the same is counted of the same points.
    func inherits(_ memory: Memory) -> Bool { memory[word: Self.identity] == identity }

    private var identity: String {
        "\(output.kind) \(output.part.rawValue) of " + sources.inputs.all.map { "\($0.title) \($0.unit)" }.joined(separator: ", ")
    }
}

/// One point a file derives, and which part of its quantity that is.
struct QuantityOutput<Part: Sendable>: Sendable {
    let kind: String
    let part: Part
    let derived: Derived
    let unit: String
    /// What one of the unit is in the part's own.
    let factor: Double
    /// A number outside it is a bad reading.
    let range: ClosedRange<Double>?
}

/// The inputs of a quantity, by the slots of its kind.
struct QuantitySources: Sendable {
    let inputs: Inputs
    /// For each slot which of the inputs fill it, and what one of their unit is in the slot's own.
    let slots: [(places: Range<Int>, factor: Double)]

    /// nil if one is no number that can be reckoned with.
    func numbers(_ values: Values) -> [[Double]]? {
        let numbers = slots.map { slot in slot.places.map { (values.values[$0].number ?? .nan) * slot.factor } }
        return numbers.allSatisfy { $0.allSatisfy(\.isFinite) } ? numbers : nil
    }

    /// The one input of a slot; nil if its kind can do without and the file does.
    func input(_ slot: Int) -> Input? { slots[slot].places.first.map { inputs.all[$0] } }

    func factor(_ slot: Int) -> Double { slots[slot].factor }

    /// Beyond this nobody knows what any of them did.
    var longestGap: Duration { inputs.all.map(\.maximumAge).min() ?? .zero }
}
