import Telemetry
import Testing

/// A well with three pumps of 180 m³/h each, in steps of ten seconds.
@Suite("A pumped well")
struct PumpedWellTests {
    /// m³/h.
    private static let pumpFlow = 180.0

    private struct Story {
        var levels: ClosedRange<Double> = 2...2
        /// When each pump was started, in seconds.
        var starts: [[Int]] = [[], [], []]
        var group: PumpGroup
        /// Pumps wanted though not in order, and the third one started while the others were.
        var wrong = 0
        var needless = 0
    }

    /// - Parameters:
    ///   - inflow: its bounds, as shares of one pump's flow; it changes every ten minutes.
    ///   - area: of the well, in m².
    ///   - failing: how often a pump fails, one in so many steps; never if zero.
    private func story(
        _ terms: String, pumps: [String], seed: UInt64, inflow: ClosedRange<Double>, failing: UInt64 = 0, area: Double = 20, hours: Int = 12
    ) throws -> Story {
        var random = SeededRandom(seed: seed)
        var story = Story(group: try PumpGroup(terms, pumps: pumps))
        var level = 2.0
        var incoming = inflow.lowerBound
        var repaired = 0
        for step in 0..<hours * 360 {
            if step % 60 == 0 { incoming = Double.random(in: inflow, using: &random) }
            if step == repaired { story.group.isOK = [true, true, true] }
            // One at a time, so that the others can carry what comes.
            if failing > 0, step > repaired, random.next() % failing == 0 {
                story.group.isOK[Int(random.next() % 3)] = false
                repaired = step + Int.random(in: 1...200, using: &random)
            }
            let before = story.group.runs
            story.group.step(level: level, seconds: 10)
            let runs = story.group.runs
            for pump in runs.indices {
                if runs[pump], !before[pump] {
                    story.starts[pump].append(story.group.second)
                    if pump == 2, story.group.isOK[0], story.group.isOK[1] { story.needless += 1 }
                }
                if runs[pump], !story.group.isOK[pump] { story.wrong += 1 }
            }
            level += (incoming - Double(runs.count { $0 })) * Self.pumpFlow / 360 / area
            story.levels = min(story.levels.lowerBound, level)...max(story.levels.upperBound, level)
        }
        return story
    }

    @Test(
        "stays within its levels, no pump is wanted that is not available, and the standby only for another",
        arguments: 0..<3 as Range<UInt64>)
    func level(seed: UInt64) throws {
        let schemes = ["alternate", "fixed", "first-on-first-off"]
        let terms = "start-at: 2.4\nstop-at: 1.2\nlag-at: 2.8\nstagger: 5s\nalternate: \(schemes[Int(seed % 3)])\n"
        let story = try story(terms, pumps: ["", "", "role: standby"], seed: seed, inflow: 0.1...1.6, failing: 80)
        #expect(story.wrong == 0 && story.needless == 0)
        #expect(story.starts[0].count > 5 && story.starts[1].count > 3 && !story.starts[2].isEmpty, "\(story.starts.map(\.count))")
        // A step of two pumps takes 5 cm off; in the ten seconds that the second one may be late, less than that comes.
        #expect((1.14...2.9).contains(story.levels.lowerBound) && (1.14...2.9).contains(story.levels.upperBound), "\(story.levels)")
    }

    @Test("alternation by hours: equalises hours with a band of 5 %", arguments: 0..<2 as Range<UInt64>)
    func hours(seed: UInt64) throws {
        let terms = "start-at: 2.4\nstop-at: 1.2\nlag-at: 2.8\nalternate: hours\n"
        let pumps = (1...3).map { "hours: group/pump-\($0)/hours" }
        let failing: UInt64 = seed == 0 ? 0 : 500
        let span = seed == 0 ? 24 : 72
        let story = try story(terms, pumps: pumps, seed: seed, inflow: 0.2...1.4, failing: failing, area: 8, hours: span)
        let hours = story.group.hours
        let mean = hours.reduce(0, +) / 3
        #expect(mean > 2 && hours.allSatisfy { ($0 - mean).magnitude <= 0.05 * mean }, "\(hours)")
        // The same without alternation is not so.
        let fixed = try self.story(terms.replacing("hours", with: "fixed"), pumps: ["", "", ""], seed: seed, inflow: 0.2...1.4)
        #expect(fixed.group.hours[0] > 2 * fixed.group.hours[2])
    }

    @Test("starts no pump more often than its band's volume allows, whatever flows in evenly", arguments: [0.2, 0.4, 0.5, 0.6, 0.8])
    func starts(inflow: Double) throws {
        // T = 4V/Q: 24 m3 and 180 m3/h make 32 minutes from start to start, and two pumps by turns have twice that each.
        let story = try story("start-at: 2.4\nstop-at: 1.2\n", pumps: ["", ""], seed: 0, inflow: inflow...inflow)
        func shortest(_ starts: [Int]) -> Int { zip(starts, starts.dropFirst()).map { $1 - $0 }.min() ?? 0 }
        let all = story.starts.flatMap(\.self).sorted()
        // A band whose ends are seen ten seconds late is larger than it was drawn, never smaller.
        #expect(all.count > 10 && shortest(all) >= 32 * 60 - 10)
        #expect(story.starts[0...1].allSatisfy { shortest($0) >= 2 * (32 * 60 - 10) })
        if inflow == 0.5 { #expect(shortest(all) < 34 * 60, "the worst inflow is half of what the pump moves") }
    }
}
