import Rules
import Telemetry

/// Whether what a level transmitter says can be the level: DOMAIN's "level plausibility". A level that rises faster than water can,
/// that stands still while a pump runs, or that a float switch contradicts is not believed, however good its signal looks.
struct Plausibility: Sendable {
    /// A float switch that is true while wet.
    struct Float: Sendable {
        /// Where it tips, in the level's unit, and how far around that it may be either.
        let at: Double
        let tolerance: Double
    }

    struct Limits: Sendable {
        /// The most the level can go up or down, per minute; nil where nobody knows.
        var rate: Double?
        /// So long without a change while a pump runs, and it is frozen.
        var frozenAfter: Duration?
        /// The smallest change that counts, in the level's unit.
        var resolution = 0.0
        var floats: [Float] = []
    }

    enum Doubt: Hashable, Sendable {
        case tooFast(from: Double)
        case frozen
        /// The float's place in the limits.
        case float(Int)
    }

    /// Ripples and noise: a change counts against the rate only beyond what this span allows.
    static let calm = Duration.seconds(30)
    /// Waves tip a float now and then.
    static let patience = Duration.seconds(60)
    /// So many believable levels in a row end a doubt about the rate.
    static let proof = 3

    let limits: Limits
    private(set) var doubt: Doubt?
    /// A level that was believed, up to half a minute old while there is no doubt.
    private var believed: (level: Double, at: Monotonic)?
    private var proofs = 0
    /// The level that has not changed, and since when a pump has been running without changing it.
    private var still: (level: Double, since: Monotonic?)?
    private var contradictions: [Monotonic?]

    init(_ limits: Limits) {
        self.limits = limits
        contradictions = limits.floats.map { _ in nil }
    }

    /// - Parameters:
    ///   - isPumping: whether any pump runs; nil if that is not known, which speaks for nothing.
    ///   - floats: whether each is wet; nil for one that cannot be seen.
    mutating func hear(_ level: Double, isPumping: Bool?, floats: [Bool?], at now: Monotonic) {
        let isTooFast = judgeRate(level, at: now)
        let isFrozen = judgeStillness(level, isPumping: isPumping, at: now)
        let float = judgeFloats(level, floats, at: now)
        doubt = isTooFast ? .tooFast(from: believed?.level ?? level) : isFrozen ? .frozen : float.map(Doubt.float)
    }

    /// Nothing was read for a while: where the level has gone meanwhile, nobody knows.
    mutating func loses() {
        believed = nil
        proofs = 0
        still = nil
        contradictions = limits.floats.map { _ in nil }
        doubt = nil
    }

    /// When a doubt may begin or end although the level is what it was.
    var wake: Monotonic? {
        let frozen = limits.frozenAfter.flatMap { span in still?.since.map { $0 + span } }
        return ([frozen] + contradictions.map { $0.map { $0 + Self.patience } }).compactMap { $0 }.min()
    }

    /// Compared with a level that is half a minute old, so that noise is let pass and many small steps are not. What is allowed grows
    /// with the time since then: a level that has truly moved is believed in the end.
    private mutating func judgeRate(_ level: Double, at now: Monotonic) -> Bool {
        guard let rate = limits.rate else { return false }
        guard let (last, at) = believed else {
            believed = (level, now)
            return false
        }
        let isPossible = abs(level - last) <= rate * max(now - at, Self.calm).seconds / 60 + limits.resolution
        if case .tooFast = doubt {
            proofs = isPossible ? proofs + 1 : 0
            guard proofs >= Self.proof else { return true }
            believed = (level, now)
        } else if !isPossible {
            proofs = 0
            return true
        } else if now - at >= Self.calm {
            believed = (level, now)
        }
        return false
    }

    private mutating func judgeStillness(_ level: Double, isPumping: Bool?, at now: Monotonic) -> Bool {
        guard let span = limits.frozenAfter else { return false }
        let hasMoved = still.map { abs(level - $0.level) > limits.resolution } ?? true
        if hasMoved { still = (level, isPumping == true ? now : nil) }
        switch isPumping {
        case true?: if still?.since == nil { still?.since = now }
        // A doubt that a pump has raised is not settled by its stop: only a level that moves does that.
        case false?: if doubt != .frozen { still?.since = nil }
        case nil: break
        }
        return still?.since.map { now - $0 >= span } ?? false
    }

    private mutating func judgeFloats(_ level: Double, _ floats: [Bool?], at now: Monotonic) -> Int? {
        var found: Int?
        for (index, float) in limits.floats.enumerated() {
            let isWet = floats.indices.contains(index) ? floats[index] : nil
            let isContrary = isWet.map { $0 ? level < float.at - float.tolerance : level > float.at + float.tolerance } ?? false
            contradictions[index] = isContrary ? contradictions[index] ?? now : nil
            if let since = contradictions[index], now - since >= Self.patience, found == nil { found = index }
        }
        return found
    }
}
