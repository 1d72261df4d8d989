package import Telemetry

/// What a desk knows, to be kept over a restart. Encodes itself; where to is the shell's business.
package struct AlarmSnapshot: Sendable, Hashable, Codable {
    struct Record: Sendable, Hashable, Codable {
        let alarm: String
        let subject: String
        let signature: String
        let standing: Standing
    }

    static let format = 1
    /// Counts that nobody counted up to; they would overflow one day.
    static let plausible = 1 << 48

    let format: Int
    @Kept var taken: Monotonic?
    let wall: Timestamp
    let isTrusted: Bool
    let records: [Record]
    let annunciations: Annunciations
    let firstOuts: FirstOuts
}

extension AlarmDesk {
    /// An alarm with nothing to remember is left out: its readings are heard again anyway.
    package func snapshot(at now: Moment) -> AlarmSnapshot {
        let kept = remembered
        let records = kept.map { index in
            AlarmSnapshot.Record(
                alarm: definitions[index].name, subject: definitions[index].title, signature: definitions[index].signature,
                standing: standings[index])
        }
        var annunciations = annunciations
        let places = Dictionary(uniqueKeysWithValues: zip(kept, kept.indices))
        annunciations.renumber { places[$0] }
        return AlarmSnapshot(
            format: AlarmSnapshot.format, taken: now.monotonic, wall: now.wall, isTrusted: now.isTrusted, records: records,
            annunciations: annunciations, firstOuts: firstOuts)
    }

    /// Takes up what an earlier run knew. Time went on in between by the wall clock, if it could be trusted then and now, so a
    /// shelf's end comes when it was promised.
    /// - Returns: what fell due in the meantime, and the alarms that begin anew since their definition is another or gone.
    package mutating func restore(_ snapshot: AlarmSnapshot, at now: Moment) -> [AlarmChange] {
        guard snapshot.format == AlarmSnapshot.format, let taken = snapshot.taken else {
            return [
                anew("alarms", "alarms", nil, "the state kept is of another format (\(snapshot.format)): all begin anew", now)
            ]
        }
        let gap = snapshot.isTrusted && now.isTrusted ? max(now.wall.since(snapshot.wall), .zero) : .zero
        let shift = (now.monotonic - taken) - gap
        let known = Dictionary(snapshot.records.enumerated().map { ($1.alarm, $0) }, uniquingKeysWith: { first, _ in first })
        var changes: [AlarmChange] = []
        var places: [Int: Int] = [:]
        for (index, definition) in definitions.enumerated() {
            guard let place = known[definition.name] else { continue }
            let record = snapshot.records[place]
            guard record.signature == definition.signature, record.standing.fits(definition) else {
                let was = record.standing.state.word
                changes.append(
                    anew(definition.name, definition.title, standings[index].state, "changed; begins anew, was \(was)", now))
                continue
            }
            standings[index] = record.standing
            standings[index].shift(by: shift)
            standings[index].renew(definition, at: now.monotonic)
            places[place] = index
        }
        let names = Set(definitions.map(\.name))
        for record in snapshot.records where !names.contains(record.alarm) && record.standing.matters {
            changes.append(
                anew(record.alarm, record.subject, .normal, "no longer defined; was \(record.standing.state.word)", now))
        }
        if snapshot.annunciations.isPlausible { annunciations = snapshot.annunciations }
        annunciations.renumber { places[$0] }
        annunciations.shift(by: shift)
        firstOuts = snapshot.firstOuts
        firstOuts.shift(by: shift)
        firstOuts.keep(only: Set(definitions.compactMap(\.firstOut?.group)))
        resume()
        changes += tick(at: now)
        // A parent that begins anew says something else to its children than it did.
        return changes + settle(Set(definitions.indices), at: now)
    }

    /// The alarms that a restart must not forget, those that called within a day, and whatever stands above these: a parent that is
    /// not known hides its children, who would call again once it is.
    private var remembered: [Int] {
        var kept = Set(standings.indices.filter { !standings[$0].isCalm }).union(annunciations.calls.map(\.alarm))
        for index in kept {
            var above = family.parent[index]
            while let next = above, kept.insert(next).inserted { above = family.parent[next] }
        }
        return kept.sorted()
    }

    private func anew(_ alarm: String, _ subject: String, _ state: AlarmState?, _ text: String, _ now: Moment) -> AlarmChange {
        AlarmChange(kind: .begunAnew, alarm: alarm, subject: subject, state: state, time: now.wall, who: "alarms", text: text)
    }
}

extension Standing {
    /// What it knows it would learn again from its readings alone.
    fileprivate var isCalm: Bool {
        !matters && !isHiddenByPeople && !holds && pendingSince == nil && hiddenRaises == 0 && place == nil && track.isEmpty
    }

    /// Nobody could hear anything while the gateway was down: what grew stale meanwhile has as long to be heard of as after any
    /// start, or a parent would go blind and its children call again.
    fileprivate mutating func renew(_ definition: AlarmDefinition, at now: Monotonic) {
        for (index, input) in definition.inputs.enumerated() { sights[index].renew(maximumAge: input.maximumAge, at: now) }
        for (index, input) in definition.suppressors.enumerated() { suppressing[index].renew(maximumAge: input.maximumAge, at: now) }
    }

    /// A snapshot is a file, and may be anything.
    fileprivate func fits(_ definition: AlarmDefinition) -> Bool {
        sights.count == definition.inputs.count && suppressing.count == definition.suppressors.count
            && (definition.parent != nil || !isBlocked) && (shelf == nil || shelf?.until != nil)
            && (0..<AlarmSnapshot.plausible).contains(hiddenRaises)
    }
}
