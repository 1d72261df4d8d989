import Documents
import Rules
import Telemetry

/// Keeps a level in a band with pumps that take turns.
///
/// Draining, the lead pump starts when the level has risen to `start-at`, further pumps at the levels of `lag-at`, and all stop
/// when it has fallen to `stop-at`; filling is the mirror image. Who starts next is `Staging`'s to say, and which levels count now
/// `Profiles`'. A pump that is not available is passed over, and one that ceases to be is replaced. Without a good level nothing is
/// wanted at all.
struct PumpBand: Judge {
    struct Pump: Sendable {
        /// For sentences: the device's name.
        let title: String
        let run: PointID
        let inputs: Inputs
        /// nil if the pump is always available.
        let available: Condition?
        let role: Staging.Role
        /// What its turn goes by: its hours or its starts so far.
        let use: Input?
    }

    /// How one pump stands at one moment.
    enum Standing: Sendable {
        /// It has not been heard of since the start.
        case unknown
        case available
        case unavailable(String)

        var isAvailable: Bool { if case .available = self { true } else { false } }
    }

    /// One contactor at a time: a supply that is weak anyway is not asked for two starting currents at once.
    private static let defaultStagger: Duration = .seconds(5)
    /// How long after the start a pump may stay unheard of before that is worth an alarm.
    static let grace: Duration = .seconds(10)

    let name: String
    let targets: [Target]
    let points: [PointID]
    private let level: Inputs
    let floodAt: Double?
    let pumps: [Pump]
    let stagger: Duration

    var profiles: Profiles
    var staging: Staging
    var isKnown: [Bool]
    var standings: [Standing]
    var lastStart: Monotonic?
    var began: Monotonic?
    /// How many missing pumps people were told of.
    var toldMissing = 0
    /// Whether people were told that turns cannot go by use.
    var isToldOfUse = false
    private var claim: Claim
    var eyesight = Eyesight()
    var shown = ""
    /// Whether it took up where an earlier run ended, and has not seen the level since.
    var isRecalled = false

    /// What the file says besides its points.
    struct Terms: Sendable {
        let floodAt: Double?
        let alternation: Alternation
        let stagger: Duration?
    }

    init(name: String, level: Inputs, profiles: Profiles, pumps: [Pump], terms: Terms, targets: [Target]) {
        self.name = name
        self.level = level
        self.profiles = profiles
        floodAt = terms.floodAt
        self.pumps = pumps
        staging = Staging(roles: pumps.map(\.role), alternation: terms.alternation)
        stagger = terms.stagger ?? Self.defaultStagger
        self.targets = targets
        points =
            level.points + profiles.points + pumps.flatMap { $0.inputs.points + [$0.run] + [$0.use?.point].compactMap(\.self) }
        isKnown = Array(repeating: false, count: pumps.count)
        standings = Array(repeating: .unknown, count: pumps.count)
        claim = Claim(owner: name)
    }

    var hearing: Hearing {
        eyesight.shortfall == nil && standings.allSatisfy(\.isAvailable) ? .changes : .everySample
    }

    var band: Band { profiles.band }

    var marks: [Mark] {
        guard let point = level.points.first else { return [] }
        let lags = band.lagAt.map { Mark(point: point, word: "lag", value: $0) }
        let flood = floodAt.map { [Mark(point: point, word: "flood", value: $0)] } ?? []
        return [Mark(point: point, word: "start", value: band.startAt), Mark(point: point, word: "stop", value: band.stopAt)] + lags + flood
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
            let chosen = profiles.choose(view, at: now)
            judgement.wake(by: chosen.wake)
            if let news = chosen.news { say(news, at: now, in: &judgement) }
            if eyesight.regains() { say("judges again: \(band.words(number))", at: now, in: &judgement) }
            shown = band.words(number)
            look(at: view, now, &judgement)
            adopt(number, view, at: now, &judgement)
            stage(number, view, at: now, &judgement)
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
        if isNews || !staging.running.isEmpty {
            let holds = claim.isEmpty ? "cannot judge" : "lets go of \(list(pumps.indices.filter { isKnown[$0] }))"
            say("\(holds): \(shortfall.sentence)", .alarm, at: now, in: &judgement)
        }
        judgement.wants = claim.letGo(why: shortfall.sentence)
        staging.letGo()
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
            guard standings[index].isAvailable, !band.isAtStop(level), !staging.running.contains(index),
                view.state(pumps[index].run)?.reading == .good(.bool(true))
            else { continue }
            staging.adopt(index)
            say("\(pumps[index].title) was found running and goes on: \(shown)", at: now, in: &judgement)
        }
    }

    /// A pump that ran before a restart and does not run now starts like any other, one contactor at a time. Only the one that was
    /// being started just then goes on being so; whichever starts after it makes it one of those that wait.
    private mutating func restart(_ index: Int, _ view: View, at now: Moment) {
        guard staging.running.contains(index), view.state(pumps[index].run)?.reading != .good(.bool(true)), let lastStart else { return }
        if staging.running.last == index, now.monotonic < lastStart + stagger { return }
        staging.release(index)
    }

    private var items: [Claim.Item] {
        pumps.indices.filter { isKnown[$0] }.map { Claim.Item(point: pumps[$0].run, value: .bool(staging.running.contains($0))) }
    }

    // MARK: Words

    func list(_ indices: [Int]) -> String { indices.map { pumps[$0].title }.joined(separator: " and ") }

    func say(_ text: String, _ kind: Event.Kind = .decision, at now: Moment, in judgement: inout Judgement) {
        judgement.events.append(Event(time: now.wall, kind: kind, subject: name, origin: name, text: text))
    }

    var state: JudgeState {
        if let shortfall = eyesight.shortfall { return JudgeState("cannot judge", shortfall.sentence) }
        let running = staging.running
        if !running.isEmpty { return JudgeState(band.verb, "\(band.verb) with \(list(running)): \(shown)") }
        if staging.demand > 0 { return JudgeState("no pump", "wants to be \(band.verb), but no pump is available: \(shown)") }
        return JudgeState("waiting", "waits with \(pumps[staging.leader].title) in the lead: \(shown)")
    }
}
