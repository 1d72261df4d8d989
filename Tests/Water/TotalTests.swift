import Rules
import Telemetry
import Testing

@testable import Water

@Suite("A total")
struct TotalTests {
    private static func at(_ seconds: Int) -> Monotonic { .zero + .seconds(seconds) }

    @Test("of a rate is what numpy sums up by trapezoids, without the gaps", arguments: WaterTable.rates.indices)
    func rate(index: Int) {
        let (seconds, rates, expected, gaps) = WaterTable.rates[index]
        var total = RateTotal(longestGap: .seconds(30))
        for (second, rate) in zip(seconds, rates) { total.hear(rate, at: Self.at(second)) }
        #expect(isNear(total.sum / 3600, expected))
        #expect(total.gaps == gaps)
    }

    @Test("of a counter is what was counted, however often it begins again", arguments: WaterTable.counters.indices)
    func counter(index: Int) {
        let (modulus, counts, expected) = WaterTable.counters[index]
        var total = CounterTotal(.init(modulus: modulus, mostPerHour: nil, start: 0))
        for (minute, count) in counts.enumerated() { total.hear(Double(count), at: Self.at(minute * 60)) }
        #expect(total.sum == Double(expected))
        #expect(total.replacements == 0 && total.gaps == 0)
    }

    @Test("of run hours, starts and starts in the last hour is what pandas counts", arguments: WaterTable.runs.indices)
    func runTime(index: Int) {
        let (seconds, runs, expected, starts, lastHour) = WaterTable.runs[index]
        var time = RunTime(longestGap: .seconds(30))
        for (index, second) in seconds.enumerated() {
            time.hear(runs[index] == 1, at: Self.at(second))
            #expect(time.startsWithinHour(of: Self.at(second)) == lastHour[index], "after \(second) s")
        }
        #expect(time.run == .seconds(expected))
        #expect(time.starts == starts)
    }

    @Test("of a 16-bit counter goes on over the roll-over: 65530 then 4 is ten more")
    func rollOver() {
        var total = CounterTotal(.init(modulus: 65_536, mostPerHour: nil, start: 100))
        _ = total.hear(65_530, at: Self.at(0))
        #expect(total.hear(4, at: Self.at(5)).step == 10)
        #expect(total.sum == 110)
    }

    @Test("of a replaced meter keeps what the old one counted, adds nothing for the change, and says so")
    func replaced() {
        var total = CounterTotal(.init(modulus: nil, mostPerHour: nil, start: 0))
        for (index, count) in [5000.0, 5010, 12, 15].enumerated() { _ = total.hear(count, at: Self.at(index)) }
        #expect(total.sum == 13 && total.replacements == 1 && total.gaps == 1)
        // A meter that rolls over and a meter that is set to zero look alike but for how far they went.
        var rolling = CounterTotal(.init(modulus: 10_000, mostPerHour: 50, start: 0))
        _ = rolling.hear(5000, at: Self.at(0))
        #expect(rolling.hear(3, at: Self.at(60)).news == .replaced(was: 5000, is: 3))
        _ = rolling.hear(9990, at: Self.at(120))
        #expect(rolling.replacements == 2, "nor can it have counted so much in a minute")
        #expect(rolling.hear(5, at: Self.at(180)).step == 15)
        // Where nobody says how fast a meter counts, less than half a turn is a roll-over, and more is not.
        var unknown = CounterTotal(.init(modulus: 10_000, mostPerHour: nil, start: 0))
        _ = unknown.hear(6000, at: Self.at(0))
        #expect(unknown.hear(900, at: Self.at(60)).step == 4900)
        #expect(unknown.hear(100, at: Self.at(120)).news == .replaced(was: 900, is: 100))
    }

    @Test("of a counter that may have gone round more than once while nobody read it does not pretend to know")
    func ambiguous() {
        var total = CounterTotal(.init(modulus: 65_536, mostPerHour: 10_000, start: 0))
        _ = total.hear(10, at: Self.at(0))
        #expect(total.hear(20, at: Self.at(4 * 3600)).step == 10)
        #expect(total.hear(30, at: Self.at(12 * 3600)).news == .ambiguous(since: .seconds(8 * 3600)))
        #expect(total.sum == 10 && total.gaps == 1)
    }

    @Test("of any meter, with roll-overs and readings lost, ends at what was truly counted", arguments: 0..<50 as Range<UInt64>)
    func property(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let modulus = [65_536.0, 10_000, 4_294_967_296][Int(seed % 3)]
        var total = CounterTotal(.init(modulus: modulus, mostPerHour: modulus / 100, start: 0))
        var truth = Double(Int.random(in: 0..<Int(modulus), using: &random))
        let first = truth
        var second = 0
        _ = total.hear(truth.truncatingRemainder(dividingBy: modulus), at: Self.at(second))
        for _ in 0..<500 {
            let hours = Int.random(in: 0..<20, using: &random)
            second += 1 + hours * 3600
            // At most as much as may be counted in the hours that passed.
            truth += (modulus / 100 * Double(hours) * Double.random(in: 0...1, using: &random)).rounded(.down)
            _ = total.hear(truth.truncatingRemainder(dividingBy: modulus), at: Self.at(second))
        }
        #expect(total.sum == truth - first)
        #expect(total.gaps == 0 && truth > modulus)
    }

    @Test("remembers all it must: a restart anywhere changes nothing", arguments: 0..<10 as Range<UInt64>)
    func restart(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var totals = [RateTotal(longestGap: .seconds(30)), RateTotal(longestGap: .seconds(30))]
        var times = [RunTime(longestGap: .seconds(30)), RunTime(longestGap: .seconds(30))]
        var overflows = (0..<2).map { _ in Overflows(rejoin: .seconds(60), longestGap: .seconds(30)) }
        var told: [[Overflows.News]] = [[], []]
        var second = 0
        for _ in 0..<300 {
            second += Int.random(in: 1...40, using: &random)
            let rate = max(0, Double.random(in: -2...1, using: &random))
            let isDark = random.next() % 12 == 0
            if random.next() % 10 == 0 {
                var memories = [Memory(), Memory(), Memory()]
                totals[1].keep(in: &memories[0], at: Self.at(second))
                times[1].keep(in: &memories[1], at: Self.at(second))
                overflows[1].keep(in: &memories[2], at: Self.at(second))
                totals[1] = RateTotal(longestGap: .seconds(30))
                times[1] = RunTime(longestGap: .seconds(30))
                overflows[1] = Overflows(rejoin: .seconds(60), longestGap: .seconds(30))
                totals[1].recall(memories[0], since: Self.at(second))
                times[1].recall(memories[1], since: Self.at(second))
                overflows[1].recall(memories[2], since: Self.at(second))
            }
            for index in 0..<2 {
                if isDark {
                    totals[index].goDark()
                    times[index].goDark()
                    overflows[index].goDark()
                } else {
                    totals[index].hear(rate, at: Self.at(second))
                    times[index].hear(rate > 0, at: Self.at(second))
                    told[index] += overflows[index].hear(rate, at: Self.at(second))
                }
            }
        }
        #expect(totals[0].sum == totals[1].sum && totals[0].gaps == totals[1].gaps && totals[0].sum > 0)
        #expect(times[0].run == times[1].run && times[0].starts == times[1].starts && times[0].gaps == times[1].gaps)
        #expect(told[0] == told[1] && told[0].count > 10 && overflows[0].spilled.sum == overflows[1].spilled.sum)
    }
}
