import Testing

@testable import MQTT

@Suite("Deliveries")
struct DeliveriesTests {
    @Test("an acknowledgement finds its publisher, whichever comes first")
    func eitherOrder() {
        var deliveries = Deliveries<String, Bool, Int>()
        guard case .waits = deliveries.asked(1, waiter: "one", at: 0) else { return #expect(Bool(false)) }
        #expect(deliveries.answered(1, true) == "one")
        #expect(deliveries.answered(2, false) == nil)
        guard case .answered(false) = deliveries.asked(2, waiter: "two", at: 0) else { return #expect(Bool(false)) }
        #expect(deliveries.count == 0)
    }

    @Test("an id that comes round again is a new delivery")
    func reuse() {
        var deliveries = Deliveries<String, Void, Int>()
        _ = deliveries.asked(1, waiter: "old", at: 0)
        _ = deliveries.answered(1, ())
        _ = deliveries.asked(1, waiter: "new", at: 0)
        #expect(deliveries.answered(1, ()) == "new")
        #expect(deliveries.answered(1, ()) == nil)
    }

    @Test("closing gives back everyone who waits, once, and nobody waits afterwards")
    func closing() {
        var deliveries = Deliveries<String, Void, Int>()
        _ = deliveries.asked(1, waiter: "one", at: 5)
        _ = deliveries.asked(2, waiter: "two", at: 7)
        #expect(!deliveries.isAnyWaiting(since: 4))
        #expect(deliveries.isAnyWaiting(since: 5))
        #expect(deliveries.close().sorted() == ["one", "two"])
        #expect(deliveries.close().isEmpty)
        guard case .tooLate = deliveries.asked(3, waiter: "three", at: 9) else { return #expect(Bool(false)) }
        #expect(!deliveries.isAnyWaiting(since: 100))
    }

    @Test("in any interleaving each publisher is answered once", arguments: 0..<20 as Range<UInt64>)
    func interleavings(seed: UInt64) {
        var random = Seeded(state: seed)
        var deliveries = Deliveries<Int32, Void, Int>()
        var answered: [Int32] = []
        var events = (1...200).flatMap { [(id: Int32($0), isAsking: true), (id: Int32($0), isAsking: false)] }
        events.shuffle(using: &random)
        let closing = Int.random(in: 0...events.count, using: &random)
        for (index, event) in events.enumerated() {
            if index == closing { answered += deliveries.close() }
            if !event.isAsking {
                if let waiter = deliveries.answered(event.id, ()) { answered.append(waiter) }
            } else {
                switch deliveries.asked(event.id, waiter: event.id, at: index) {
                case .waits: break
                case .answered, .tooLate: answered.append(event.id)
                }
            }
        }
        answered += deliveries.close()
        #expect(answered.sorted() == Array(1...200))
    }
}

@Suite("Backoff")
struct BackoffTests {
    @Test("each wait lies in the upper half of a span that doubles to its limit, and starts over when reset")
    func doubles() {
        var random = Seeded(state: 1)
        var backoff = Backoff(first: .seconds(1), limit: .seconds(30))
        for span in [1, 2, 4, 8, 16, 30, 30] {
            let wait = backoff.next(using: &random)
            #expect(wait >= .seconds(span) / 2 && wait <= .seconds(span))
        }
        backoff.reset()
        #expect(backoff.next(using: &random) <= .seconds(1))
    }
}

/// SplitMix64.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
