import Rules
import Telemetry

/// Derives a level that can be believed from the one a transmitter says, or a bad reading in its place, with an alarm.
struct PlausibleLevel: Judge {
    let name: String
    let derives: Derived?
    let targets: [Target] = []
    private let point: PointID
    private let level: Inputs
    private let pumping: (inputs: Inputs, condition: Condition)?
    private let floats: [(inputs: Inputs, title: String)]
    private let unit: String
    private var plausibility: Plausibility
    private var shown: Reading?
    private var words = ""

    init(
        name: String, derives: Derived, level: Inputs, pumping: (inputs: Inputs, condition: Condition)?,
        floats: [(inputs: Inputs, title: String)], unit: String, limits: Plausibility.Limits
    ) {
        self.name = name
        self.derives = derives
        point = derives.point
        self.level = level
        self.pumping = pumping
        self.floats = floats
        self.unit = unit
        plausibility = Plausibility(limits)
    }

    var points: [PointID] { level.points + (pumping?.inputs.points ?? []) + floats.flatMap(\.inputs.points) }
    /// A level that repeats itself is what a frozen one does.
    var hearing: Hearing { .everySample }

    mutating func judge(_ view: View, at now: Moment) -> Judgement {
        guard let source = level.points.first, let state = view.state(source) else { return Judgement() }
        var judgement = Judgement()
        let before = plausibility.doubt
        var reading = state.reading
        if case .good(let value) = reading, let number = value.number {
            plausibility.hear(
                number, isPumping: isPumping(view, at: now.monotonic), floats: wet(view, at: now.monotonic), at: now.monotonic)
            if plausibility.doubt != nil { reading = .bad(.sensorFault) }
            judgement.wake(by: plausibility.wake.flatMap { $0 > now.monotonic ? $0 : nil })
            note(number, before, at: now, &judgement)
        } else {
            plausibility.loses()
        }
        shown = reading
        judgement.derived = [(Sample(point: point, time: state.time, reading: reading), state.age)]
        return judgement
    }

    private func isPumping(_ view: View, at now: Monotonic) -> Bool? {
        guard let pumping, case .clear(let values) = pumping.inputs.read(view, at: now) else { return nil }
        return try? pumping.condition.holds(values).get()
    }

    private func wet(_ view: View, at now: Monotonic) -> [Bool?] {
        floats.map { float in
            guard let point = float.inputs.points.first, case .good(.bool(let isWet)) = view.state(point)?.reading else {
                return nil
            }
            return isWet
        }
    }

    private mutating func note(_ number: Double, _ before: Plausibility.Doubt?, at now: Moment, _ judgement: inout Judgement) {
        let mark = unit.isEmpty ? "" : " \(unit)"
        words = "\(Wording.of(number))\(mark)"
        guard plausibility.doubt != before else { return }
        let text: String
        switch plausibility.doubt {
        case .tooFast(let last): text = "cannot have gone from \(Wording.of(last))\(mark) to \(words) so fast: it is not believed"
        case .frozen:
            let span = Wording.of(plausibility.limits.frozenAfter ?? .zero)
            text = "has stood at \(words) for \(span) while a pump runs: it is frozen, and not believed"
        case .float(let index):
            let float = plausibility.limits.floats[index]
            text = "is \(words), which \(floats[index].title) at \(Wording.of(float.at))\(mark) contradicts: it is not believed"
        case nil: text = "is believed again: \(words)"
        }
        judgement.events = [
            Event(time: now.wall, kind: .alarm, subject: level.all.first?.title ?? name, origin: name, text: "the level \(text)")
        ]
    }

    var state: JudgeState {
        switch (shown, plausibility.doubt) {
        case (nil, _): JudgeState("waiting", "waits for the first level")
        case (_, .tooFast?): JudgeState("not believed", "the level changes faster than it can: \(words)")
        case (_, .frozen?): JudgeState("not believed", "the level stands still while a pump runs: \(words)")
        case (_, .float?): JudgeState("not believed", "a float switch contradicts the level: \(words)")
        case (.good?, nil): JudgeState("believed", "believes the level: \(words)")
        case (.uncertain(_, let cause)?, nil), (.bad(let cause)?, nil):
            JudgeState("cannot judge", "the level is no good (\(cause.rawValue))")
        }
    }
}
