import Telemetry
import Testing

@testable import Historian

@Suite("The thinner")
struct ThinnerTests {
    /// What stays of one point's readings, a line of `second reading` each.
    private func kept(_ samples: [(second: Int, reading: Reading)]) -> [Int] {
        var thinner = Thinner()
        return samples.filter { thinner.keeps(7, noon.advanced(by: .seconds($0.second)), $0.reading) }.map(\.second)
    }

    @Test("of a number that is always good, the first of each minute of the clock stays")
    func minutes() {
        #expect(kept((0..<200).map { ($0 * 2 + 30, .good(.double(Double($0)))) }) == [30, 60, 120, 180, 240, 300, 360, 420])
        // Noon is a full minute: what is just before it belongs to the one before.
        #expect(kept([-1, 0, 1, 59, 60].map { ($0, .good(.int(3))) }) == [-1, 0, 60])
    }

    @Test("every change of quality, cause, truth value or text stays, and what repeats it goes")
    func changes() {
        let readings: [Reading] = [
            .good(.bool(false)), .good(.bool(false)), .good(.bool(true)), .good(.bool(true)), .good(.bool(false)),
            .uncertain(.bool(false), .stale), .uncertain(.bool(false), .stale), .uncertain(.bool(false), .substituted),
            .bad(.commFailure), .bad(.commFailure), .bad(.sensorFault), .good(.string("auto")), .good(.string("auto")),
            .good(.string("manual")), .good(.double(1)), .good(.double(2)), .good(.uint(3)), .good(.int(4)),
            .uncertain(.double(2), .outOfRange), .uncertain(.double(3), .outOfRange),
        ]
        #expect(kept(Array(readings.enumerated().map { ($0, $1) })) == [0, 2, 4, 5, 7, 8, 10, 11, 13, 14, 18])
    }

    @Test("points do not see each other, and what is older than the sample before it stays")
    func orders() {
        var thinner = Thinner()
        let stays = [(1, 0), (2, 0), (1, 0), (1, -1), (2, 5)].map { (point: Int64, second: Int) in
            thinner.keeps(point, noon.advanced(by: .seconds(second)), .good(.double(Double(second))))
        }
        #expect(stays == [true, true, false, true, false])
        #expect(kept([30, 20, 40, 40, 10].map { ($0, .good(.int(0))) }) == [30, 20, 10])
    }

    @Test("minutes before 1970 and at the ends of the calendar are minutes too")
    func ends() {
        let times: [Int64] = [.min, .min + 1, -60_001, -60_000, -1, 0, 59_999, 60_000, .max - 1, .max]
        var thinner = Thinner()
        let stays = times.filter { thinner.keeps(0, Timestamp(milliseconds: $0), .good(.int(0))) }
        #expect(stays == [.min, -60_001, -60_000, 0, 60_000, .max - 1])
    }

    @Test(
        "in whatever order samples come, every state that was is still there in its order, and every minute that had a sample has one",
        arguments: 0..<50 as Range<UInt64>)
    func anything(seed: UInt64) {
        var random = Seeded(seed)
        var thinner = Thinner()
        var (all, rest): ([(Int64, Reading)], [(Int64, Reading)]) = ([], [])
        var second: Int64 = 0
        for _ in 0..<500 {
            second += Int64.random(in: -3...20, using: &random)
            let reading: Reading =
                switch Int.random(in: 0..<20, using: &random) {
                case 0: .bad(.commFailure)
                case 1: .uncertain(.bool(true), .stale)
                case 2: .good(.string("x"))
                case 3..<12: .good(.bool(Bool.random(using: &random)))
                default: .good(.double(Double.random(in: 0...1, using: &random)))
                }
            all.append((second, reading))
            if thinner.keeps(1, Timestamp(milliseconds: second * 1000), reading) { rest.append((second, reading)) }
        }
        func runs(_ samples: [(Int64, Reading)]) -> [Reading] {
            samples.map(\.1.state).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
        }
        func minutes(_ samples: [(Int64, Reading)]) -> Set<Int64> {
            Set(samples.map { Int64((Double($0.0) / 60).rounded(.down)) })
        }
        #expect(runs(rest) == runs(all))
        #expect(minutes(rest) == minutes(all))
        #expect(rest.count < all.count)
    }
}
