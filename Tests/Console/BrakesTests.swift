import Telemetry
import TestSupport
import Testing

@testable import Console

@Suite("Guessing passwords")
struct BrakesTests {
    @Test("costs more with each failure, and never more than half a minute")
    func growing() {
        var brakes = Brakes()
        var now = Monotonic.zero
        var waits: [Int64] = []
        for _ in 0..<10 {
            if let wait = brakes.attempt(["name duty"], at: now) {
                waits.append(wait.wholeMilliseconds / 1000)
                now = now + wait
                #expect(brakes.attempt(["name duty"], at: now) == nil, "whoever waits may try")
            }
        }
        #expect(waits == [1, 2, 4, 8, 16, 30, 30])
    }

    @Test("is slowed by name and by address, each for itself, until someone gets in or a quarter of an hour is over")
    func keys() {
        var brakes = Brakes()
        for _ in 0..<3 { #expect(brakes.attempt(["name duty", "address 1"], at: .zero) == nil) }
        #expect(brakes.attempt(["name duty", "address 2"], at: .zero) != nil)
        #expect(brakes.attempt(["name chief", "address 1"], at: .zero) != nil)
        #expect(brakes.attempt(["name chief", "address 2"], at: .zero) == nil)
        brakes.succeeded(["name duty", "address 1"])
        #expect(brakes.attempt(["name duty", "address 1"], at: .zero) == nil)
        let later = Monotonic.zero + .seconds(1000)
        for _ in 0..<2 { #expect(brakes.attempt(["name chief", "address 2"], at: later) == nil) }
    }

    @Test("at a thousand attempts a second gets no further than two a minute", arguments: 1...10 as ClosedRange<UInt64>)
    func flood(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var brakes = Brakes()
        var tried = 0
        for millisecond in 0..<600_000 where Int.random(in: 0..<10, using: &random) == 0 {
            // Other names do not help against the address.
            let keys = ["name \(Int.random(in: 0..<50, using: &random))", "address 1"]
            if brakes.attempt(keys, at: .zero + .milliseconds(millisecond)) == nil { tried += 1 }
        }
        #expect((20...30).contains(tried), "\(tried) in ten minutes")
    }

    @Test("of more names than anyone has is forgotten, and not kept")
    func bounded() {
        var brakes = Brakes()
        for number in 0..<20_000 { _ = brakes.attempt(["name \(number)"], at: .zero + .milliseconds(number)) }
        #expect(brakes.count < 2000)
    }
}
