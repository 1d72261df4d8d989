package import Telemetry

/// What rules would have done on readings that were stored: the gateway's own engine, fed from the past.
///
/// Time is that of the readings. The store keeps when a reading was true, not when it arrived, so each arrives here the moment it
/// was true. The same readings give the same answers, to the byte.
package struct Backtest {
    /// A point is wanted to be something else than before.
    package struct Change: Hashable, Sendable {
        package let time: Timestamp
        package let point: PointID
        /// nil where nothing is wanted any more.
        package let value: Value?
        /// The rule, and its reason with the values it saw.
        package let owner: String
        package let why: String
    }

    package let directory: Directory
    package private(set) var changes: [Change] = []
    /// What the rules would have said.
    package private(set) var events: [Event] = []
    package private(set) var samples = 0

    private var engine: RuleEngine
    private let table: PointTable
    private let start: Timestamp
    private var now: Moment
    /// What is wanted of each point, by whom.
    private var slots: [PointID: [Want]] = [:]
    private var shown: [PointID: Value] = [:]
    private var comparisons: [PointID: Comparison] = [:]

    /// - Parameter rules: those on trial, and those that derive what they read.
    package init(rules: [Rule], directory: Directory, start: Timestamp) {
        self.directory = directory
        self.start = start
        engine = RuleEngine(rules: rules)
        table = PointTable(directory: directory)
        now = Moment(monotonic: .zero, wall: start)
        for target in rules.flatMap(\.judges).flatMap(\.targets) { comparisons[target.point] = Comparison() }
        tick()
    }

    /// Plays readings in the order of their times; those of one moment are heard together.
    package mutating func play(_ batches: some Sequence<[Sample]>) {
        for batch in batches {
            guard let time = batch.first?.time else { continue }
            advance(to: time)
            samples += batch.count
            let device = directory[batch[0].point].device
            table.apply(Batch(device: device, received: now, samples: batch))
            for sample in batch { note(sample) }
            take(engine.hear(changed: batch.map(\.point), view: View(table, at: now.monotonic), at: now))
        }
    }

    /// Lets time pass to its end: what was not read again goes stale, and what must end ends.
    package mutating func finish(at end: Timestamp) -> [(point: PointID, comparison: Comparison)] {
        advance(to: end)
        for point in comparisons.keys { comparisons[point]?.close(at: end) }
        return comparisons.sorted { directory[$0.key].name < directory[$1.key].name }.map { ($0.key, $0.value) }
    }

    private mutating func advance(to time: Timestamp) {
        // A reading from before what was heard already is heard now: time never runs backwards.
        guard time > now.wall else { return }
        let end = moment(of: time)
        while let wake = engine.nextWake, wake <= end.monotonic {
            now = moment(at: max(wake, now.monotonic))
            tick()
        }
        now = end
    }

    private func moment(of time: Timestamp) -> Moment {
        Moment(monotonic: .zero + time.since(start), wall: time)
    }

    private func moment(at monotonic: Monotonic) -> Moment {
        Moment(monotonic: monotonic, wall: start.advanced(by: monotonic - .zero))
    }

    private mutating func tick() { take(engine.tick(view: View(table, at: now.monotonic), at: now)) }

    private mutating func take(_ judgement: Judgement) {
        events += judgement.events
        for (sample, _) in judgement.derived {
            table.apply(Batch(device: directory[sample.point].device, received: now, samples: [sample]))
        }
        for want in judgement.wants {
            slots[want.point, default: []].removeAll { $0.owner == want.owner && $0.priority == want.priority }
            if want.value != nil { slots[want.point, default: []].append(want) }
        }
        for want in judgement.wants { settle(want) }
    }

    /// Notes a change of what is wanted of a point, if the want made one.
    private mutating func settle(_ want: Want) {
        let standing = (slots[want.point] ?? []).filter { $0.expires.map { $0 > now.monotonic } ?? true }
        let highest = standing.max { $0.priority < $1.priority }
        guard highest?.value != shown[want.point] else { return }
        shown[want.point] = highest?.value
        let cause = highest ?? want
        changes.append(Change(time: now.wall, point: want.point, value: highest?.value, owner: cause.owner, why: cause.why))
        comparisons[want.point]?.wants(highest?.value, at: now.wall)
    }

    private mutating func note(_ sample: Sample) {
        guard comparisons[sample.point] != nil else { return }
        comparisons[sample.point]?.reads(sample.reading.isGood ? sample.reading.value : nil, at: now.wall)
    }
}

/// What was wanted of a point beside what it was.
package struct Comparison: Hashable, Sendable {
    package struct Spell: Hashable, Sendable {
        package let from: Timestamp
        package let to: Timestamp
        package let wanted: Value
        package let was: Value
    }

    /// When the two were apart. Where nothing was wanted, or nothing is known, nothing is compared.
    package private(set) var spells: [Spell] = []
    /// How long something was wanted and it is known what was.
    package private(set) var compared: Duration = .zero
    private var wanted: Value?
    private var was: Value?
    private var since: Timestamp?

    package init() {}

    package var apart: Duration { spells.reduce(.zero) { $0 + $1.to.since($1.from) } }

    mutating func wants(_ value: Value?, at time: Timestamp) {
        guard value != wanted else { return }
        close(at: time)
        wanted = value
    }

    mutating func reads(_ value: Value?, at time: Timestamp) {
        guard value != was else { return }
        close(at: time)
        was = value
    }

    mutating func close(at time: Timestamp) {
        defer { since = time }
        guard let since, time > since, let wanted, let was else { return }
        compared += time.since(since)
        guard !wanted.isSame(as: was) else { return }
        spells.append(Spell(from: since, to: time, wanted: wanted, was: was))
    }
}

extension Value {
    /// Numbers by what they count, whatever their type.
    fileprivate func isSame(as other: Value) -> Bool {
        guard let a = number, let b = other.number else { return self == other }
        return a == b
    }
}
