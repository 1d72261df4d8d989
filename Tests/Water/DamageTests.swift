import Documents
import FoundationEssentials
import Rules
import Telemetry
import Testing

@testable import Water

/// What files, memories and readings can do at their worst.
@Suite("Damage")
struct DamageTests {
    private static let bodies = [QuantityBodies.weir, QuantityBodies.overflow, QuantityBodies.total]

    @Test("to a memory makes it a beginning like any other, and nothing traps", arguments: 0..<20 as Range<UInt64>)
    func memories(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var works = try Works(Self.bodies[1 + Int(seed % 2)])
        works.hears(["well/level-cm": 5, "meter/flow": 5], at: 1)
        let rule = try #require(works.rehearsal.engine.rules.first)
        let wild = [Int.max, .min, -1, 0, 1]
        var memory = Memory()
        for name in ["gaps", "overflows", "starts", "replacements", "flowing", "gaps-before"] {
            memory[list: name] = [try #require(wild.randomElement(using: &random))]
        }
        for name in ["sum", "rate", "count", "run-seconds", "sum-before", "estimated"] {
            memory[number: name] = [1e308, -1e308, .infinity, .nan, 0].randomElement(using: &random)
        }
        for name in ["rate-at", "count-at", "began", "ended", "heard-at"] {
            memory.keep(Monotonic(nanoseconds: [.max, .min, 0].randomElement(using: &random) ?? 0), as: name, at: .zero)
        }
        let entry = RuleSnapshot.Entry(
            fingerprint: rule.fingerprint, judges: Dictionary(uniqueKeysWithValues: rule.judges.map { ($0.name, memory) }))
        works.rehearsal.restart(from: RuleSnapshot(taken: Works.start.wall, rules: [rule.name: entry]))
        for second in 2..<50 { works.hears(["well/level-cm": 5, "meter/flow": 5], at: Double(second)) }
        let snapshot = works.rehearsal.engine.snapshot(at: works.rehearsal.now)
        #expect(!snapshot.rules.isEmpty)
        // What was taken from it can be written down again: JSON has no infinities.
        #expect(throws: Never.self) { try JSONEncoder().encode(snapshot) }
    }

    @Test("to a counter, a run time or a cycle of the same kind neither", arguments: [Int.max, .min, -1])
    func values(wild: Int) {
        var memory = Memory()
        for name in ["gaps", "replacements", "starts", "running", "maintaining"] { memory[list: name] = [wild] }
        for name in ["sum", "count", "run-seconds", "maintained-at", "inflow", "pump-flow", "energy", "volume", "quotient"] {
            memory[number: name] = wild > 0 ? 1.7e308 : -1.7e308
        }
        for name in ["count-at", "heard-at", "inflow-at", "pump-flow-at", "start", "start-0"] {
            memory.keep(Monotonic(nanoseconds: Int64(wild)), as: name, at: .zero)
        }
        var counter = CounterTotal(.init(modulus: 100, mostPerHour: 5, start: 0))
        var time = RunTime(longestGap: .seconds(30))
        var cycles = PumpCycles(lower: 1, upper: 2, volume: 4, longestGap: .seconds(30))
        var energy = EnergyPerVolume(span: .seconds(60))
        counter.recall(memory, since: .zero)
        time.recall(memory, since: .zero)
        cycles.recall(memory, since: .zero)
        energy.recall(memory, since: .zero)
        for second in 0..<100 {
            let now = Monotonic.zero + .seconds(second * 7)
            _ = counter.hear(Double(second % 10), at: now)
            time.hear(second % 2 == 0, at: now)
            _ = time.hear(isMaintaining: second % 3 == 0)
            cycles.hear(level: Double(second % 4), running: second % 5 == 0 ? .pump : .none, at: now)
            energy.hear(energy: Double(second), volume: Double(second), at: now)
        }
        #expect(time.starts >= 49 && time.run >= .zero && counter.sum.isFinite)
    }

    @Test("to a file of quantities or of pumps is a mistake or another good file, and nothing traps", arguments: 0..<8 as Range<UInt64>)
    func files(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pumps = PumpGroup.yaml(
            "start-at: 2\nstop-at: 1\nlag-at: [2.5]\nflood-at: 3\nalternate: hours\nminimum-band: 0.2\nsump: { area: 20, pump-flow: 300 }\n"
                + "profiles: [{ name: low, inputs: { on: group/well/forecast }, when: on, start-at: 1.4, stop-at: 0.6 }]",
            pumps: ["hours: group/pump-1/hours", "hours: group/pump-2/hours", "role: flood"])
        let words = ["0", "-1", "1e308", "nan", "[]", "{}", "true", "''", "level", "m3", "9223372036854775808", "*", "\n"]
        var good = 0
        for _ in 0..<150 {
            let text = ([pumps] + Self.bodies)[Int(random.next() % 4)]
            var parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<parts.count, using: &random)
                parts[place] = random.next() % 3 == 0 ? "" : words[Int(random.next() % UInt64(words.count))]
            }
            let broken = parts.joined(separator: " ")
            let mistakes = Mistakes()
            let isRead: Bool
            if text == pumps {
                isRead = PumpGroup.read(broken, into: mistakes) != nil
            } else {
                let (rule, _, found) = Works.read(broken)
                isRead = rule != nil
                for sentence in found { mistakes.add(sentence, at: Place(file: "")) }
            }
            #expect(isRead == mistakes.isEmpty, "\(broken)")
            good += isRead ? 1 : 0
        }
        #expect(good < 100)
    }
}
