import Documents
import Expressions
import Telemetry

/// Computes a point from others: a virtual sensor.
///
/// What it says is as good as the worst it was made of, and nothing of an input that was never read. Its source time is that of
/// the newest input, since that is when the value became true. The oldest would be the more modest choice, but then two values
/// in a row could carry one source time, and a receiver that knows a repeat by point and source time would drop the second.
struct Derivation: Judge {
    struct Terms: Sendable {
        let type: ValueType
        /// A number outside it is a bad reading.
        let range: ClosedRange<Double>?
    }

    let name: String
    let derives: Derived?
    let targets: [Target] = []
    private let point: PointID
    private let inputs: Inputs
    private let formula: Formula
    private let terms: Terms
    private let unit: String
    private var values: Values
    private var slots: [CELValue?] = []
    private var eyesight = Eyesight()
    private var shown: Reading?

    init(name: String, derives: Derived, unit: String, inputs: Inputs, formula: Formula, terms: Terms) {
        self.name = name
        point = derives.point
        self.derives = derives
        self.unit = unit
        self.inputs = inputs
        self.formula = formula
        self.terms = terms
        values = Values(inputs: inputs)
    }

    var points: [PointID] { inputs.points }
    /// Every sample, for an input that repeats itself is still alive, and so is what is derived from it.
    var hearing: Hearing { .everySample }

    mutating func judge(_ view: View, at now: Moment) -> Judgement {
        guard let blend = inputs.blend(view, at: now.monotonic, into: &values) else { return Judgement() }
        var judgement = Judgement()
        judgement.wake(by: values.freshUntil)
        var reading = Reading.bad(blend.cause ?? .sensorFault)
        if blend.quality != .bad {
            switch formula.value(of: values, in: &slots) {
            case .success(let value): reading = self.reading(value, blend)
            case .failure(let shortfall):
                reading = .bad(.sensorFault)
                judgement.hasFailed = true
                if eyesight.loses(shortfall, at: now.monotonic) {
                    judgement.events = [event("cannot be computed: \(shortfall.sentence)", at: now)]
                }
                judgement.wake(by: eyesight.wake)
            }
            if !judgement.hasFailed, eyesight.regains() { judgement.events = [event("is computed again", at: now)] }
        }
        shown = reading
        judgement.derived = [(Sample(point: point, time: blend.time, reading: reading), blend.age)]
        return judgement
    }

    private func reading(_ value: CELValue, _ blend: Inputs.Blend) -> Reading {
        guard let value = Value(value, as: terms.type) else { return .bad(.sensorFault) }
        if let number = value.number {
            guard number.isFinite else { return .bad(.sensorFault) }
            if let range = terms.range, !range.contains(number) { return .bad(.outOfRange) }
        }
        guard blend.quality == .uncertain, let cause = blend.cause else { return .good(value) }
        return .uncertain(value, cause)
    }

    private func event(_ text: String, at now: Moment) -> Event {
        Event(time: now.wall, kind: .decision, subject: name, origin: name, text: text)
    }

    var state: JudgeState {
        switch shown {
        case nil: return JudgeState("waiting", "waits until all of its inputs were read")
        case .good(let value): return JudgeState("computing", "is \(Wording.of(value, unit: unit)): \(values.words)")
        case .uncertain(let value, let cause):
            return JudgeState("uncertain", "is \(Wording.of(value, unit: unit)), but not for certain (\(cause.rawValue)): \(values.words)")
        case .bad(let cause):
            return JudgeState("cannot judge", eyesight.shortfall?.sentence ?? "one of its inputs is bad (\(cause.rawValue))")
        }
    }
}

extension Value {
    fileprivate init?(_ value: CELValue, as type: ValueType) {
        switch (value, type) {
        case (.bool(let value), .bool): self = .bool(value)
        case (.int(let value), .int): self = .int(value)
        case (.uint(let value), .uint): self = .uint(value)
        case (.double(let value), .double): self = .double(value)
        case (.string(let value), .string): self = .string(value)
        default: return nil
        }
    }
}
