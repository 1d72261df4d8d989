package import Telemetry

/// What guards must not forget when the gateway restarts: a plain value, for whoever stores it. Locks are not in it.
///
/// The monotonic clock begins anew with the machine, so moments are kept as nanoseconds from the moment of the snapshot.
package struct GuardSnapshot: Codable, Hashable, Sendable {
    /// Of this form. A snapshot of another form is not understood.
    package static let version = 1

    package struct Entry: Codable, Hashable, Sendable {
        /// Whether the point had been read, or was known from before.
        let isKnown: Bool
        let phase: String
        let starts: [Int64]
        let isStartOpen: Bool
        let lastStop: Int64?
        let runSince: Int64?
        /// The sentences of interlocks that wait for a reset.
        let kept: [String]
        /// Who wanted it at work when it had run for too long.
        let spent: [String]
    }

    package let version: Int
    package let taken: Timestamp
    /// Whether the clock was believed when it was taken.
    package let isTrusted: Bool
    /// By the point's name.
    package let points: [String: Entry]
}

extension GuardSnapshot.Entry {
    init(_ duty: GuardState, at now: Monotonic) {
        func span(_ moment: Monotonic) -> Int64 { (moment - now).wholeNanoseconds }
        self.init(
            isKnown: duty.isKnown, phase: duty.phase.rawValue,
            starts: duty.starts.filter { now - $0 < GuardState.hour }.map(span),
            isStartOpen: duty.isStartOpen, lastStop: duty.lastStop.map(span), runSince: duty.runSince.map(span),
            kept: zip(duty.interlocks, duty.guards.interlocks).filter(\.0.isKept).map(\.1.check.says), spent: duty.spent.sorted())
    }
}

extension Arbiter {
    /// What must survive a restart.
    package func guardSnapshot(at now: Moment) -> GuardSnapshot {
        let known = outputs.compactMap { output in output.duty.map { (output.name, $0) } }
        return GuardSnapshot(
            version: GuardSnapshot.version, taken: now.wall, isTrusted: now.isTrusted,
            points: Dictionary(known.map { ($0, GuardSnapshot.Entry($1, at: now.monotonic)) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Takes up where a snapshot was taken. Call it before anything is wanted or read.
    ///
    /// The time that passed meanwhile counts, as far as the wall clock can tell. If it was not believed then or is not now, or
    /// runs backwards, no time has passed: rests are as long, and starts as many, as when the snapshot was taken.
    package mutating func restore(_ snapshot: GuardSnapshot, at now: Moment) -> [Action] {
        let now = notEarlier(now)
        guard snapshot.version == GuardSnapshot.version else {
            let text = "what was known of machines is of version \(snapshot.version), not \(GuardSnapshot.version): left aside"
            ledger.record("control", by: "control", as: .gateway, at: now, text)
            return finish(at: now)
        }
        let passed = now.isTrusted && snapshot.isTrusted ? max(.zero, now.wall.since(snapshot.taken)) : .zero
        let base = now.monotonic + (.zero - passed)
        for index in outputs.indices where outputs[index].duty != nil {
            guard let entry = snapshot.points[outputs[index].name] else { continue }
            // A damaged file may tell of the future; nothing begins later than now.
            func moment(_ span: Int64) -> Monotonic { min(base + .nanoseconds(span), now.monotonic) }
            if entry.isKnown {
                outputs[index].duty?.recall(
                    phase: GuardState.Phase(rawValue: entry.phase) ?? .running, starts: entry.starts.map(moment),
                    isStartOpen: entry.isStartOpen, lastStop: entry.lastStop.map(moment), runSince: entry.runSince.map(moment))
            }
            outputs[index].duty?.spent = Set(entry.spent)
            outputs[index].duty?.spentUntil = now.monotonic + Pace.patience
            for (place, plan) in plansOfInterlocks(of: index).enumerated() where entry.kept.contains(plan.check.says) {
                outputs[index].duty?.interlocks[place].keep()
            }
        }
        return finish(at: now)
    }

    private func plansOfInterlocks(of index: Int) -> [Interlock] { outputs[index].duty?.guards.interlocks ?? [] }
}
