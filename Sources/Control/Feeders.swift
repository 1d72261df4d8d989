import Telemetry

/// A supply that several machines share.
package struct FeederPlan: Sendable, Hashable {
    package let name: String
    /// In the measure of its machines' loads.
    package let atMost: Double
    /// Between any two starts.
    package let stagger: Duration

    package init(name: String, atMost: Double, stagger: Duration = .zero) {
        self.name = name
        self.atMost = atMost
        self.stagger = stagger
    }
}

/// A feeder and who hangs on it, by place among the outputs. What it carries is read off them each time.
struct Feeder: Sendable {
    let plan: FeederPlan
    let members: [Int]
    /// When the gateway began to look: what started just before is not known, and so the first start waits as any other does.
    var opened: Monotonic?

    /// How long a machine that was never read may be at work for all we know. A device that stays silent shall not take its
    /// share of the supply for ever.
    static let benefit = Duration.seconds(60)

    /// What stands against a start of one more machine; nil if nothing does.
    func obstacle(to index: Int, among outputs: [Output], at now: Monotonic) -> Obstacle? {
        guard let own = outputs[index].duty?.guards.supply else { return nil }
        var carried = 0.0
        var latest = opened
        var names: [String] = []
        var unknownUntil: Monotonic?
        for member in members where member != index {
            guard let duty = outputs[member].duty, let supply = duty.guards.supply else { continue }
            if let start = duty.starts.last, latest.map({ start > $0 }) ?? true { latest = start }
            let doubt = duty.isKnown ? nil : opened.map { $0 + Self.benefit }.flatMap { $0 > now ? $0 : nil }
            guard duty.isLoad || doubt != nil else { continue }
            if !duty.isLoad { unknownUntil = doubt }
            carried += supply.load
            names.append(outputs[member].name + (duty.isLoad ? "" : " (not read yet)"))
        }
        // One that is starting may try again.
        if let duty = outputs[index].duty, duty.phase != .starting, let start = duty.starts.last, latest.map({ start > $0 }) ?? true {
            latest = start
        }
        if carried + own.load > plan.atMost * (1 + 1e-9) {
            let who = names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
            let text = "feeder \(plan.name) carries \(carried) of \(plan.atMost)\(who) and cannot take \(own.load) more"
            return Obstacle(text: text, until: unknownUntil)
        }
        guard let latest, latest + plan.stagger > now else { return nil }
        return Obstacle(text: "feeder \(plan.name) starts one machine every \(plan.stagger.words)", until: latest + plan.stagger)
    }
}
