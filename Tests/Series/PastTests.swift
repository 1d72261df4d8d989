import Telemetry
import TestSupport
import Testing

@testable import Series

@Suite("A point's past in rows")
struct PastTests {
    /// One letter a second: a digit is a good reading, `u` an uncertain one, `b` and `x` bad ones, `.` silence; blanks part rows.
    private static func drawn(_ seconds: String) -> (columns: Columns, edges: [Int64]) {
        var columns = Columns()
        var edges = [midnight]
        var time = midnight
        for letter in seconds {
            switch letter {
            case " ": edges.append(time)
            case "u": columns.append(at(time), .uncertain(.double(99), .stale))
            case "b": columns.append(at(time), .bad(.commFailure))
            case "x": columns.append(at(time), .bad(.outOfRange))
            case ".": break
            default: columns.append(at(time), .good(.double(Double(String(letter)) ?? .nan)))
            }
            if letter != " " { time += 1000 }
        }
        return (columns, edges + [time])
    }

    private static let name = PointName("station/pump/level")

    private func past(_ seconds: String, silence: Int? = 1, isWeighted: Bool = false) throws -> Past {
        let (columns, edges) = Self.drawn(seconds)
        var gathering = Gathering(from: at(edges[0]), to: at(edges[edges.count - 1]))
        gathering.add(columns)
        return gathering.past(
            of: try #require(Self.name), unit: "m", edges: edges, silence: silence.map { .seconds($0) }, isWeighted: isWeighted)
    }

    @Test("a row has the least, the greatest, the mean, the first and the last of what was good, and how much was not")
    func values() throws {
        let rows = try past("123 ub. ... 4b5").rows
        #expect(rows.map(\.rollup.mean) == [2, nil, nil, 4.5])
        #expect(rows.map(\.rollup.min) == [1, nil, nil, 4] && rows.map(\.rollup.max) == [3, nil, nil, 5])
        #expect(rows.map(\.first) == [.double(1), nil, nil, .double(4)])
        #expect(rows.map(\.rollup.last?.value) == [.double(3), nil, nil, .double(5)])
        #expect(rows.map(\.rollup.good) == [3, 0, 0, 2] && rows.map(\.rollup.uncertain) == [0, 1, 0, 0] && rows.map(\.bad) == [0, 1, 0, 1])
        #expect(rows.map(\.missing) == [1000, 3000, 3000, 2000], "from the last good sample to the next")
    }

    @Test(
        "a gap reaches from the last good sample to the next, and says what was there instead",
        arguments: [
            // Letters, silence in seconds, gaps: first second, last second, why.
            ("111 111 111", 1, []), ("111 ... 111", 1, ["2-6 device-silent"]), ("111 ... 111", 3, ["2-6 device-silent"]),
            ("111 ... 111", 4, []), ("11b bx. .11", 1, ["1-7 comm-failure"]), ("11u uuu u11", 1, ["1-7 stale"]),
            ("11x xxb b11", 1, ["1-7 out-of-range"]), (".11 111 11.", 1, ["7-9 device-silent"]),
            ("..1 111 1..", 1, ["0-2 device-silent", "6-9 device-silent"]),
            ("... ... ...", 1, ["0-9 device-silent"]), ("bbb .b.", nil, ["0-6 comm-failure"]), ("1.. 1.. 1..", 3, []),
            ("1.1 .1. 1.1", nil, []), ("111 1.. ... ..1 111", nil, ["3-11 device-silent"]), ("1.. ... ..1", nil, []),
        ] as [(String, Int?, [String])])
    func gaps(seconds: String, silence: Int?, wanted: [String]) throws {
        let found = try past(seconds, silence: silence).gaps.map {
            "\(($0.from.milliseconds - midnight) / 1000)-\(($0.to.milliseconds - midnight) / 1000) \($0.why.word)"
        }
        #expect(found == wanted)
    }

    @Test("rows and gaps agree: what a row misses is what the gaps in it last", arguments: 0..<40 as Range<UInt64>)
    func agreement(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let text = (0..<60).map { second -> String in
            let letters = (0..<2).map { _ in random.pick(["1", "2", "3", "b", ".", ".", ".", "u"]) }.joined()
            return letters + (second % 5 == 4 && second < 59 ? " " : "")
        }.joined()
        let past = try past(text, silence: Int.random(in: 1...4, using: &random))
        #expect(past.rows.reduce(0) { $0 + $1.missing } == past.gaps.reduce(0) { $0 + $1.length.wholeMilliseconds })
        for row in past.rows {
            #expect((row.missing > 0) == (row.why != nil))
            #expect(row.rollup.good > 0 || row.rollup.statistics == nil && row.rollup.last == nil && row.first == nil)
        }
    }

    @Test("samples in any order and any parts give the same past", arguments: 0..<20 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let (columns, edges) = Self.drawn("1234 5b.. u678 9... ...1 2345")
        var samples: [TimedReading] = []
        columns.forEach { samples.append(($0, $1)) }
        func past(_ parts: [Columns]) throws -> Past {
            var gathering = Gathering(from: at(edges[0]), to: at(edges[edges.count - 1]))
            for part in parts { gathering.add(part) }
            return gathering.past(of: try #require(Self.name), unit: "m", edges: edges, silence: nil, isWeighted: true)
        }
        let inOrder = try past([columns])
        let shuffled = samples.shuffled(using: &random)
        let cut = Int.random(in: 1..<shuffled.count, using: &random)
        #expect(try past([Columns(shuffled[..<cut]), Columns(shuffled[cut...])]) == inOrder)
    }

    @Test("a mean by time counts a value for as long as it held, and for no longer than samples may be apart")
    func weighted() throws {
        // 1 held for three seconds and 5 for one; then for two and one, since a bad sample ends it; then 4 until it is too old.
        let rows = try past("1..5 1.5b 4... ....", silence: 3, isWeighted: true).rows
        #expect(rows.map(\.weighted) == [2, 7.0 / 3, 4, nil])
        let across = try past("8... .2.. ....", silence: 9, isWeighted: true).rows
        #expect(across.map(\.weighted) == [8, 3.5, 2])
    }

    @Test("absences explain the gaps they touch, and slivers beside them go with them")
    func absences() throws {
        let past = try past("1111 .... ...b bbb. ...1", silence: 2)
        #expect(past.gaps.map(\.why) == [.notGood(.commFailure)])
        func second(_ number: Int64) -> Timestamp { at(midnight + number * 1000) }
        func explained(_ from: Int64, _ to: Int64) -> [String] {
            past.explained(by: [.init(from: second(from), to: second(to), why: .gatewayDown)], from: second(0), to: second(20)).gaps.map {
                "\(($0.from.milliseconds - midnight) / 1000)-\(($0.to.milliseconds - midnight) / 1000) \($0.why.word)"
            }
        }
        #expect(explained(4, 10) == ["3-10 gateway-not-running", "10-19 comm-failure"])
        #expect(explained(7, 10) == ["3-7 comm-failure", "7-10 gateway-not-running", "10-19 comm-failure"])
        #expect(explained(8, 10) == ["3-19 comm-failure"])
        #expect(explained(0, 18) == ["3-19 gateway-not-running"])
        #expect(explained(0, 3) == ["3-19 comm-failure"])
        let rows = past.explained(
            by: [.init(from: second(4), to: second(9), why: .gatewayDown)], from: second(0), to: second(20)).rows
        let (down, failure) = ("gateway-not-running", "comm-failure")
        #expect(rows.compactMap { $0.why?.word } == [down, down, failure, failure, failure])
    }

    @Test("rows from rollups are the rows from the samples, in any mixture of both", arguments: 0..<40 as Range<UInt64>)
    func rollups(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let samples = (0..<4000).filter { _ in Int.random(in: 0..<5, using: &random) > 0 }.map { index -> TimedReading in
            // Eighths add up without rounding.
            let value = Value.double(Double(Int.random(in: -800...800, using: &random)) / 8)
            let good = Reading.good(value)
            return (at(midnight + Int64(index) * 7000), random.pick([good, good, good, .bad(.stale), .uncertain(value, .stale)]))
        }
        let cut = Int.random(in: 0...samples.count, using: &random)
        let step = try #require(Step(random.pick(["1m", "5m", "1h", "6h", "1d"])))
        let edges = try step.edges(from: at(midnight), to: at(midnight + 28_000_000), limit: 1000) { _ in 0 }
        func rows(_ fill: (inout Gathering) -> Void) throws -> [Past.Row] {
            var gathering = Gathering(from: at(midnight), to: at(midnight + 28_000_000))
            fill(&gathering)
            return gathering.past(of: try #require(Self.name), unit: "m", edges: edges, silence: .seconds(86_400)).rows
        }
        let raw = try rows { $0.add(Columns(samples)) }
        let mixed = try rows { gathering in
            for rollup in Rollup.of(Columns(samples[..<cut]), length: .seconds(60)) { gathering.add(rollup, length: .seconds(60)) }
            gathering.add(Columns(samples[cut...]))
        }
        #expect(mixed.map(\.rollup) == raw.map(\.rollup))
    }
}
