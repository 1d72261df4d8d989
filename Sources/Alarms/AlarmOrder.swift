/// What a person does about an alarm. Reasons and names are theirs, and are kept.
package struct AlarmOrder: Sendable, Hashable {
    package enum Act: Sendable, Hashable {
        case acknowledge(comment: String)
        case confirm(comment: String)
        /// Of a latched alarm whose cause is gone.
        case reset
        /// - Parameter isOneShot: ends with the spell, if that is over first.
        case shelve(for: Duration, reason: String, isOneShot: Bool)
        case unshelve
        case suppress(reason: String)
        case unsuppress
        case removeFromService(reason: String)
        case returnToService
        /// The subject is a group.
        case resetFirstOut
    }

    /// The alarm's name.
    package let subject: String
    package let who: String
    package let act: Act

    package init(_ act: Act, _ subject: String, who: String) {
        self.act = act
        self.subject = subject
        self.who = who
    }
}

/// Why an order was not obeyed. Nothing was changed.
package enum AlarmRefusal: Error, Hashable, Sendable {
    case unknown(String, nearest: String?)
    case anonymous
    case withoutReason
    /// There is nothing to do: it stands otherwise.
    case idle(AlarmState)
    case tooLong(limit: Duration)
    case tooShort
    /// ISA-18.2's highest priority: it may be shelved for an hour, but nothing else may silence it.
    case highestPriority
    case stillThere
    case unacknowledged

    package var sentence: String {
        switch self {
        case .unknown(let name, let nearest): "there is no '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        case .anonymous: "whoever does this must give a name"
        case .withoutReason: "this needs a reason"
        case .idle(let state): "there is nothing to do: the alarm is \(state.word)"
        case .tooLong(let limit): "this alarm can be shelved for at most \(AlarmWords.of(limit))"
        case .tooShort: "the span must be longer than zero"
        case .highestPriority: "an alarm of the highest priority cannot be suppressed; it can be shelved for a short while"
        case .stillThere: "the cause is still there"
        case .unacknowledged: "it must be acknowledged first, and confirmed where that is asked for"
        }
    }
}

extension AlarmOrder.Act {
    /// For the logbook, and the word by which an order is given.
    package var word: String {
        switch self {
        case .acknowledge: "acknowledge"
        case .confirm: "confirm"
        case .reset: "reset"
        case .shelve: "shelve"
        case .unshelve: "unshelve"
        case .suppress: "suppress"
        case .unsuppress: "unsuppress"
        case .removeFromService: "remove-from-service"
        case .returnToService: "return-to-service"
        case .resetFirstOut: "reset-first-out"
        }
    }
}
