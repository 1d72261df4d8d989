package import Telemetry

/// An order from outside for one point: from the county, or from whoever else speaks to the gateway by message.
///
/// It is judged before it is heard: a repeated, kept or expired one is refused and recorded. One that is accepted stands in
/// the point's priority array at `manual`, its origin the owner.
package struct RemoteCommand: Sendable, Hashable {
    package enum Order: Sendable, Hashable {
        case set(Value)
        /// Lets go of what the same origin holds.
        case release
        /// The message could not be understood; why, in words.
        case unreadable(String)
    }

    /// The sender's name for it; a second one of that name is not run. nil: one is made, and there can be no second.
    package let id: String?
    /// Who sends it: `county broker east`. One owner of a point's slot.
    package let origin: String
    /// The point's full name as the sender wrote it.
    package let point: String
    package let order: Order
    /// When it was given, by the sender's clock.
    package let issued: Timestamp?
    /// From then on it must not be begun.
    package let expires: Timestamp?
    /// How long it stands once accepted; nil leaves that to the terms.
    package let hold: Duration?
    /// Whether a carrier had kept it and delivers it again: the past, not news.
    package let isKept: Bool
    /// A stop although life safety holds the machine at work.
    package let isConfirmed: Bool

    package init(
        id: String? = nil, origin: String, point: String, order: Order, issued: Timestamp? = nil, expires: Timestamp? = nil,
        hold: Duration? = nil, isKept: Bool = false, isConfirmed: Bool = false
    ) {
        self.id = id
        self.origin = origin
        self.point = point
        self.order = order
        self.issued = issued
        self.expires = expires
        self.hold = hold
        self.isKept = isKept
        self.isConfirmed = isConfirmed
    }
}

/// What holds for the commands of one origin where they do not say otherwise.
package struct RemoteTerms: Sendable, Hashable {
    /// How long after its issue, or its arrival, a command may still be begun.
    package var expires = Duration.seconds(60)
    /// How long it stands at a point that has a safe value. At other points it is written once and then let go.
    package var hold = Duration.seconds(900)
    /// Commands heard in any second; more are refused.
    package var perSecond = 50

    package init() {}
}
