import Telemetry

/// The point's affairs as sentences.
extension Output {
    /// `true (automatic)`
    func words(of want: Want) -> String {
        (want.value.map(words) ?? "nothing") + " (\(want.priority.word))"
    }

    /// What stands between an owner and its will, for a want that changed nothing at once.
    func standing(of owner: String) -> String {
        if let winner = slots.winner, winner.owner != owner {
            return "\(winner.who) is heard first and wants \(words(winner.value))"
        }
        if let told { return "it waits: \(told)" }
        switch state {
        case .unknown: return "it waits until the point has been read"
        case .sent: return "it waits for the write that is out"
        default: return "the point is \(present.map { words($0.value) } ?? "unknown") and needs no write"
        }
    }

    var feedbackWords: String {
        if let cause = feedbackCause { return "\(feedbackName) is not to be believed (\(cause.rawValue))" }
        guard let feedback else { return "\(feedbackName) was never read" }
        return "\(feedbackName) is still \(Self.bare(feedback.value))"
    }

    /// `, and site/device/running follows`
    var obeyedWords: String { plan.feedback == nil ? "" : ", and \(feedbackName) follows" }

    static func bare(_ value: Value) -> String {
        switch value {
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .double(let value): String(value)
        case .string(let value): value
        }
    }

    func explain(at now: Moment) -> String {
        var copy = self
        _ = copy.slots.expire(at: now.monotonic)
        return copy.sentences(at: now).joined(separator: " ")
    }

    private func sentences(at moment: Moment) -> [String] {
        let now = moment.monotonic
        var sentences = ["\(name) reads \(present.map { words($0.value) } ?? "nothing good yet")."]
        sentences.append(words(of: goal(at: now), at: now))
        switch state {
        case .unknown: sentences.append("Nothing is written before it has been read.")
        case .idle: break
        case .retrying(let command, let until, let cause):
            sentences.append("Attempt \(command.attempt) failed (\(cause)); the next is in \(max(until - now, .zero).words).")
        case .diverged: sentences.append("It has diverged: an alarm stands.")
        case .sent, .unread, .echoed, .confirmed: sentences.append("The command is \(state.word).")
        }
        sentences += guardSentences(at: moment)
        for slot in slots.slots.dropFirst() {
            sentences.append("\(slot.who) waits with \(words(slot.value))\(remaining(of: slot, at: now)): \(slot.why).")
        }
        return sentences
    }

    private func words(of goal: Goal?, at now: Monotonic) -> String {
        switch goal {
        case .slot(let slot): "\(slot.who) wants \(words(slot.value))\(remaining(of: slot, at: now)): \(slot.why)."
        case .some(let goal): "Nobody wants anything, so it shall be \(words(goal.value))."
        case nil: "Nobody wants anything, so it is left as it is."
        }
    }

    private func remaining(of slot: Slot, at now: Monotonic) -> String {
        slot.expires.map { " for another \(max($0 - now, .zero).words)" } ?? ""
    }
}

extension Duration {
    /// `20 min`, `1.5 s`, `2 h 5 min`: what a person says.
    var words: String {
        let milliseconds = wholeMilliseconds
        if milliseconds < 60_000 {
            let (whole, tenth) = (milliseconds / 1000, milliseconds % 1000 / 100)
            return tenth == 0 ? "\(whole) s" : "\(whole).\(tenth) s"
        }
        let minutes = milliseconds / 60_000
        if minutes < 60 { return "\(minutes) min" }
        return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
    }
}
