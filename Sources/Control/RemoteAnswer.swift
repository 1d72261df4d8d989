package import Telemetry

/// How far a remote command has come.
package enum RemoteStage: String, Sendable, CaseIterable {
    /// It stands in the point's priority array; what is to be written will be.
    case accepted
    /// It was not heard, and changes nothing.
    case refused
    case sent
    /// The point reads as commanded; the machine has yet to follow.
    case echoed
    case confirmed
    /// Written, but the point or the machine is not as commanded. An alarm stands.
    case diverged
    /// It could not be written, or the gateway left before it was over.
    case failed
    /// Its time was over before anything was written for it.
    case expired
    /// Someone else's will took its place before it was over.
    case superseded
    /// The slot was let go of, as commanded.
    case released

    /// Whether nothing more is said of it.
    package var isFinal: Bool {
        switch self {
        case .accepted, .sent, .echoed: false
        case .refused, .confirmed, .diverged, .failed, .expired, .superseded, .released: true
        }
    }
}

/// What the sender of a remote command is told: at once, and whenever it has come further.
package struct RemoteAnswer: Sendable, Hashable {
    /// The sender's id, or the one that was made.
    package let id: String
    package let origin: String
    package let point: String
    package let stage: RemoteStage
    /// A sentence, where the stage alone does not say all.
    package let reason: String?
    /// What the point reads, or shall be where it has not been read back yet.
    package let value: Value?
    package let time: Timestamp

    package init(
        id: String, origin: String, point: String, stage: RemoteStage, reason: String?, value: Value?, time: Timestamp
    ) {
        self.id = id
        self.origin = origin
        self.point = point
        self.stage = stage
        self.reason = reason
        self.value = value
        self.time = time
    }
}

/// An answer and whose it is.
package struct RemoteReply: Sendable, Hashable {
    /// As given with the command.
    package let ticket: UInt64
    package let answer: RemoteAnswer
    /// Whether no other follows for this ticket.
    package let isLast: Bool
}

/// What is kept of a command so that its repetition can be told, in a form that can be stored.
package struct RememberedCommand: Sendable, Hashable, Codable {
    package let origin: String
    package let id: String
    /// The point and what it was to be, as a repetition must say it too.
    package let order: String
    /// A word of `RemoteStage`.
    package let stage: String
    package let reason: String?
    package let heard: Timestamp
    package let answered: Timestamp

    package init(
        origin: String, id: String, order: String, stage: String, reason: String?, heard: Timestamp, answered: Timestamp
    ) {
        self.origin = origin
        self.id = id
        self.order = order
        self.stage = stage
        self.reason = reason
        self.heard = heard
        self.answered = answered
    }
}
