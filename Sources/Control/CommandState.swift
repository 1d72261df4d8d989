import Telemetry

/// The will to bring one point to one value; it may take several writes.
struct Command: Hashable, Sendable {
    let value: Value
    /// The latest write for it; nil if the point was found as it should be.
    var id: CommandID?
    /// Readings of the feedback from here on say whether the machine obeys.
    var since: Monotonic
    var attempt = 1
    /// Whether it has been counted as confirmed or diverged; it is counted once.
    var isClosed = false
}

/// How far a point is on the way to what it shall be.
///
///     unknown ──▶ idle ──▶ sent ──▶ echoed ──▶ confirmed
///                  ▲        │ ▲      ▲ │          │ ▲
///                  │        │ │      │ └──▶ diverged ┘
///                  │        │ └──────┼──────────┘      (it reads otherwise: written again)
///                  │        ├──▶ unread ──▶ diverged
///                  │        └──▶ retrying ──▶ sent
///                  └── whenever nobody wants anything and there is no safe value
enum CommandState: Hashable, Sendable {
    /// Nothing good has been read of the point yet, so nothing may be written.
    case unknown
    case idle
    /// On the wire. Nothing else is written until the outcome is here. `isOverdue` once that has been reported.
    case sent(Command, since: Monotonic, isOverdue: Bool)
    /// Refused or failed; the next attempt is at `until`.
    case retrying(Command, until: Monotonic, cause: String)
    /// Written but not read back; a good reading must say so before `until`.
    case unread(Command, until: Monotonic)
    /// The point reads as commanded; the feedback must follow before `until`.
    case echoed(Command, until: Monotonic)
    /// As it should be. `strayed` since the feedback says otherwise.
    case confirmed(Command, strayed: Monotonic?)
    /// The alarm stands until the point and its feedback are as they should be.
    case diverged(Command)

    var command: Command? {
        switch self {
        case .unknown, .idle: nil
        case .sent(let command, _, _), .retrying(let command, _, _), .unread(let command, _), .echoed(let command, _),
            .confirmed(let command, _), .diverged(let command):
            command
        }
    }

    /// Whether a write is out whose outcome is not known.
    var isInFlight: Bool {
        if case .sent = self { true } else { false }
    }

    /// Whether a write is out, or waits to be tried again.
    var isBeingWritten: Bool {
        switch self {
        case .sent, .retrying: true
        case .unknown, .idle, .unread, .echoed, .confirmed, .diverged: false
        }
    }

    var word: String {
        switch self {
        case .unknown: "not read yet"
        case .idle: "idle"
        case .sent: "sent"
        case .retrying: "retrying"
        case .unread: "not read back"
        case .echoed: "echoed"
        case .confirmed: "confirmed"
        case .diverged: "diverged"
        }
    }
}
