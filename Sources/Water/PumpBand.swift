import Documents
import Rules
import Telemetry

/// Keeps a level in a band with pumps that take turns.
///
/// Draining, the lead pump starts when the level has risen to `start-at`, further pumps at the levels of `lag-at`, and all stop
/// when it has fallen to `stop-at`; filling is the mirror image. Whoever led hands the lead on at every stop. A pump that is not
/// available is passed over, and one that ceases to be is replaced. Without a good level nothing is wanted at all.
struct PumpBand: Judge {
    struct Pump: Sendable {
        /// For sentences: the device's name.
        let title: String
        let run: PointID
        let inputs: Inputs
        /// nil if the pump is always available.
        let available: Condition?
    }

    /// How one pump stands at one moment.
    private enum Standing: Sendable {
        /// It has not been heard of since the start.
        case unknown
        case available
        case unavailable(String)

        var isAvailable: Bool { if case .available = self { true } else { false } }
    }

    /// One contactor at a time: a supply that is weak anyway is not asked for two starting currents at once.
    private static let defaultStagger: Duration = .seconds(5)
    /// How long after the start a pump may stay unheard of before that is worth an alarm.
    private static let grace: Duration = .seconds(10)

    let name: String
    let targets: [Target]
    let points: [PointID]
    private let level: Inputs
    private let band: Band
    let pumps: [Pump]
    let stagger: Duration

    /// How many pumps the level asks for.
    var demand = 0
    /// The pumps that are wanted, in the order in which they were started.
    var running: [Int] = []
    var lead = 0
    var isKnown: [Bool]
    private var standings: [Standing]
    var lastStart: Monotonic?
    var began: Monotonic?
    /// How many missing pumps people were told of.
    var toldMissing = 0
    private var claim: Claim
    var eyesight = Eyesight()
    private var shown = ""
    /// Whether it took up where an earlier run ended, and has not seen the level since.
    var isRecalled = false

    init(name: String, level: Inputs, band: Band, pumps: [Pump], stagger: Duration?, targets: [Target]) {
        self.name = name
        self.level = level
        self.band = band
        self.pumps = pumps
        self.stagger = stagger ?? Self.defaultStagger
        self.targets = targets
        points = level.points + pumps.flatMap { $0.inputs.points + [$0.run] }
        isKnown = Array(repeating: false, count: pumps.count)
        standings = Array(repeating: .unknown, count: pumps.count)
        claim = Claim(owner: name)
    }

    var hearing: Hearing {
        eyesight.shortfall == nil && standings.allSatisfy(\.isAvailable) ? .changes : .everySample
    }

    var marks: [Mark] {
        guard let point = level.points.first else { return [] }
        let lags = band.lagAt.map { Mark(point: point, word: "lag", value: $0) }
        return [Mark(point: point, word: "start", value: band.startAt), Mark(point: point, word: "stop", value: band.stopAt)] + lags
    }

    mutating func judge(_ view: View, at now: Moment) -> Judgement {
        if began == nil { began = now.monotonic }
        switch level.read(view, at: now.monotonic) {
        case .dim(let shortfall): return loses(shortfall, at: now)
        case .clear(let values):
            guard let number = values.values.first?.number else { return Judgement() }
            var judgement = Judgement()
            isRecalled = false
            judgement.wake(by: values.freshUntil)
            if eyesight.regains() { say("judges again: \(band.words(number))", at: now, in: &judgement) }
            shown = band.words(number)
            look(at: view, now, &judgement)
            adopt(number, view, at: now, &judgement)
            stage(number, at: now, &judgement)
            judgement.wants += claim.hold(items, why: shown, at: now.monotonic)
            judgement.wake(by: claim.wake)
            return judgement
        }
    }

    // MARK: Seeing

    private mutating func loses(_ shortfall: Shortfall, at now: Moment) -> Judgement {
        var judgement = Judgement()
        let isNews = eyesight.loses(shortfall, at: now.monotonic)
        // After a restart the first level is waited for, as long as a reading may be missing at the start.
        if isRecalled, shortfall.grace > .zero, !isNews {
            judgement.wake(by: eyesight.wake)
            return judgement
        }
        isRecalled = false
        if isNews || !running.isEmpty {
            let holds = claim.isEmpty ? "cannot judge" : "lets go of \(list(pumps.indices.filter { isKnown[$0] }))"
            say("\(holds): \(shortfall.sentence)", .alarm, at: now, in: &judgement)
        }
        judgement.wants = claim.letGo(why: shortfall.sentence)
        demand = 0
        running = []
        toldMissing = 0
        judgement.wake(by: eyesight.wake)
        return judgement
    }

    private mutating func look(at view: View, _ now: Moment, _ judgement: inout Judgement) {
        for index in pumps.indices {
            let pump = pumps[index]
            guard view.state(pump.run) != nil || isKnown[index] else { continue }
            switch pump.inputs.read(view, at: now.monotonic) {
            case .dim(let shortfall) where shortfall.grace > .zero && !isKnown[index]: continue
            case .dim(let shortfall): standings[index] = .unavailable(shortfall.sentence)
            case .clear(let values):
                judgement.wake(by: values.freshUntil)
                switch pump.available?.holds(values) {
                case .none, .success(true): standings[index] = .available
                case .success(false): standings[index] = .unavailable(values.words)
                case .failure(let shortfall): standings[index] = .unavailable(shortfall.sentence)
                }
            }
        }
    }

    /// A pump that is found running between the ends of the band goes on: a restart of the gateway is no reason to stop it.
    private mutating func adopt(_ level: Double, _ view: View, at now: Moment, _ judgement: inout Judgement) {
        for index in pumps.indices where !isKnown[index] {
            if case .unknown = standings[index] { continue }
            isKnown[index] = true
            restart(index, view, at: now)
            guard standings[index].isAvailable, !band.isAtStop(level), !running.contains(index),
                view.state(pumps[index].run)?.reading == .good(.bool(true))
            else { continue }
            if running.isEmpty { lead = index }
            running.append(index)
            demand = max(demand, running.count)
            say("\(pumps[index].title) was found running and goes on: \(shown)", at: now, in: &judgement)
        }
    }

    /// A pump that ran before a restart and does not run now starts like any other, one contactor at a time.
    private mutating func restart(_ index: Int, _ view: View, at now: Moment) {
        guard running.contains(index), view.state(pumps[index].run)?.reading != .good(.bool(true)),
            let lastStart, now.monotonic >= lastStart + stagger
        else { return }
        running.removeAll { $0 == index }
    }

    // MARK: Staging

    private mutating func stage(_ level: Double, at now: Moment, _ judgement: inout Judgement) {
        for index in running {
            guard case .unavailable(let why) = standings[index] else { continue }
            running.removeAll { $0 == index }
            say("\(pumps[index].title) is no longer available (\(why))", .alarm, at: now, in: &judgement)
        }
        if band.isAtStop(level) {
            if !running.isEmpty { stop(at: now, &judgement) }
            demand = 0
            toldMissing = 0
            return
        }
        demand = max(demand, band.demand(at: level))
        while running.count < demand {
            let order = pumps.indices.map { (lead + $0) % pumps.count }
            guard let next = order.first(where: { standings[$0].isAvailable && !running.contains($0) }) else {
                miss(at: now, &judgement)
                return
            }
            if let lastStart, now.monotonic < lastStart + stagger {
                judgement.wake(by: lastStart + stagger)
                return
            }
            running.append(next)
            lastStart = now.monotonic
            say("\(pumps[next].title) starts: \(shown)", at: now, in: &judgement)
        }
        toldMissing = 0
    }

    private mutating func stop(at now: Moment, _ judgement: inout Judgement) {
        lead = ((running.first ?? lead) + 1) % pumps.count
        say("\(list(running)) \(running.count == 1 ? "stops" : "stop"): \(shown)", at: now, in: &judgement)
        running = []
    }

    /// The level asks for more pumps than are available.
    private mutating func miss(at now: Moment, _ judgement: inout Judgement) {
        let missing = demand - running.count
        let patient = (began ?? now.monotonic) + Self.grace
        let isHalfKnown = standings.contains { if case .unknown = $0 { true } else { false } }
        guard !isHalfKnown || now.monotonic >= patient else { return judgement.wake(by: patient) }
        guard missing > toldMissing else { return }
        toldMissing = missing
        let reasons = pumps.indices.compactMap { index in
            switch standings[index] {
            case .available: nil as String?
            case .unknown: "\(pumps[index].title): was never read"
            case .unavailable(let why): "\(pumps[index].title): \(why)"
            }
        }
        let what = running.isEmpty ? "no pump is available" : "\(missing) more wanted, none is available"
        say("\(what) (\(reasons.joined(separator: "; "))): \(shown)", .alarm, at: now, in: &judgement)
    }

    private var items: [Claim.Item] {
        pumps.indices.filter { isKnown[$0] }.map { Claim.Item(point: pumps[$0].run, value: .bool(running.contains($0))) }
    }

    // MARK: Words

    private func list(_ indices: [Int]) -> String { indices.map { pumps[$0].title }.joined(separator: " and ") }

    private func say(_ text: String, _ kind: Event.Kind = .decision, at now: Moment, in judgement: inout Judgement) {
        judgement.events.append(Event(time: now.wall, kind: kind, subject: name, origin: name, text: text))
    }

    var state: JudgeState {
        if let shortfall = eyesight.shortfall { return JudgeState("cannot judge", shortfall.sentence) }
        if !running.isEmpty { return JudgeState(band.verb, "\(band.verb) with \(list(running)): \(shown)") }
        if demand > 0 { return JudgeState("no pump", "wants to be \(band.verb), but no pump is available: \(shown)") }
        return JudgeState("waiting", "waits with \(pumps[lead].title) in the lead: \(shown)")
    }
}
