package import Telemetry

/// Rules run in drawn time: batches in, and whatever the rules would have done out. No clock, no device.
///
/// The engine is the one the gateway runs, woken when it asks to be; so what a rehearsal shows is what would have happened.
package struct Rehearsal {
    package private(set) var engine: RuleEngine
    package let table: PointTable
    package private(set) var now: Moment
    package private(set) var events: [Event] = []
    package private(set) var wants: [Want] = []
    /// How many times the engine was woken by the time alone.
    package private(set) var wakings = 0
    private var slots: [Want] = []

    package init(rules: [Rule], directory: Directory, start: Moment) {
        engine = RuleEngine(rules: rules)
        table = PointTable(directory: directory)
        now = start
        tick()
    }

    /// Puts another engine in place of this one, as a restart does that loses nothing but what engines forget.
    /// - Parameter memory: what the new one begins with; nil for nothing.
    package mutating func restart(from memory: RuleSnapshot?) {
        engine = RuleEngine(rules: engine.rules)
        if let memory { events += engine.restore(memory, at: now) }
        tick()
    }

    /// Lets time pass up to the batch's reception, then lets the rules hear it.
    package mutating func play(_ batch: Batch) {
        advance(to: batch.received)
        table.apply(batch)
        take(engine.hear(changed: batch.samples.map(\.point), view: View(table, at: now.monotonic), at: now))
    }

    /// Lets time pass, waking the rules whenever they asked for it, up to and with that moment.
    package mutating func advance(to moment: Moment) {
        // Always from the same moment: the wall clock has no finer parts than milliseconds, and many small steps would lose them.
        let start = now
        while let wake = engine.nextWake, wake <= moment.monotonic {
            if wake > now.monotonic { now = start.advanced(by: wake - start.monotonic) }
            wakings += 1
            tick()
        }
        now = moment
    }

    /// What the rules would have the point be, at this moment: the highest want that has not expired.
    package func wanted(_ point: PointID) -> Value? {
        let standing = slots.filter { $0.point == point && $0.expires.map { $0 > now.monotonic } ?? true }
        return standing.max { $0.priority < $1.priority }?.value
    }

    private mutating func tick() { take(engine.tick(view: View(table, at: now.monotonic), at: now)) }

    private mutating func take(_ judgement: Judgement) {
        events += judgement.events
        wants += judgement.wants
        for (sample, _) in judgement.derived {
            table.apply(Batch(device: table.directory[sample.point].device, received: now, samples: [sample]))
        }
        for want in judgement.wants {
            slots.removeAll { $0.point == want.point && $0.owner == want.owner && $0.priority == want.priority }
            if want.value != nil { slots.append(want) }
        }
    }
}
