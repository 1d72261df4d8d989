package import Telemetry

/// Something that happened to an alarm, with where it stands since.
package struct AlarmChange: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case raised, returned, reAlarmed = "re-alarmed"
        case acknowledged, confirmed, reset
        case shelved, unshelved, suppressed, unsuppressed
        case removedFromService = "removed-from-service"
        case returnedToService = "returned-to-service"
        /// Nobody can tell any more whether it still holds; it stays as it was.
        case blinded
        case sees
        /// The definition is not the one a snapshot was made with.
        case begunAnew = "begun-anew"
        case firstOutReset = "first-out-reset"
        case floodBegan = "flood-began"
        case floodEnded = "flood-ended"
    }

    package let kind: Kind
    /// The alarm's name; the group's where a first-out is reset, and `alarms` for a flood.
    package let alarm: String
    /// The point's full name, or the same as `alarm`.
    package let subject: String
    /// The state after it; nil for what does not concern one alarm.
    package let state: AlarmState?
    package let time: Timestamp
    /// Who did it; the alarm itself if nobody did.
    package let who: String
    package var text: String
    /// Calls for an operator: light, sound, a message. Never set by a return to normal.
    package var isAnnunciated = false
    /// Of interest to a page, but not to the logbook: an alarm that was normal was suppressed, or is no longer.
    package var isQuiet = false

    package var event: Event { Event(time: time, kind: .alarm, subject: subject, origin: who, text: "\(alarm): \(text)") }
}

/// How alarms write numbers and spans.
enum AlarmWords {
    /// To the thousandth, without trailing zeros, with its unit.
    static func of(_ number: Double, _ unit: String) -> String {
        let rounded = number.magnitude < 1e9 ? (number * 1000).rounded() / 1000 : number
        let text = Int64(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
        return unit.isEmpty ? text : "\(text) \(unit)"
    }

    /// In its largest whole unit: `90 s`, `10 min`, `8 h`.
    static func of(_ span: Duration) -> String {
        let milliseconds = span.wholeMilliseconds
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds != 0 && milliseconds % size == 0 {
            return "\(milliseconds / size) \(unit)"
        }
        return "\(milliseconds) ms"
    }
}

extension AlarmDefinition {
    /// What is seen that makes the alarm: `2.41 m, above the high limit of 2.4 m`.
    func evidence(_ sights: [Sight]) -> String {
        let number = sights.first?.number
        switch condition {
        case .limit(let side, let limit, _):
            let shown = number.map { AlarmWords.of($0, unit) + ", " } ?? ""
            return "\(shown)\(side.isAbove ? "above" : "below") the \(side.rawValue) limit of \(AlarmWords.of(limit, unit))"
        case .equals(let value): return "is \(value.shown)"
        case .quality:
            return "the reading is \(sights.first?.quality?.rawValue ?? "bad") (\(sights.first?.cause ?? "never read"))"
        case .change(let most, let span, _):
            let shown = number.map { AlarmWords.of($0, unit) } ?? "?"
            return "changed by \(shown) within \(AlarmWords.of(span)), more than \(AlarmWords.of(most, unit))"
        case .deviation(let most, _, _):
            let other = sights.last?.number.map { AlarmWords.of($0, unit) } ?? "?"
            let shown = number.map { AlarmWords.of($0, unit) } ?? "?"
            return "\(shown) against \(other) at \(inputs.last?.title ?? ""), further apart than \(AlarmWords.of(most, unit))"
        }
    }

    var call: String {
        "do: \(guidance.action), within \(AlarmWords.of(guidance.timeAllowed)) (\(guidance.role)), or: \(guidance.consequence)"
    }
}

extension Value {
    var shown: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): AlarmWords.of(value, "")
        case .string(let value): "'\(value.prefix(80))'"
        }
    }
}
