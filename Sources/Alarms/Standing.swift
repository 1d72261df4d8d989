import Telemetry

/// All that is known of one alarm. It decides nothing about the others: what its parent does is told to it.
struct Standing: Sendable, Hashable, Codable {
    struct Note: Sendable, Hashable, Codable {
        let who: String
        let reason: String
    }

    struct Answer: Sendable, Hashable, Codable {
        @Kept var at: Monotonic?
        let who: String
        let comment: String
    }

    struct Shelf: Sendable, Hashable, Codable {
        @Kept var until: Monotonic?
        /// Ends with the spell that it was made for, if that comes first.
        let isOneShot: Bool
        let note: Note
    }

    var sights: [Sight]
    var suppressing: [Sight]
    var track = Track()
    /// The condition after its deadband, before the delays; nothing that is not known changes it.
    var holds = false
    /// Since when the condition has been other than the alarm.
    @Kept var pendingSince: Monotonic?
    var isActive = false
    var isAcked = true
    /// Who acknowledged this spell.
    var answer: Answer?
    var isConfirmed = true
    var isLatched = false
    @Kept var activeSince: Monotonic?
    /// When an operator was last called.
    @Kept var announcedAt: Monotonic?
    var shelf: Shelf?
    /// By a person; by the state of the plant; because its parent says enough.
    var suppressed: Note?
    var isSuppressedByState = false
    var isBlocked: Bool
    /// A child whose parent is well again is let out once it has been heard of, or at this time.
    @Kept var releaseAt: Monotonic?
    var outOfService: Note?
    /// Whether it is not known if the condition holds, and whether people were told so.
    var isBlind = true
    var isToldBlind = false
    /// How often it was raised where nobody was called.
    var hiddenRaises = 0
    /// 1 for the first of its group, the others of the sequel in their order.
    var place: Int?

    /// Nothing was heard yet, so a child's parent is unknown, and it is suppressed from the start.
    init(_ definition: AlarmDefinition, at now: Monotonic) {
        sights = definition.inputs.map { Sight(maximumAge: $0.maximumAge, since: now) }
        suppressing = definition.suppressors.map { Sight(maximumAge: $0.maximumAge, since: now) }
        isBlocked = definition.parent != nil
    }

    var isSuppressed: Bool { suppressed != nil || isSuppressedByState || isBlocked }
    var isHidden: Bool { outOfService != nil || isSuppressed || shelf != nil }
    /// Whether there is anything to it but the watching.
    var matters: Bool { isActive || isLatched || !isAcked || !isConfirmed }
    /// Reason enough for its children to be silent: the cause of all they could say is known, or nothing is. An alarm that is out
    /// of service is not relied upon.
    var blocksChildren: Bool { outOfService == nil && (isActive || isBlind || isBlocked) }

    /// When `step` has something to do.
    func wake(_ definition: AlarmDefinition) -> Monotonic? {
        var times = sights.map(\.staleAt) + suppressing.map(\.staleAt) + [shelf?.until, releaseAt]
        if let pendingSince, !isBlind { times.append(pendingSince + (holds ? definition.onDelay : definition.offDelay)) }
        if let span = definition.reAlarm, let announcedAt, isActive, !isHidden { times.append(announcedAt + span) }
        return times.compactMap { $0 }.min()
    }

    /// Moves everything that is remembered, from one run's monotonic clock to another's.
    mutating func shift(by span: Duration) {
        for index in sights.indices { sights[index].shift(by: span) }
        for index in suppressing.indices { suppressing[index].shift(by: span) }
        track.shift(by: span)
        _pendingSince.shift(by: span)
        _activeSince.shift(by: span)
        _announcedAt.shift(by: span)
        _releaseAt.shift(by: span)
        if let at = answer?.at { answer?.at = at + span }
        if let until = shelf?.until { shelf?.until = until + span }
    }
}
