import Telemetry

/// Judges remote commands by what they say of themselves: too many, repeated, kept, out of time. What they want of the point
/// is for the point to judge.
struct RemoteDesk: Sendable {
    enum Verdict: Sendable {
        /// It may be heard, and must be begun before then.
        case heard(before: Monotonic)
        /// What became of the first one.
        case repeated(RemoteAnswer)
        case refused(String)
        /// Not judged at all, and so not remembered. Recorded once a second.
        case flood(String, isFirst: Bool)
    }

    /// How many commands an origin has sent in the second that began at `start`.
    private struct Gate: Sendable {
        var start: Monotonic
        var count = 0
    }

    /// How far the sender's clock may be ahead of ours.
    private static let skew = Duration.seconds(60)
    static let longestID = 128
    static let longestHold = Duration.seconds(7 * 86_400)

    var memory = RemoteMemory()
    private var gates: [String: Gate] = [:]

    mutating func judge(
        _ command: RemoteCommand, called id: String, as order: String, under terms: RemoteTerms, at now: Moment
    ) -> Verdict {
        var gate = gates[command.origin] ?? Gate(start: now.monotonic)
        if now.monotonic - gate.start >= .seconds(1) { gate = Gate(start: now.monotonic) }
        gate.count += 1
        gates[command.origin] = gate
        guard gate.count <= terms.perSecond else {
            let text = "too many commands: \(terms.perSecond) a second are heard from here"
            return .flood(text, isFirst: gate.count == terms.perSecond + 1)
        }
        guard (1...Self.longestID).contains(id.utf8.count) else {
            return .refused("an id has 1 to \(Self.longestID) bytes, not \(id.utf8.count)")
        }
        if let first = memory[RemoteMemory.Key(origin: command.origin, id: id)] {
            return first.order == order ? .repeated(first.answer) : .refused("its id was used before, for \(first.order)")
        }
        if command.isKept { return .refused("it was kept by its carrier from before; an old command is not run") }
        if case .unreadable(let why) = command.order { return .refused(why) }
        if let hold = command.hold, hold <= .zero || hold > Self.longestHold {
            return .refused("it shall stand for more than nothing and for \(Self.longestHold.words) at most")
        }
        return judge(timesOf: command, under: terms, at: now)
    }

    private func judge(timesOf command: RemoteCommand, under terms: RemoteTerms, at now: Moment) -> Verdict {
        guard command.issued != nil || command.expires != nil else { return .heard(before: now.monotonic + terms.expires) }
        guard now.isTrusted else { return .refused("it bears a time, and this gateway's clock cannot be believed yet") }
        if let issued = command.issued, issued.since(now.wall) > Self.skew {
            return .refused("it was issued \(issued.since(now.wall).words) from now; one of the two clocks is wrong")
        }
        let end = command.expires ?? (command.issued ?? now.wall).advanced(by: terms.expires)
        let left = end.since(now.wall)
        guard left > .zero else { return .refused("it came too late; its time was over \((.zero - left).words) ago") }
        // Its id is remembered for a day, and so it cannot come a second time while it is valid.
        guard left <= RemoteMemory.span else { return .refused("it may be valid for a day at most, not for \(left.words)") }
        return .heard(before: now.monotonic + left)
    }
}
