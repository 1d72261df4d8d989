/// Who waits for which message id, and since when.
///
/// The answer may come before `mosquitto_publish` has returned the id it belongs to, so either half of a delivery is
/// kept until the other arrives. After `close` nothing waits any more.
struct Deliveries<Waiter, Answer, Time: Comparable> {
    enum Verdict { case waits, answered(Answer), tooLate }

    private var waiting: [Int32: (waiter: Waiter, since: Time)] = [:]
    /// Answered, but not yet claimed by whoever asked.
    private var early: [Int32: Answer] = [:]
    private var isClosed = false

    var count: Int { waiting.count }

    /// libmosquitto has returned this id.
    mutating func asked(_ id: Int32, waiter: Waiter, at now: Time) -> Verdict {
        if let answer = early.removeValue(forKey: id) { return .answered(answer) }
        if isClosed { return .tooLate }
        waiting[id] = (waiter, now)
        return .waits
    }

    /// The answer for this id has arrived: who waits for it, if the asking has already returned.
    mutating func answered(_ id: Int32, _ answer: Answer) -> Waiter? {
        if let delivery = waiting.removeValue(forKey: id) { return delivery.waiter }
        if !isClosed { early[id] = answer }
        return nil
    }

    /// The link is gone: everyone who still waits, and will in vain.
    mutating func close() -> [Waiter] {
        defer {
            isClosed = true
            waiting.removeAll()
        }
        return waiting.values.map(\.waiter)
    }

    func isAnyWaiting(since time: Time) -> Bool { waiting.values.contains { $0.since <= time } }
}
