package import Telemetry

/// Decides what is written to the field, and when. Pure: everything it knows it has been told, time included.
///
/// Whoever holds it performs its actions in order and answers every `write` with `wrote`.
package struct Arbiter: Sendable {
    private var outputs: [Output]
    let byPoint: [PointID: Int]
    private let byFeedback: [PointID: [Int]]
    let directory: Directory
    private var inFlight: [CommandID: Int] = [:]
    var ledger = Ledger()
    private(set) var isStopping = false
    var desk = RemoteDesk()
    /// Not taken yet.
    var replies: [RemoteReply] = []
    /// Ids given to commands that came without one.
    var made = 0
    /// The latest time heard of. Batches come from other threads, and may tell of a moment just past.
    private var latest: Moment?

    package init(actuators: [ActuatorPlan], directory: Directory) {
        let known = actuators.filter { directory.points.indices.contains($0.point.index) }
        outputs = known.map { Output($0, in: directory) }
        byPoint = Dictionary(known.enumerated().map { ($1.point, $0) }) { first, _ in first }
        let feedbacks = known.enumerated().compactMap { index, plan in plan.feedback.map { ($0, [index]) } }
        byFeedback = Dictionary(feedbacks, uniquingKeysWith: +)
        self.directory = directory
    }

    package var counters: Counters { ledger.counters }

    /// Writes out whose outcome is not known.
    package var writesInFlight: Int { inFlight.count }

    /// Commands that are neither confirmed nor diverged nor given up.
    package var openCommands: Int { outputs.count { $0.state.command.map { !$0.isClosed } ?? false } }

    /// Whether anything is being written, or waits to be tried again.
    package var isBusy: Bool { outputs.contains { $0.state.isBeingWritten } }

    /// Points whose readings matter here.
    package var watched: Set<PointID> { Set(byPoint.keys).union(byFeedback.keys) }

    package mutating func want(_ want: Want, at now: Moment) -> [Action] {
        let now = notEarlier(now)
        ledger.counters.wants += 1
        if let index = byPoint[want.point], !(isStopping && want.priority == .automatic && want.value != nil) {
            change(index, at: now) { output, ledger in output.want(want, at: now, &ledger) }
        } else {
            let isKnown = directory.points.indices.contains(want.point.index)
            let name = isKnown ? directory[want.point].name.description : "point \(want.point.index)"
            let cause = byPoint[want.point] == nil ? "the point is not an actuator" : "the gateway is stopping"
            ledger.counters.refused += 1
            ledger.record(name, by: want.owner, at: now, "refused what \(want.owner) wants: \(cause)")
        }
        return ledger.takeActions()
    }

    package mutating func observe(_ batch: Batch) -> [Action] {
        let now = notEarlier(batch.received)
        var touched: [Int] = []
        for sample in batch.samples {
            if let index = byPoint[sample.point] {
                change(index, at: now) { $0.observe(sample.reading, received: batch.received.monotonic, at: now, &$1) }
                touched.append(index)
            }
            for index in byFeedback[sample.point] ?? [] {
                change(index, at: now) { output, _ in output.observe(feedback: sample.reading, received: batch.received.monotonic) }
                touched.append(index)
            }
        }
        // Only once the whole batch is in: a point and its feedback are often of one scan.
        for index in touched { change(index, at: now) { $0.settle(at: now, &$1) } }
        return ledger.takeActions()
    }

    /// The outcome of a write; one that is not out is ignored.
    package mutating func wrote(_ id: CommandID, _ outcome: WriteOutcome, at now: Moment) -> [Action] {
        let now = notEarlier(now)
        guard let index = inFlight.removeValue(forKey: id) else { return [] }
        change(index, at: now) { $0.wrote(id, outcome, at: now, &$1) }
        return ledger.takeActions()
    }

    package mutating func tick(at now: Moment) -> [Action] {
        let now = notEarlier(now)
        for index in outputs.indices where outputs[index].nextWake.map({ $0 <= now.monotonic }) ?? false {
            change(index, at: now) { $0.settle(at: now, &$1) }
        }
        return ledger.takeActions()
    }

    /// When `tick` has something to do, if nothing else happens before.
    package var nextWake: Monotonic? { outputs.compactMap(\.nextWake).min() }

    /// Lets go of everything automatic, so that safe values are written; from here on no rule is heard.
    package mutating func stop(at now: Moment) -> [Action] {
        let now = notEarlier(now)
        isStopping = true
        for index in outputs.indices { change(index, at: now) { $0.stop(at: now, &$1) } }
        return ledger.takeActions()
    }

    /// What the point is, who wants what of it, and how far it has come, in sentences.
    package func explain(_ point: PointID, at now: Moment) -> String {
        guard let index = byPoint[point] else { return "Nothing can be written to this point." }
        return outputs[index].explain(at: now.monotonic)
    }

    mutating func notEarlier(_ now: Moment) -> Moment {
        if let latest, now.monotonic < latest.monotonic { return latest }
        latest = now
        return now
    }

    mutating func change(_ index: Int, at now: Moment, _ body: (inout Output, inout Ledger) -> Void) {
        outputs[index].expireOrder(at: now, &ledger)
        body(&outputs[index], &ledger)
        outputs[index].attend(at: now, &ledger)
        for reply in ledger.takeReplies() {
            desk.memory.note(reply.answer)
            replies.append(reply)
        }
        if case .sent(let command, _, _) = outputs[index].state, let id = command.id { inFlight[id] = index }
    }
}
