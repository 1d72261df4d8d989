import FoundationEssentials
import Rules
import Telemetry
import Testing

@Suite("A back-test")
struct BacktestTests {
    private static let watering = """
        for-each: farm/zone-*
        inputs: { soil: soil, rain: farm/weather/rain }
        when: soil < 20.0 && rain == 0.0
        hold: 2s
        at-most: 7s
        rest: 5s
        then: [{ point: valve, value: true }]
        """

    /// Five minutes of a farm as it was stored: one batch a second, some of them silent.
    private static func stored(seed: UInt64) -> [[Sample]] {
        var random = SeededRandom(seed: seed)
        return (1...300).compactMap { second -> [Sample]? in
            let time = Drawing.start.wall.advanced(by: .seconds(second))
            let samples = ["zone-1/soil", "zone-2/soil", "zone-3/soil", "weather/rain"].compactMap { name -> Sample? in
                guard random.next() % 5 > 0, let point = Drawing.farm.id(of: "farm/\(name)") else { return nil }
                let value = name == "weather/rain" ? Double(random.next() % 20 / 19) : Double(12 + random.next() % 14)
                return Sample(point: point, time: time, reading: random.next() % 40 == 0 ? .bad(.sensorFault) : .good(.double(value)))
            }
            return samples.isEmpty ? nil : samples
        }
    }

    private static var end: Timestamp { Drawing.start.wall.advanced(by: .seconds(310)) }

    private func report(_ rules: [Rule], _ batches: [[Sample]], stored: [Event] = []) -> BacktestReport {
        var backtest = Backtest(rules: rules, directory: Drawing.farm, start: Drawing.start.wall)
        backtest.play(batches)
        return BacktestReport(&backtest, names: rules.map(\.name), from: Drawing.start.wall, to: Self.end, stored: stored)
    }

    @Test("says what the engine of the gateway did on the same readings", arguments: 1...5)
    func rehearsal(seed: UInt64) throws {
        var drawing = try Drawing(Self.watering)
        let batches = Self.stored(seed: seed)
        for batch in batches {
            let now = Moment(monotonic: .zero + batch[0].time.since(Drawing.start.wall), wall: batch[0].time)
            drawing.rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: batch))
        }
        var backtest = Backtest(rules: drawing.rehearsal.engine.rules, directory: Drawing.farm, start: Drawing.start.wall)
        backtest.play(batches)
        #expect(backtest.events == drawing.rehearsal.events && !backtest.events.isEmpty)
        for zone in 1...3 {
            let valve = try #require(Drawing.farm.id(of: "farm/zone-\(zone)/valve"))
            #expect(backtest.changes.last { $0.point == valve }?.value == drawing.rehearsal.wanted(valve))
        }
    }

    @Test("is the same to the byte each time, and in whatever portions it is fed", arguments: 1...3)
    func deterministic(seed: UInt64) throws {
        let rules = try Drawing(Self.watering).rehearsal.engine.rules
        let batches = Self.stored(seed: seed)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let first = try encoder.encode(report(rules, batches))
        var portions = Backtest(rules: rules, directory: Drawing.farm, start: Drawing.start.wall)
        for start in stride(from: 0, to: batches.count, by: 7) { portions.play(batches[start..<min(start + 7, batches.count)]) }
        let second = BacktestReport(&portions, names: rules.map(\.name), from: Drawing.start.wall, to: Self.end, stored: [])
        #expect(try encoder.encode(second) == first)
        #expect(second.lines == report(rules, batches).lines)
    }

    /// One zone, drawn second by second: the soil, and the valve as it was read.
    private func drawn(_ soil: String, valve: String, stored: [Event] = []) throws -> [String] {
        let body = "inputs: { soil: farm/zone-1/soil }\nwhen: soil < 20.0\nthen: [{ point: farm/zone-1/valve, value: true }]\n"
        let rules = try Drawing(body).rehearsal.engine.rules
        let cells = zip(soil.split(separator: " "), valve.split(separator: " "))
        let batches = cells.enumerated().map { index, cell -> [Sample] in
            let time = Drawing.start.wall.advanced(by: .seconds(index))
            let readings: [(String, Reading)] = [
                ("soil", .good(.double(Double(cell.0) ?? 0))), ("valve", .good(.bool(cell.1 == "O"))),
            ]
            return readings.compactMap { name, reading in
                Drawing.farm.id(of: "farm/zone-1/\(name)").map { Sample(point: $0, time: time, reading: reading) }
            }
        }
        return report(rules, batches, stored: stored).lines
    }

    @Test("prints each change with its reason, and at the end how that differs from what was done")
    func lines() throws {
        func event(_ second: Int, _ text: String) -> Event {
            let time = Drawing.start.wall.advanced(by: .seconds(second))
            return Event(time: time, kind: .decision, subject: "farm/rule-1", origin: "farm/rule-1", text: text)
        }
        let then = [event(2, "wants farm/zone-1/valve true: soil 19 %"), event(9, "lets go of farm/zone-1/valve true after 7 s: soil 25 %")]
        let lines = try drawn("30 19 18 18 18 18 18 30 30 30 30", valve: "x  x  O  O  O  O  O  O  O  O  x", stored: then)
        #expect(
            lines == [
                "farm/rule-1, 2026-06-21T00:00:00.000Z to 2026-06-21T00:05:10.000Z: 22 samples, 2 changes",
                "2026-06-21T00:00:01.000Z  farm/zone-1/valve  true  farm/rule-1: soil 19 %",
                "2026-06-21T00:00:07.000Z  farm/zone-1/valve  nothing  "
                    + "farm/rule-1: lets go of farm/zone-1/valve true after 6 s: soil 30 %",
                "farm/zone-1/valve  apart from what was done for 1 s of 6 s, 1 times, 1 of them short",
                "decisions: 1 as they were, 2 that were not made then, 1 that would not be made",
                "+ 2026-06-21T00:00:07.000Z  farm/rule-1: lets go of farm/zone-1/valve true after 6 s: soil 30 %",
                "- 2026-06-21T00:00:09.000Z  farm/rule-1: lets go of farm/zone-1/valve true after 7 s: soil 25 %",
                "+ 2026-06-21T00:00:13.000Z  farm/rule-1: cannot judge: farm/zone-1/soil is uncertain (stale)",
            ])
    }

    @Test("names each spell in which a valve was not what the rule would have had")
    func spells() throws {
        let lines = try drawn("19 19 19 19 19 19 19 19 30", valve: "O  O  x  x  x  x  x  O  O")
        #expect(lines.contains("farm/zone-1/valve  apart from what was done for 5 s of 8 s, 1 times"))
        #expect(lines.contains("  2026-06-21T00:00:02.000Z to 2026-06-21T00:00:07.000Z: wanted true, was false"))
    }

    @Test("hears a reading that is older than the one before at once, and goes on")
    func backwards() throws {
        let rules = try Drawing(Self.watering).rehearsal.engine.rules
        var batches = Self.stored(seed: 1)
        batches.swapAt(10, 50)
        var backtest = Backtest(rules: rules, directory: Drawing.farm, start: Drawing.start.wall)
        backtest.play(batches)
        #expect(backtest.samples == batches.map(\.count).reduce(0, +))
        let times = backtest.events.map(\.time)
        #expect(times == times.sorted())
    }
}
