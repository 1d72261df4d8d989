import Telemetry

/// What befalls an alarm by itself: readings, time, its parent.
extension Standing {
    /// Takes in one point's news.
    mutating func hear(_ heard: Heard, _ definition: AlarmDefinition, at now: Monotonic) {
        for (index, input) in definition.inputs.enumerated() where input.point == heard.point {
            sights[index].hear(heard, expected: input.expected)
            if index == 0, case .change(_, let span, _) = definition.condition, let number = sights[0].number {
                sights[0].derive(track.change(to: number, at: now, within: span))
            }
        }
        for (index, input) in definition.suppressors.enumerated() where input.point == heard.point {
            suppressing[index].hear(heard, expected: input.expected)
        }
    }

    /// Brings the alarm to the present. What begins to hide it comes before what raises it, and what ceases to hide it after what
    /// clears it: nobody is called for what is over or explained at the same instant.
    mutating func step(_ definition: AlarmDefinition, parentBlocks: Bool, at now: Moment) -> [AlarmChange] {
        var diary = Diary(definition: definition, now: now)
        let time = now.monotonic
        for index in sights.indices { sights[index].age(to: time) }
        for index in suppressing.indices { suppressing[index].age(to: time) }
        judge(definition, at: time)
        if isToldBlind, !isBlind {
            isToldBlind = false
            diary.note(.sees, self, "its points are heard again")
        }
        let wasHidden = isHidden
        hide(parentBlocks, &diary)
        turn(&diary)
        unhide(parentBlocks, &diary)
        if wasHidden, !isHidden { surface(&diary) }
        repeatCall(&diary)
        tellBlindness(&diary)
        return diary.changes
    }

    private mutating func judge(_ definition: AlarmDefinition, at now: Monotonic) {
        let verdict = definition.condition.verdict(sights, holds: holds)
        isBlind = verdict == nil
        guard let verdict else { return }
        holds = verdict
        pendingSince = holds == isActive ? nil : pendingSince ?? now
    }

    private mutating func hide(_ parentBlocks: Bool, _ diary: inout Diary) {
        // A state that is not known hides nothing.
        if !isSuppressedByState, let index = suppressing.firstIndex(where: { $0.number == 1 }) {
            isSuppressedByState = true
            let input = diary.definition.suppressors[index]
            diary.note(.suppressed, self, "\(input.title) is \(input.expected?.shown ?? "")", isQuiet: !matters)
        }
        guard parentBlocks else { return }
        releaseAt = nil
        guard !isBlocked else { return }
        isBlocked = true
        diary.note(.suppressed, self, "'\(diary.definition.parent ?? "")' explains it", isQuiet: !matters)
    }

    /// The condition has outlasted its delay, and is known to.
    private mutating func turn(_ diary: inout Diary) {
        let definition = diary.definition
        guard !isBlind, let since = pendingSince,
            since + (holds ? definition.onDelay : definition.offDelay) <= diary.now.monotonic
        else { return }
        pendingSince = nil
        isActive = holds
        if isActive {
            isLatched = definition.isLatching
            activeSince = diary.now.monotonic
            isAcked = false
            answer = nil
            isConfirmed = true
            if isHidden { hiddenRaises += 1 }
            announce(.raised, "\(definition.evidence(sights)); \(definition.call)", &diary)
        } else {
            activeSince = nil
            diary.note(.returned, self, isLatched ? "the cause is gone; it waits to be reset" : "returned to normal")
            if shelf?.isOneShot == true { endShelf("the spell it was shelved for is over", &diary) }
        }
    }

    private mutating func unhide(_ parentBlocks: Bool, _ diary: inout Diary) {
        if isSuppressedByState, !suppressing.contains(where: { $0.number == 1 }) {
            isSuppressedByState = false
            diary.note(.unsuppressed, self, "what suppressed it is over or not known", isQuiet: !matters)
        }
        if isBlocked, !parentBlocks {
            let ages = diary.definition.inputs.map(\.maximumAge).max() ?? .zero
            let end = releaseAt ?? diary.now.monotonic + ages
            releaseAt = end
            if !isBlind || end <= diary.now.monotonic {
                isBlocked = false
                releaseAt = nil
                diary.note(.unsuppressed, self, "'\(diary.definition.parent ?? "")' is over", isQuiet: !matters)
            }
        }
        if let until = shelf?.until, until <= diary.now.monotonic { endShelf("its time on the shelf is over", &diary) }
    }

    private mutating func endShelf(_ why: String, _ diary: inout Diary) {
        shelf = nil
        diary.note(.unshelved, self, why)
    }

    /// Nothing hides the alarm any more: whoever is on shift has not seen it, so it counts as new (ISA-18.2-2016, clause 5: from
    /// shelved, suppressed and out of service back to unacknowledged or normal).
    mutating func surface(_ diary: inout Diary) {
        isAcked = !(isActive || isLatched)
        answer = nil
        isConfirmed = true
        if isActive {
            let what = isBlind ? "was there when it was last seen" : "still there: \(diary.definition.evidence(sights))"
            announce(.raised, "\(what); \(diary.definition.call)", &diary)
        } else if isLatched {
            announce(.raised, "is latched, and waits to be reset", &diary)
        } else {
            diary.restate(self)
        }
    }

    private mutating func repeatCall(_ diary: inout Diary) {
        guard let span = diary.definition.reAlarm, let last = announcedAt, isActive, !isHidden, last + span <= diary.now.monotonic
        else { return }
        isAcked = false
        answer = nil
        isConfirmed = true
        announce(.reAlarmed, "still there after \(AlarmWords.of(span)): \(diary.definition.call)", &diary)
    }

    private mutating func tellBlindness(_ diary: inout Diary) {
        guard isBlind, !isToldBlind, matters, !isHidden else { return }
        isToldBlind = true
        let blind = zip(diary.definition.inputs, sights).first { $0.1.number == nil }
        let why = blind.map { "\($0.0.title): \($0.1.cause ?? "not read yet")" } ?? ""
        diary.note(.blinded, self, "stays as it was, since it cannot be seen (\(why))")
    }

    private mutating func announce(_ kind: AlarmChange.Kind, _ text: String, _ diary: inout Diary) {
        if !isHidden { announcedAt = diary.now.monotonic }
        diary.note(kind, self, text, isAnnunciated: !isHidden)
    }
}
