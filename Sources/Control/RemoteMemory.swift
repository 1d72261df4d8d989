import Telemetry

/// The ids of remote commands and what became of them: all of the last day, and the last thousand however old. Beyond fifty
/// thousand the oldest go all the same; from then on only its own expiry keeps such a command from running again.
struct RemoteMemory: Sendable {
    struct Key: Hashable, Sendable {
        let origin: String
        let id: String
    }

    struct Entry: Sendable {
        /// The point and what it was to be.
        let order: String
        let heard: Moment
        var answer: RemoteAnswer
    }

    static let span = Duration.seconds(86_400)
    static let least = 1000
    static let most = 50_000

    private var entries: [Key: Entry] = [:]
    /// In the order in which they were heard; those before `first` are forgotten.
    private var keys: [Key] = []
    private var first = 0
    /// Remembered, or noted, since this was last asked.
    private var changed: [Key] = []

    var count: Int { entries.count }

    subscript(key: Key) -> Entry? { entries[key] }

    mutating func remember(_ key: Key, _ entry: Entry) {
        if entries.updateValue(entry, forKey: key) == nil { keys.append(key) }
        if changed.last != key { changed.append(key) }
        forget(at: entry.heard.monotonic)
    }

    /// What has become of a command meanwhile; one that is not remembered is ignored.
    mutating func note(_ answer: RemoteAnswer) {
        let key = Key(origin: answer.origin, id: answer.id)
        guard entries[key] != nil else { return }
        entries[key]?.answer = answer
        if changed.last != key { changed.append(key) }
    }

    private mutating func forget(at now: Monotonic) {
        while entries.count > Self.least, let oldest = entries[keys[first]],
            entries.count > Self.most || now - oldest.heard.monotonic > Self.span
        {
            entries[keys[first]] = nil
            first += 1
        }
        // Only now and then, so that forgetting one does not move all the others.
        if first > Self.least, first > keys.count / 2 {
            keys.removeFirst(first)
            first = 0
        }
    }

    // MARK: Across a restart

    /// Everything that is remembered, the oldest first.
    var exported: [RememberedCommand] { keys[first...].compactMap(exported) }

    /// What is new to whoever stores them.
    mutating func takeChanged() -> [RememberedCommand] {
        if changed.isEmpty { return [] }
        defer { changed = [] }
        return changed.compactMap(exported)
    }

    private func exported(_ key: Key) -> RememberedCommand? {
        entries[key].map {
            RememberedCommand(
                origin: key.origin, id: key.id, order: $0.order, stage: $0.answer.stage.rawValue, reason: $0.answer.reason,
                heard: $0.heard.wall, answered: $0.answer.time)
        }
    }

    /// Takes in what an earlier run remembered. What is known already stays as it is.
    mutating func restore(_ commands: [RememberedCommand], at now: Moment) {
        let present = exported.map { Key(origin: $0.origin, id: $0.id) }.map { ($0, entries[$0]) }
        (entries, keys, first) = ([:], [], 0)
        for command in commands.sorted(by: { $0.heard < $1.heard }) {
            let age = max(now.wall.since(command.heard), .zero)
            let heard = Moment(monotonic: now.monotonic + (.zero - age), wall: command.heard, isTrusted: now.isTrusted)
            remember(Key(origin: command.origin, id: command.id), Entry(order: command.order, heard: heard, answer: Self.answer(command)))
        }
        for case (let key, let entry?) in present { remember(key, entry) }
        changed = []
    }

    private static func answer(_ command: RememberedCommand) -> RemoteAnswer {
        var stage = RemoteStage(rawValue: command.stage) ?? .failed
        var reason = command.reason
        if !stage.isFinal {
            (stage, reason) = (.failed, "the gateway was restarted before it was over; what came of it is not known")
        }
        return RemoteAnswer(
            id: command.id, origin: command.origin, point: String(command.order.prefix { $0 != " " }), stage: stage, reason: reason,
            value: nil, time: command.answered)
    }
}
