import Control
import Telemetry

/// A machine as JSON. Times are ms since 1970, UTC.
struct MachineAnswer: Encodable {
    struct Lock: Encodable {
        let subject: String
        let person: String
        let phone: String
        let reason: String
        let since: Timestamp
    }

    struct Holder: Encodable {
        let owner: String
        /// `life-safety`, `manual` or `automatic`.
        let priority: String
        let isAtWork: Bool
        let until: Timestamp?
        let why: String
    }

    let point: String
    let isAtWork: Bool
    /// Whether anything good has been read of it yet.
    let isRead: Bool
    let holder: Holder?
    let locks: [Lock]
    let forced: String?
    let kept: [String]
    let against: [String]
    let state: String
    let hasDiverged: Bool

    init(_ machine: Machine, in directory: Directory) {
        point = directory[machine.point].name.description
        (isAtWork, isRead) = (machine.isAtWork, machine.reads != nil)
        holder = machine.holder.map {
            Holder(owner: $0.owner, priority: $0.priority.word, isAtWork: $0.value == machine.work, until: $0.until, why: $0.why)
        }
        locks = machine.locks.map {
            Lock(subject: $0.subject, person: $0.person, phone: $0.phone, reason: $0.reason, since: $0.since)
        }
        (forced, kept, against) = (machine.forced, machine.kept, machine.against)
        (state, hasDiverged) = (machine.state, machine.hasDiverged)
    }
}

struct MachinesAnswer: Encodable {
    let time: Timestamp
    let isReadOnly: Bool
    /// What every lock-out is, and is not.
    let warning: String
    let machines: [MachineAnswer]
}

/// What a person is about to do: the echo of a selection.
struct SelectionAnswer: Encodable {
    struct Standing: Encodable {
        let says: String
        /// What stands against it; absent if it holds.
        let objection: String?
    }

    let token: String
    let point: String
    /// How long the second step may take, in ms: the asker's clock need not agree with ours.
    let left: Int64
    let standings: [Standing]

    init(_ selection: Selection, at now: Timestamp) {
        (token, point, left) = (selection.token, selection.point, selection.until.since(now).wholeMilliseconds)
        standings = selection.standings.map { Standing(says: $0.says, objection: $0.objection) }
    }
}

/// What has come of an order. Never just "sent": `isVerified` once the machine was seen to follow.
struct OrderAnswer: Encodable {
    /// `done`, `confirmed`, `diverged`, `failed`, …, or `to-be-confirmed`.
    let stage: String
    let isVerified: Bool
    let text: String?
}
