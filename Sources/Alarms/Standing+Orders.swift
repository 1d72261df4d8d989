import Telemetry

/// What people do to an alarm.
extension Standing {
    mutating func obey(_ order: AlarmOrder, _ definition: AlarmDefinition, at now: Moment) throws(AlarmRefusal) -> [AlarmChange] {
        guard order.who.contains(where: { !$0.isWhitespace }) else { throw .anonymous }
        var diary = Diary(definition: definition, now: now, who: order.who)
        let wasHidden = isHidden
        switch order.act {
        case .acknowledge(let comment): try acknowledge(comment, order.who, &diary)
        case .confirm(let comment):
            guard !isConfirmed else { throw .idle(state) }
            isConfirmed = true
            diary.note(.confirmed, self, Self.sentence("confirmed", comment))
        case .reset: try reset(&diary)
        case .resetFirstOut: throw .unknown(order.subject, nearest: nil)
        case .shelve, .unshelve: try moveShelf(order.act, order.who, &diary)
        case .suppress, .unsuppress: try suppress(order.act, order.who, &diary)
        case .removeFromService, .returnToService: try serve(order.act, order.who, &diary)
        }
        if wasHidden, !isHidden { surface(&diary) }
        return diary.changes
    }

    /// Not while it is hidden: nobody was called, and it will call when it comes up.
    private mutating func acknowledge(_ comment: String, _ who: String, _ diary: inout Diary) throws(AlarmRefusal) {
        guard !isAcked, !isHidden else { throw .idle(state) }
        isAcked = true
        answer = Answer(at: diary.now.monotonic, who: who, comment: comment)
        isConfirmed = !diary.definition.needsConfirm
        diary.note(.acknowledged, self, Self.sentence("acknowledged", comment))
    }

    private mutating func reset(_ diary: inout Diary) throws(AlarmRefusal) {
        guard isLatched, !isHidden else { throw .idle(state) }
        guard !isActive, !holds else { throw .stillThere }
        guard isAcked, isConfirmed else { throw .unacknowledged }
        isLatched = false
        diary.note(.reset, self, "reset")
    }

    private mutating func moveShelf(_ act: AlarmOrder.Act, _ who: String, _ diary: inout Diary) throws(AlarmRefusal) {
        guard case .shelve(let span, let reason, let isOneShot) = act else {
            guard shelf != nil else { throw .idle(state) }
            shelf = nil
            return diary.note(.unshelved, self, "taken off the shelf")
        }
        guard span > .zero else { throw .tooShort }
        guard span <= diary.definition.longestShelf else { throw .tooLong(limit: diary.definition.longestShelf) }
        let note = try Self.note(who, reason)
        shelf = Shelf(until: diary.now.monotonic + span, isOneShot: isOneShot, note: note)
        diary.note(.shelved, self, "shelved for \(AlarmWords.of(span)): \(reason)")
    }

    private mutating func suppress(_ act: AlarmOrder.Act, _ who: String, _ diary: inout Diary) throws(AlarmRefusal) {
        guard case .suppress(let reason) = act else {
            guard suppressed != nil else { throw .idle(state) }
            suppressed = nil
            return diary.note(.unsuppressed, self, "no longer suppressed by hand")
        }
        guard diary.definition.priority != .highest else { throw .highestPriority }
        guard suppressed == nil else { throw .idle(state) }
        suppressed = try Self.note(who, reason)
        diary.note(.suppressed, self, "suppressed by hand: \(reason)")
    }

    private mutating func serve(_ act: AlarmOrder.Act, _ who: String, _ diary: inout Diary) throws(AlarmRefusal) {
        guard case .removeFromService(let reason) = act else {
            guard outOfService != nil else { throw .idle(state) }
            outOfService = nil
            return diary.note(.returnedToService, self, "back in service")
        }
        guard outOfService == nil else { throw .idle(state) }
        outOfService = try Self.note(who, reason)
        diary.note(.removedFromService, self, "out of service: \(reason)")
    }

    private static func note(_ who: String, _ reason: String) throws(AlarmRefusal) -> Note {
        guard reason.contains(where: { !$0.isWhitespace }) else { throw .withoutReason }
        return Note(who: who, reason: reason)
    }

    private static func sentence(_ word: String, _ comment: String) -> String { comment.isEmpty ? word : "\(word): \(comment)" }
}
