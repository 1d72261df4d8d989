import Rules
import Telemetry

/// Levels for some of the time: the cheap hours, a season, or as long as a person wants it so.
struct Profile: Sendable {
    let name: String
    let band: Band
    /// nil for always.
    let during: Schedule?
    let inputs: Inputs
    /// nil if only the time decides.
    let when: Condition?
}

/// The levels a band goes by: those of the last profile in the file that is open, or else the usual ones.
struct Profiles: Sendable {
    let usual: Band
    let all: [Profile]
    /// The name of the profile gone by; nil for the usual levels.
    var current: String?

    init(usual: Band, all: [Profile]) {
        self.usual = usual
        self.all = all
    }

    var band: Band { all.first { $0.name == current }?.band ?? usual }

    var points: [PointID] { all.flatMap(\.inputs.points) }

    /// Looks which is open.
    /// - Returns: a sentence if that has changed, and when to look again though nothing is heard.
    mutating func choose(_ view: View, at now: Moment) -> (news: String?, wake: Monotonic?) {
        var wake: Monotonic?
        var chosen: String?
        var reason: String?
        for profile in all {
            let (isOpen, lookAgain, shortfall) = profile.look(view, at: now)
            if let lookAgain { wake = wake.map { min($0, lookAgain) } ?? lookAgain }
            if isOpen { chosen = profile.name }
            if profile.name == current { reason = shortfall }
        }
        guard chosen != current else { return (nil, wake) }
        current = chosen
        let words = chosen.map { "goes by '\($0)' from now on" } ?? "goes by its usual levels again"
        return ("\(words): \(band.ends)" + (reason.map { " (\($0))" } ?? ""), wake)
    }
}

extension Profile {
    /// A profile that cannot be judged is not open: the usual levels are right for an ordinary day.
    fileprivate func look(_ view: View, at now: Moment) -> (isOpen: Bool, wake: Monotonic?, shortfall: String?) {
        var wake: Monotonic?
        if let during {
            guard let time = view.scheduleTime, let state = during.state(at: time) else {
                return (false, now.monotonic + .seconds(60), "the clock is not to be trusted")
            }
            wake = now.monotonic + state.lookAfter
            guard state.isOpen else { return (false, wake, nil) }
        }
        guard let when else { return (true, wake, nil) }
        switch inputs.read(view, at: now.monotonic) {
        case .dim(let shortfall): return (false, wake, shortfall.sentence)
        case .clear(let values):
            if let fresh = values.freshUntil { wake = wake.map { min($0, fresh) } ?? fresh }
            switch when.holds(values) {
            case .success(let holds): return (holds, wake, nil)
            case .failure(let shortfall): return (false, wake, shortfall.sentence)
            }
        }
    }
}
