import Foundation
import Gateway
import Plants
import Telemetry
import Testing
import VirtualCounty

@Suite("the simulated county and what must never happen in it")
struct SimulationTests {
    private static let seeds: [UInt64] = Simulation.isLong ? Array(1...100) : Array(1...5)
    private static let days = Simulation.isLong ? 10 : 1

    @Test("days in which everything goes wrong bring no violation")
    func safety() async throws {
        let plan = try Simulation.plan("site")
        // As many at a time as there are cores; the tests themselves run one by one.
        await withTaskGroup(of: VirtualCounty.self) { group in
            var seeds = Self.seeds.makeIterator()
            func begin() {
                guard let seed = seeds.next() else { return }
                group.addTask {
                    var county = Simulation.county(plan, seed: seed)
                    county.run(for: .seconds(Self.days * 86_400))
                    return county
                }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { begin() }
            for await county in group {
                begin()
                judge(county)
            }
        }
    }

    private func judge(_ county: VirtualCounty) {
        let story = county.chronicle.last.joined(separator: "\n")
        let violation = county.violation.map { "\($0), \($0.at)" } ?? ""
        #expect(county.violation == nil, "seed \(county.options.seed): \(violation)\n\(story)")
        // A day in which nothing went wrong would prove nothing.
        #expect(county.tally.crashes > 0 && county.tally.commands > 20 && county.tally.writes > 50, "\(county.tally)")
        #expect(county.tally.faults.count { !$0.key.hasPrefix("command ") } > 12, "\(county.tally.faults)")
    }

    @Test("the same seed gives the same county, to the byte; another one another")
    func repeatable() throws {
        let plan = try Simulation.plan("station")
        let runs = [7, 7, 8].map { (seed: UInt64) in
            var county = Simulation.county(plan, seed: seed)
            county.run(for: .seconds(6 * 3600))
            return county
        }
        #expect(runs[0].summary == runs[1].summary)
        #expect(runs[0].chronicle.last == runs[1].chronicle.last)
        #expect(runs[0].chronicle.fingerprint != runs[2].chronicle.fingerprint)
    }

    @Test("a wall clock that is set, forwards, backwards or to nonsense, fires and skips nothing", arguments: 1...3 as ClosedRange<UInt64>)
    func twins(seed: UInt64) throws {
        let plan = try Simulation.plan("station")
        let twins = [false, true].map { isSet in
            var county = VirtualCounty(plan, VirtualCounty.Options(seed: seed))
            var random = SeededRandom(seed: seed)
            var commanded: [[Bool]] = []
            county.run(for: .seconds(4 * 3600)) { county in
                commanded.append(county.station.pumps.map(\.isCommanded))
                guard Int.random(in: 0..<120, using: &random) == 0 else { return }
                let error = [0, 3_600_000, -3_600_000, 90_000, -5000].randomElement(using: &random) ?? 0
                if isSet { county.setClock(error: .milliseconds(error), isTrusted: Bool.random(using: &random)) }
            }
            return commanded
        }
        #expect(twins[0].contains { $0.contains(true) })
        #expect(twins[0].count == twins[1].count && twins[0] == twins[1])
    }

    @Test("never 16: a simulation reaches real outputs: it has no way to one, and makes no folder")
    func construction() throws {
        let folder = Simulation.root.appending(path: "Simulators/Virtual")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        #expect(names.count > 10)
        for name in names {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let doors = [
                "import ModbusTransport", "import MQTT", "import NIO", "import Historian", "FileManager", "FileHandle", ".write(to:",
            ]
            for word in doors {
                #expect(!text.contains(word), "\(name) has '\(word)'")
            }
        }
        let data = Simulation.root.appending(path: "Simulators/county/data").path
        let before = FileManager.default.fileExists(atPath: data)
        var county = Simulation.county(try Simulation.plan("station"), seed: 1)
        county.run(for: .seconds(3600))
        #expect(FileManager.default.fileExists(atPath: data) == before)
    }

    @Test("every item of the safety list is judged, held by construction, or said to be missing")
    func list() {
        #expect(SafetyItem.allCases.map(\.rawValue) == Array(1...24))
        #expect(SafetyItem.allCases.count { $0.standing == .judged } == 13)
    }
}
