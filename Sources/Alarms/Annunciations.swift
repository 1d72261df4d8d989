import Telemetry

/// When operators were called, over the last day: what the figures of EEMUA 191 and ISA-18.2 are counted from.
struct Annunciations: Sendable, Hashable, Codable {
    struct Call: Sendable, Hashable, Codable {
        @Kept var at: Monotonic?
        let alarm: Int
    }

    static let window: Duration = .seconds(600)
    static let day: Duration = .seconds(86_400)
    /// A flood begins with more than ten in ten minutes and ends below five (ISA-18.2-2016, clause 16; EEMUA 191).
    static let floodBegins = 10
    static let floodEnds = 5
    /// Chattering: so many within a minute.
    static let chatter = 3
    /// The oldest calls beyond this are forgotten, and their number kept.
    static let most = 4096

    private(set) var calls: [Call] = []
    private(set) var forgotten = 0
    private(set) var floods = 0
    /// Since when there is a flood.
    @Kept private(set) var floodSince: Monotonic? = nil

    var isFlood: Bool { floodSince != nil }

    mutating func add(_ alarm: Int, at now: Monotonic) {
        calls.removeFirst(calls.prefix { $0.at.map { now - $0 >= Self.day } ?? true }.count)
        calls.append(Call(at: now, alarm: alarm))
        guard calls.count > Self.most else { return }
        calls.removeFirst()
        forgotten += 1
    }

    /// The calls of the last span. One that is exactly so old is no longer among them.
    func recent(_ span: Duration, at now: Monotonic) -> ArraySlice<Call> {
        var first = calls.endIndex
        while first > 0, let at = calls[first - 1].at, now - at < span { first -= 1 }
        return calls[first...]
    }

    /// True if a flood began or ended at this instant.
    mutating func settle(at now: Monotonic) -> Bool {
        let count = recent(Self.window, at: now).count
        if isFlood, count < Self.floodEnds {
            floodSince = nil
            return true
        }
        guard !isFlood, count > Self.floodBegins else { return false }
        floodSince = now
        floods += 1
        return true
    }

    /// When a flood ends if no more calls come: when the fifth newest has left the window.
    var wake: Monotonic? {
        guard isFlood, let at = calls.suffix(Self.floodEnds).first?.at else { return nil }
        return at + Self.window
    }

    /// Alarms that called three times or more within a minute, somewhere in the last day.
    func chattering(at now: Monotonic) -> Set<Int> {
        var times: [Int: [Monotonic]] = [:]
        var found: Set<Int> = []
        for call in recent(Self.day, at: now) {
            guard let at = call.at, !found.contains(call.alarm) else { continue }
            let within = times[call.alarm, default: []].filter { at - $0 < .seconds(60) } + [at]
            times[call.alarm] = within
            if within.count >= Self.chatter { found.insert(call.alarm) }
        }
        return found
    }

    var isPlausible: Bool {
        let counts = 0..<AlarmSnapshot.plausible
        return calls.count <= Self.most && counts.contains(forgotten) && counts.contains(floods)
    }

    mutating func shift(by span: Duration) {
        for index in calls.indices { calls[index].at = calls[index].at.map { $0 + span } }
        _floodSince.shift(by: span)
    }

    /// The same calls for other places in the list of alarms; those of alarms that are no more are dropped.
    mutating func renumber(_ place: (Int) -> Int?) {
        calls = calls.compactMap { call in place(call.alarm).map { Call(at: call.at, alarm: $0) } }
    }
}
