package import Telemetry

/// Decides what is written to the field, and when. Pure: everything it knows it has been told, time included.
///
/// Whoever holds it performs its actions in order and answers every `write` with `wrote`.
package struct Arbiter: Sendable {
    var outputs: [Output]
    let byPoint: [PointID: Int]
    private let byFeedback: [PointID: [Int]]
    /// Whose checks look at a point.
    private let byCheck: [PointID: [Int]]
    private var sight: Sight
    var feeders: [Feeder]
    let feederOf: [Int: Int]
    /// Feeders with something to be looked at before the present input is done with.
    var stirred: Set<Int> = []
    var locks: [LockOut] = []
    /// Why nothing may start, although no lock is known that forbids it.
    var seal: String?
    var selects = SelectDesk()
    /// How often something has changed that `guardSnapshot` tells.
    package private(set) var guardChanges = 0
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

    package init(actuators: [ActuatorPlan], feeders plans: [FeederPlan] = [], directory: Directory) {
        let known = actuators.filter { directory.points.indices.contains($0.point.index) }
        outputs = known.map { Output($0, in: directory) }
        byPoint = Dictionary(known.enumerated().map { ($1.point, $0) }) { first, _ in first }
        let feedbacks = known.enumerated().compactMap { index, plan in plan.feedback.map { ($0, [index]) } }
        byFeedback = Dictionary(feedbacks, uniquingKeysWith: +)
        let checks = outputs.enumerated().flatMap { index, output in (output.duty?.watched ?? []).map { ($0, [index]) } }
        byCheck = Dictionary(checks, uniquingKeysWith: +)
        sight = Sight(directory)
        let all = outputs
        feeders = plans.map { plan in Feeder(plan: plan, members: all.indices.filter { all[$0].duty?.guards.supply?.feeder == plan.name }) }
        feederOf = Dictionary(
            feeders.enumerated().flatMap { place, feeder in feeder.members.map { ($0, place) } }, uniquingKeysWith: { first, _ in first })
        self.directory = directory
        for index in feederOf.keys { outputs[index].duty?.isFed = true }
    }

    package var counters: Counters { ledger.counters }

    /// Writes out whose outcome is not known.
    package var writesInFlight: Int { inFlight.count }

    /// Commands that are neither confirmed nor diverged nor given up.
    package var openCommands: Int { outputs.count { $0.state.command.map { !$0.isClosed } ?? false } }

    func name(of point: PointID) -> String { byPoint[point].map { outputs[$0].name } ?? "" }

    /// Whether anything is being written, or waits to be tried again.
    package var isBusy: Bool { outputs.contains { $0.state.isBeingWritten } }

    /// Points whose readings matter here.
    package var watched: Set<PointID> { Set(byPoint.keys).union(byFeedback.keys).union(byCheck.keys) }

    package mutating func want(_ want: Want, at now: Moment) -> [Action] {
        let now = notEarlier(now)
        ledger.counters.wants += 1
        if let index = byPoint[want.point], !(isStopping && want.priority == .automatic && want.value != nil) {
            if want.priority == .manual { askFeeder(for: index, at: now.monotonic) }
            change(index, at: now) { output, ledger in output.want(want, at: now, &ledger) }
        } else {
            let isKnown = directory.points.indices.contains(want.point.index)
            let name = isKnown ? directory[want.point].name.description : "point \(want.point.index)"
            let cause = byPoint[want.point] == nil ? "the point is not an actuator" : "the gateway is stopping"
            ledger.counters.refused += 1
            ledger.record(name, by: want.owner, at: now, "refused what \(want.owner) wants: \(cause)")
        }
        return finish(at: now)
    }

    package mutating func observe(_ batch: Batch) -> [Action] {
        let now = notEarlier(batch.received)
        var touched: [Int] = []
        var judged: Set<Int> = []
        for sample in batch.samples {
            if let indices = byCheck[sample.point] {
                sight.take(sample, received: batch.received)
                judged.formUnion(indices)
            }
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
        for index in judged.sorted() {
            judge(index, at: now)
            if !touched.contains(index) { touched.append(index) }
        }
        for index in touched { change(index, at: now) { $0.settle(at: now, &$1) } }
        return finish(at: now)
    }

    /// The outcome of a write; one that is not out is ignored.
    package mutating func wrote(_ id: CommandID, _ outcome: WriteOutcome, at now: Moment) -> [Action] {
        let now = notEarlier(now)
        guard let index = inFlight.removeValue(forKey: id) else { return [] }
        change(index, at: now) { $0.wrote(id, outcome, at: now, &$1) }
        return finish(at: now)
    }

    package mutating func tick(at now: Moment) -> [Action] {
        let now = notEarlier(now)
        for index in outputs.indices where outputs[index].nextWake.map({ $0 <= now.monotonic }) ?? false {
            if outputs[index].duty?.judgeAgain.map({ $0 <= now.monotonic }) ?? false { judge(index, at: now) }
            change(index, at: now) { $0.settle(at: now, &$1) }
        }
        return finish(at: now)
    }

    /// When `tick` has something to do, if nothing else happens before.
    package var nextWake: Monotonic? { outputs.compactMap(\.nextWake).min() }

    /// Lets go of everything automatic, so that safe values are written; from here on no rule is heard.
    package mutating func stop(at now: Moment) -> [Action] {
        let now = notEarlier(now)
        isStopping = true
        for index in outputs.indices { change(index, at: now) { $0.stop(at: now, &$1) } }
        return finish(at: now)
    }

    /// What the point is, who wants what of it, and how far it has come, in sentences.
    package func explain(_ point: PointID, at now: Moment) -> String {
        guard let index = byPoint[point] else { return "Nothing can be written to this point." }
        var output = outputs[index]
        output.duty?.feederSays = feederObstacle(to: index, at: now.monotonic)
        return output.explain(at: now)
    }

    mutating func notEarlier(_ now: Moment) -> Moment {
        if let latest, now.monotonic < latest.monotonic { return latest }
        if latest == nil { open(at: now) }
        latest = now
        return now
    }

    mutating func change(_ index: Int, at now: Moment, _ body: (inout Output, inout Ledger) -> Void) {
        let mark = outputs[index].duty?.mark
        outputs[index].expireOrder(at: now, &ledger)
        body(&outputs[index], &ledger)
        outputs[index].attend(at: now, &ledger)
        for reply in ledger.takeReplies() {
            desk.memory.note(reply.answer)
            replies.append(reply)
        }
        if case .sent(let command, _, _) = outputs[index].state, let id = command.id { inFlight[id] = index }
        if outputs[index].duty?.mark != mark { guardChanges += 1 }
        if let feeder = feederOf[index] { stirred.insert(feeder) }
    }

    /// To be asked last, whatever has been heard.
    mutating func finish(at now: Moment) -> [Action] {
        while let feeder = stirred.popFirst() { serve(feeder, at: now) }
        return ledger.takeActions()
    }

    /// The first that is heard of time.
    private mutating func open(at now: Moment) {
        for index in feeders.indices { feeders[index].opened = now.monotonic }
        for index in outputs.indices where outputs[index].duty != nil {
            outputs[index].duty?.dawn = now.monotonic + Pace.start
            judge(index, at: now)
            change(index, at: now) { $0.settle(at: now, &$1) }
        }
    }

    private mutating func judge(_ index: Int, at now: Moment) { outputs[index].judge(by: sight, at: now.monotonic) }
}
