import Telemetry
import Testing

@testable import Forwarding

@Suite("The pace of a backlog")
struct PaceTests {
    /// Sends as much as the pace lets through, each batch taking as long as `took` says. Returns when each began, and its samples.
    private func run(
        _ pace: inout Pace, for span: Duration, from start: Monotonic = .zero,
        took: (_ samples: Int, _ rate: Double) -> Duration = { _, _ in .zero }
    ) -> [(at: Monotonic, samples: Int)] {
        var (now, sends): (Monotonic, [(at: Monotonic, samples: Int)]) = (start, [])
        while now < start + span {
            let wait = pace.wait(at: now)
            if wait > .zero {
                now = now + wait
                continue
            }
            let samples = pace.batch(most: 5000)
            let end = now + max(took(samples, pace.rate ?? .infinity), .microseconds(100))
            pace.sent(samples, from: now, to: end)
            sends.append((now, samples))
            now = end
        }
        return sends
    }

    @Test(
        "never exceeds its rate by more than one batch, over any span, and keeps to it", arguments: [10, 999, 50_000, 1_000_000])
    func limit(rate: Double) {
        var pace = Pace(limit: rate)
        let sends = run(&pace, for: .seconds(20))
        let largest = Double(sends.map(\.samples).max() ?? 0)
        for first in stride(from: 0, to: sends.count, by: 7) {
            var sum = 0.0
            for send in sends[first...].prefix(200) {
                sum += Double(send.samples)
                #expect(sum <= rate * (send.at - sends[first].at).seconds + largest + 1)
            }
        }
        let total = Double(sends.reduce(0) { $0 + $1.samples })
        #expect(abs(total / (rate * 20) - 1) < 0.05, "\(total)")
    }

    @Test("an idle hour is no credit: what was not sent then is not sent at once now")
    func noCredit() {
        var pace = Pace(limit: 1000)
        _ = run(&pace, for: .seconds(1))
        let sends = run(&pace, for: .seconds(10), from: .zero + .seconds(3600))
        #expect(sends.reduce(0) { $0 + $1.samples } <= 10_000 + 250)
    }

    @Test("without a limit and without trouble nothing waits")
    func unlimited() {
        var pace = Pace(limit: nil)
        #expect(run(&pace, for: .seconds(1)).allSatisfy { $0.samples == 5000 })
        #expect(pace.rate == nil)
    }

    @Test(
        "refused for now, it goes on at half, and takes that back little by little, up to its limit or to none",
        arguments: [nil, 4000.0])
    func refused(limit: Double?) {
        var pace = Pace(limit: limit)
        pace.refused(at: 4000)
        #expect(pace.rate == 2000)
        pace.refused(at: 1500)
        #expect(pace.rate == 750)
        var rates: [Double] = []
        for second in 0..<400 {
            _ = run(&pace, for: .seconds(1), from: .zero + .seconds(second + 10))
            rates.append(pace.rate ?? .infinity)
        }
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $1 >= $0 })
        #expect(rates[9] < 4000 && rates[9] > 750)
        #expect(pace.rate == limit)
    }

    @Test("slow answers bring it down to what the receiver can take, whatever that is", arguments: [50.0, 700, 20_000])
    func slow(capacity: Double) {
        var pace = Pace(limit: nil)
        // A receiver that needs a second for so many samples and whose queue grows with whatever comes faster.
        var queue = 0.0
        var last = Monotonic.zero
        var now = Monotonic.zero
        var rates: [Double] = []
        while now < .zero + .seconds(600) {
            now = now + pace.wait(at: now)
            let samples = pace.batch(most: 5000)
            queue = max(0, queue - (now - last).seconds * capacity) + Double(samples)
            last = now
            let end = now + .seconds(queue / capacity)
            pace.sent(samples, from: now, to: end)
            now = end
            rates.append(pace.rate ?? .infinity)
        }
        #expect(queue / capacity < 5)
        // A batch then lasts no longer than what counts as slow.
        #expect(pace.batch(most: 5000) <= max(1, Int(capacity * 3)), "\(pace.batch(most: 5000))")
    }

    @Test("no history of a receiver leaves it without hope or in haste", arguments: 0..<50 as Range<UInt64>)
    func bounds(seed: UInt64) {
        var random = Seeded(seed)
        let limit = Bool.random(using: &random) ? Double.random(in: 10...1e7, using: &random) : nil
        var pace = Pace(limit: limit)
        var now = Monotonic.zero
        for _ in 0..<500 {
            let batch = pace.batch(most: 5000)
            #expect(batch >= 1 && batch <= 5000)
            #expect((pace.rate ?? 10) >= Pace.least && (pace.rate ?? 0) <= limit ?? .infinity)
            #expect(pace.wait(at: now) <= .seconds(5000 / Pace.least))
            let end = now + .milliseconds(Int.random(in: 0...20_000, using: &random) / Int.random(in: 1...1000, using: &random))
            if Int.random(in: 0..<10, using: &random) == 0 {
                pace.refused(at: Double.random(in: 0...1e6, using: &random))
            } else {
                pace.sent(Int.random(in: 0...batch, using: &random), from: now, to: end)
            }
            now = end + .milliseconds(Int.random(in: 0...2000, using: &random))
        }
    }
}

@Suite("The meter of a backlog")
struct MeterTests {
    @Test("a steady flow is its rate, from the second second on", arguments: [3, 100, 50_000])
    func steady(rate: Int) {
        var meter = Meter()
        meter.begin(at: .zero + .milliseconds(730))
        for tick in 0..<800 {
            let now = Monotonic.zero + .milliseconds(730 + tick * 250)
            meter.note(rate, at: now)
            guard tick > 8 else { continue }
            let told = meter.rate(at: now + .milliseconds(249)) ?? 0
            #expect(abs(told / Double(rate * 4) - 1) < 0.15, "\(told) at \(tick)")
            if tick > 240 { #expect(abs(told / Double(rate * 4) - 1) < 0.03) }
        }
    }

    @Test("what is more than a minute old is forgotten, and nothing is said of nothing")
    func forgets() {
        var meter = Meter()
        #expect(meter.rate(at: .zero) == nil)
        meter.begin(at: .zero)
        meter.note(6000, at: .zero + .milliseconds(500))
        #expect(meter.rate(at: .zero + .seconds(30)) == 200)
        #expect(meter.rate(at: .zero + .seconds(61)) == nil)
    }
}
