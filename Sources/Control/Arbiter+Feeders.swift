import Telemetry

/// Who may start on a shared supply, and when: by priority, then rank, then order of arrival; nobody is overtaken by a smaller one.
extension Arbiter {
    func feederObstacle(to index: Int, at now: Monotonic) -> Obstacle? {
        feederOf[index].flatMap { feeders[$0].obstacle(to: index, among: outputs, at: now) }
    }

    /// Before a start is judged: what its feeder says just now.
    mutating func askFeeder(for index: Int, at now: Monotonic) {
        guard feederOf[index] != nil else { return }
        let says = feederObstacle(to: index, at: now)
        outputs[index].duty?.feederSays = says
    }

    mutating func serve(_ place: Int, at now: Moment) {
        while let next = line(of: place).first {
            if feederObstacle(to: next, at: now.monotonic) != nil { break }
            outputs[next].duty?.granted = now.monotonic
            change(next, at: now) { $0.settle(at: now, &$1) }
            outputs[next].duty?.granted = nil
            outputs[next].duty?.plea = nil
        }
        for index in feeders[place].members where outputs[index].duty?.phase == .starting { askFeeder(for: index, at: now.monotonic) }
        let waiting = line(of: place)
        guard let first = waiting.first, let before = feederObstacle(to: first, at: now.monotonic) else { return }
        for index in waiting {
            let text = "it waits behind \(outputs[first].name) for feeder \(feeders[place].plan.name)"
            let behind = Obstacle(text: text, until: before.until)
            let says = index == first ? before : feederObstacle(to: index, at: now.monotonic) ?? behind
            outputs[index].duty?.feederSays = says
            guard let slot = outputs[index].slots.winner else { continue }
            outputs[index].wait(slot, for: says, at: now, &ledger)
        }
    }

    /// Those who wait, without those the feeder could never carry.
    private func line(of place: Int) -> [Int] {
        let plan = feeders[place].plan
        let waiting = feeders[place].members.compactMap { index -> (index: Int, key: (Int, Int, UInt64))? in
            guard let duty = outputs[index].duty, let plea = duty.plea, let supply = duty.guards.supply, supply.load <= plan.atMost
            else { return nil }
            return (index, (plea.priority.rawValue, supply.rank, plea.arrival))
        }
        return waiting.sorted { $0.key < $1.key }.map(\.index)
    }
}
