import Control
import Documents
import FoundationEssentials
import Rules
import Telemetry

/// Guard files as `Control` understands them: their conditions become checks.
struct GuardPlans {
    private let files: [GuardFile]
    private let clock: @Sendable (Timestamp) -> String

    init(_ files: [GuardFile], zone: String) {
        self.files = files
        clock = Self.clock(in: zone)
    }

    var feeders: [FeederPlan] {
        files.flatMap(\.feeders).map { FeederPlan(name: $0.name, atMost: $0.atMost, stagger: $0.stagger) }
    }

    /// The actuators with their guards. Notes those that cannot be guarded.
    func guarding(_ plans: [ActuatorPlan], _ directory: Directory, into mistakes: Mistakes) -> [ActuatorPlan] {
        let drafts = files.flatMap(\.points)
        for draft in drafts where plans.first(where: { $0.point == draft.point })?.safe == nil {
            let name = directory[draft.point].name
            mistakes.add("'\(name)' has no 'safe' value in its profile, so that nothing tells when it is at work", at: draft.place)
        }
        let byPoint = Dictionary(drafts.map { ($0.point, $0) }) { first, _ in first }
        return plans.map { plan in
            guard let draft = byPoint[plan.point] else { return plan }
            var plan = plan
            plan.guards = guards(draft)
            return plan
        }
    }

    private func guards(_ draft: GuardedPoint) -> Guards {
        var guards = Guards()
        guards.minimumOn = draft.minimumOn
        guards.minimumOff = draft.minimumOff
        guards.startsPerHour = draft.startsPerHour
        guards.longestRun = draft.longestRun
        guards.selector = draft.selector.map(Check.init)
        guards.permissives = draft.permissives.map(Check.init)
        guards.interlocks = draft.interlocks.map { trip in
            Interlock(
                Check(trip.statement), for: trip.delay, isLatched: trip.isLatched, whenBlind: trip.passesWhenBlind ? .pass : .trip)
        }
        guards.supply = draft.supply.map { Guards.Supply(feeder: $0.feeder, load: $0.load, rank: $0.rank) }
        guards.clock = clock
        return guards
    }

    /// `14:05:10`, as the clocks of the county show it.
    private static func clock(in zone: String) -> @Sendable (Timestamp) -> String {
        guard let zone = TimeZone(identifier: zone) else { return Guards().clock }
        return { time in
            let local = time.advanced(by: .seconds(zone.secondsFromGMT(for: time.date)))
            return String(local.description.dropFirst(11).prefix(8))
        }
    }
}

extension Check {
    fileprivate init(_ statement: GuardedPoint.Statement) {
        self.init(points: statement.inputs.points, says: statement.says) { look in
            switch statement.judge(look) {
            case .holds: .holds
            case .fails(let why): .fails(why)
            case .unseen(let why): .unseen(why)
            }
        }
    }
}
