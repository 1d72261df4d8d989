import Rules
import Telemetry

extension PumpBand {
    /// Starts and stops what the level asks for, one start at a time.
    mutating func stage(_ level: Double, _ view: View, at now: Moment, _ judgement: inout Judgement) {
        for index in staging.running {
            guard case .unavailable(let why) = standings[index] else { continue }
            staging.release(index)
            say("\(pumps[index].title) is no longer available (\(why))", .alarm, at: now, in: &judgement)
        }
        if band.isAtStop(level) {
            let stopped = staging.stop()
            if !stopped.isEmpty { say("\(list(stopped)) \(stopped.count == 1 ? "stops" : "stop"): \(shown)", at: now, in: &judgement) }
            toldMissing = 0
            return
        }
        for index in staging.hear(level, in: band, floodAt: floodAt) {
            say("\(pumps[index].title) goes off, having been on longest: \(shown)", at: now, in: &judgement)
        }
        let use = use(view)
        while staging.missing > 0 {
            guard let next = staging.next(isAvailable: standings.map(\.isAvailable), use: use) else {
                miss(at: now, &judgement)
                return
            }
            if let lastStart, now.monotonic < lastStart + stagger {
                judgement.wake(by: lastStart + stagger)
                return
            }
            tellOfUse(use, at: now, &judgement)
            staging.start(next)
            lastStart = now.monotonic
            say("\(pumps[next].title) starts: \(shown)", at: now, in: &judgement)
        }
        toldMissing = 0
    }

    /// The hours or starts of each pump so far; nil for one of which they are not known now.
    private func use(_ view: View) -> [Double?] {
        pumps.map { pump in
            guard let use = pump.use, case .good(let value) = view.state(use.point)?.reading else { return nil }
            return value.number
        }
    }

    /// Where turns cannot go by use, pumps alternate, and people know.
    private mutating func tellOfUse(_ use: [Double?], at now: Moment, _ judgement: inout Judgement) {
        guard staging.alternation.isByUse else { return }
        let unseen = pumps.indices.filter { pumps[$0].role == .duty && standings[$0].isAvailable && use[$0] == nil }
        if !unseen.isEmpty, !isToldOfUse {
            let what = staging.alternation.rawValue
            say("the \(what) of \(list(unseen)) are not known: the pumps take turns instead", .alarm, at: now, in: &judgement)
        }
        isToldOfUse = !unseen.isEmpty
    }

    /// The level asks for more pumps than are available.
    private mutating func miss(at now: Moment, _ judgement: inout Judgement) {
        let missing = staging.missing
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
        let what = staging.running.isEmpty ? "no pump is available" : "\(missing) more wanted, none is available"
        say("\(what) (\(reasons.joined(separator: "; "))): \(shown)", .alarm, at: now, in: &judgement)
    }
}
