import Rules
import Telemetry

/// How long something ran, and how often it was started.
struct RunTime: Sendable {
    private static let hour: Duration = .seconds(3600)
    /// More starts than this within an hour are not told apart: a contactor would not live to see them.
    private static let mostRemembered = 120

    /// Between two readings further apart nobody knows whether it ran.
    let longestGap: Duration

    var run: Duration = .zero
    var starts = 0
    /// How many stretches are missing from the run time.
    var gaps = 0
    /// The run time at the last maintenance.
    var maintainedAt: Duration = .zero
    private var recent: [Monotonic] = []
    private var wasRunning: Bool?
    /// nil while it is not heard of.
    private var heardAt: Monotonic?
    private var wasMaintaining: Bool?

    init(longestGap: Duration) { self.longestGap = longestGap }

    /// A start between two readings counts once, however far apart they are; a stop and a start between them are not seen.
    mutating func hear(_ isRunning: Bool, at moment: Monotonic) {
        if let heardAt {
            guard moment > heardAt else { return }
            let span = moment - heardAt
            if span > longestGap { gaps += 1 } else if wasRunning == true { run += span }
        }
        if isRunning, wasRunning == false {
            starts += 1
            recent.append(moment)
            if recent.count > Self.mostRemembered { recent.removeFirst() }
        }
        wasRunning = isRunning
        heardAt = moment
    }

    /// Somebody maintains it: the time since begins again with the edge.
    /// - Returns: the run time since the maintenance before, if this is one.
    mutating func hear(isMaintaining: Bool) -> Duration? {
        defer { wasMaintaining = isMaintaining }
        guard isMaintaining, wasMaintaining == false else { return nil }
        defer { maintainedAt = run }
        return run - maintainedAt
    }

    mutating func goDark() {
        if heardAt != nil { gaps += 1 }
        heardAt = nil
    }

    func startsWithinHour(of now: Monotonic) -> Int { recent.count { now < $0 + Self.hour } }

    func keep(in memory: inout Memory, at now: Monotonic) {
        memory[number: "run-seconds"] = run.seconds
        memory[count: "starts"] = starts
        memory[count: "gaps"] = gaps
        memory[number: "maintained-at"] = maintainedAt.seconds
        for (index, start) in recent.filter({ now < $0 + Self.hour }).enumerated() {
            memory.keep(start, as: "start-\(index)", at: now)
        }
        memory[count: "running"] = wasRunning.map { $0 ? 1 : 0 }
        memory.keep(heardAt, as: "heard-at", at: now)
        memory[count: "maintaining"] = wasMaintaining.map { $0 ? 1 : 0 }
    }

    mutating func recall(_ memory: Memory, since base: Monotonic) {
        run = Duration(believed: memory[number: "run-seconds"])
        starts = memory[tally: "starts"]
        gaps = memory[tally: "gaps"]
        maintainedAt = min(Duration(believed: memory[number: "maintained-at"]), run)
        recent = (0..<Self.mostRemembered).compactMap { memory.moment("start-\($0)", since: base) }
        wasRunning = memory[count: "running"].map { $0 == 1 }
        heardAt = memory.moment("heard-at", since: base)
        wasMaintaining = memory[count: "maintaining"].map { $0 == 1 }
    }
}

extension Duration {
    /// Seconds from a file, as far as anything can have run.
    fileprivate init(believed seconds: Double?) {
        guard let seconds, seconds > 0, seconds < 1e10 else {
            self = .zero
            return
        }
        self = .seconds(seconds)
    }
}
