package import Telemetry

/// All alarms of the gateway. Pure: whoever holds it brings readings, time and people's orders, and carries the changes away.
///
/// Whatever is due happens at its own instant and in the same order, in however many steps time is told to it.
package struct AlarmDesk: Sendable {
    package let definitions: [AlarmDefinition]
    let family: Family
    /// The alarms that listen to a point, by the point's index.
    private var listeners: [[Int]] = []
    var standings: [Standing]
    var annunciations = Annunciations()
    var firstOuts = FirstOuts()
    private var wakes: [Monotonic]
    /// What each alarm's children were told last.
    private var blocks: [Bool]

    /// - Precondition: names are unique and parents are among them, without a circle; `AlarmFiles` has checked it.
    package init(_ definitions: [AlarmDefinition], at now: Moment) {
        self.definitions = definitions
        family = Family(definitions)
        standings = definitions.map { Standing($0, at: now.monotonic) }
        wakes = Array(repeating: .never, count: definitions.count)
        blocks = standings.map(\.blocksChildren)
        for (index, definition) in definitions.enumerated() {
            for input in definition.inputs + definition.suppressors {
                while listeners.count <= input.point.index { listeners.append([]) }
                if listeners[input.point.index].last != index { listeners[input.point.index].append(index) }
            }
        }
        resume()
    }

    package func listens(to point: PointID) -> Bool {
        listeners.indices.contains(point.index) && !listeners[point.index].isEmpty
    }

    /// When `tick` has something to do; nil for never.
    package var nextWake: Monotonic? {
        let soonest = min(wakes.min() ?? .never, annunciations.wake ?? .never)
        return soonest < .never ? soonest : nil
    }

    // MARK: What happens

    /// Takes in a batch, after whatever was due before it.
    package mutating func hear(_ news: [Heard], at now: Moment) -> [AlarmChange] {
        var changes = tick(at: now)
        var concerned: Set<Int> = []
        for heard in news where listeners.indices.contains(heard.point.index) {
            for index in listeners[heard.point.index] {
                standings[index].hear(heard, definitions[index], at: now.monotonic)
                concerned.insert(index)
            }
        }
        changes += settle(concerned, at: now)
        return changes
    }

    /// Does whatever is due by now, each at its own instant.
    package mutating func tick(at now: Moment) -> [AlarmChange] {
        var changes: [AlarmChange] = []
        while let due = nextWake, due <= now.monotonic {
            let moment = now.advanced(by: due - now.monotonic)
            changes += settle(Set(wakes.indices.filter { wakes[$0] <= due }), at: moment)
        }
        return changes
    }

    /// - Returns: what came of it, or why nothing did.
    package mutating func obey(_ order: AlarmOrder, at now: Moment) -> (changes: [AlarmChange], refusal: AlarmRefusal?) {
        var changes = tick(at: now)
        do throws(AlarmRefusal) {
            if order.act == .resetFirstOut {
                changes.append(try resetFirstOut(order, at: now))
            } else {
                guard let index = family.places[order.subject] else { throw unknown(order.subject, among: family.places.keys) }
                let own = try standings[index].obey(order, definitions[index], at: now)
                changes += own.map { took($0, index, at: now.monotonic) }
                changes += settle([index], at: now)
            }
            return (changes, nil)
        } catch {
            return (changes, error)
        }
    }

    private mutating func resetFirstOut(_ order: AlarmOrder, at now: Moment) throws(AlarmRefusal) -> AlarmChange {
        let groups = Set(definitions.compactMap(\.firstOut?.group))
        guard groups.contains(order.subject) else { throw unknown(order.subject, among: groups) }
        guard order.who.contains(where: { !$0.isWhitespace }) else { throw .anonymous }
        guard firstOuts.reset(order.subject) else { throw .idle(.normal) }
        for index in definitions.indices where definitions[index].firstOut?.group == order.subject {
            standings[index].place = nil
        }
        return AlarmChange(
            kind: .firstOutReset, alarm: order.subject, subject: order.subject, state: nil, time: now.wall, who: order.who,
            text: "the next alarm of the group will be the first")
    }

    // MARK: Settling

    /// Brings alarms to the present, parents before children, and with a parent that changes its children.
    mutating func settle(_ concerned: Set<Int>, at now: Moment) -> [AlarmChange] {
        var changes: [AlarmChange] = []
        var levels = family.levels(of: concerned)
        var depth = 0
        while depth < levels.count {
            for index in levels[depth].sorted() {
                let parentBlocks = family.parent[index].map { standings[$0].blocksChildren } ?? false
                let own = standings[index].step(definitions[index], parentBlocks: parentBlocks, at: now)
                changes += own.map { took($0, index, at: now.monotonic) }
                wakes[index] = standings[index].wake(definitions[index]) ?? .never
                guard standings[index].blocksChildren != blocks[index] else { continue }
                blocks[index] = standings[index].blocksChildren
                if levels.count == depth + 1 { levels.append([]) }
                levels[depth + 1].formUnion(family.children[index])
            }
            depth += 1
        }
        if annunciations.settle(at: now.monotonic) { changes.append(flood(at: now)) }
        return changes
    }

    /// Enters an alarm's change in the books of all alarms.
    private mutating func took(_ change: AlarmChange, _ index: Int, at now: Monotonic) -> AlarmChange {
        guard change.isAnnunciated else { return change }
        annunciations.add(index, at: now)
        guard change.kind == .raised, let group = definitions[index].firstOut, standings[index].place == nil,
            let place = firstOuts.place(in: group, at: now)
        else { return change }
        standings[index].place = place
        var marked = change
        marked.text += place == 1 ? " (the first of '\(group.group)')" : " (number \(place) of '\(group.group)')"
        return marked
    }

    private func flood(at now: Moment) -> AlarmChange {
        let count = annunciations.recent(Annunciations.window, at: now.monotonic).count
        return AlarmChange(
            kind: annunciations.isFlood ? .floodBegan : .floodEnded, alarm: "alarms", subject: "alarms", state: nil,
            time: now.wall,
            who: "alarms", text: "\(count) calls in ten minutes: " + (annunciations.isFlood ? "a flood" : "the flood is over"))
    }

    /// Takes the alarms as they stand now for what was told last.
    mutating func resume() {
        blocks = standings.map(\.blocksChildren)
        for index in standings.indices { wakes[index] = standings[index].wake(definitions[index]) ?? .never }
    }
}

extension Monotonic {
    static let never = Monotonic(nanoseconds: .max)
}
