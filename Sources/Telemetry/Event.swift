/// Something that happened and is worth a row of its own: who, what, why.
package struct Event: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A rule made up its mind.
        case decision
        /// A write on its way: sent, echoed, confirmed, diverged, refused.
        case command
        case alarm
        /// A link or a device came or went.
        case link
        /// The gateway itself: start, stop, set-aside store, lost samples.
        case gateway
    }

    package let time: Timestamp
    package let kind: Kind
    /// A point, device, link or rule, by name.
    package let subject: String
    /// Who caused it: a rule, a person, a component.
    package let origin: String
    /// What happened and why, as a sentence for the logbook.
    package let text: String

    package init(time: Timestamp, kind: Kind, subject: String, origin: String, text: String) {
        self.time = time
        self.kind = kind
        self.subject = subject
        self.origin = origin
        self.text = text
    }
}
