import Historian
import Sparkplug
import Telemetry
import Testing

@testable import Forwarding

@Suite("What an edge node's shell decides")
struct SparkplugDecisionTests {
    // MARK: Receipts

    private final class Desk {
        private var receipts = SparkplugReceipts<String>()
        func sent(_ waiter: String) { receipts.sent(waiter) }
        func interrupt() { receipts.interrupt() }
        func begin() -> Bool { receipts.begin() }
        func answered(_ isReached: Bool) -> [String] { receipts.answered(isReached).map { "\($0.waiter) \($0.isDelivered)" } }
    }

    @Test("a barrier's answer is the receipt of all that was sent before it was asked for, and of nothing since")
    func barrier() {
        let receipts = Desk()
        #expect(!receipts.begin())
        receipts.sent("a")
        receipts.sent("b")
        #expect(receipts.begin())
        receipts.sent("c")
        #expect(!receipts.begin(), "one at a time")
        #expect(receipts.answered(true) == ["a true", "b true"])
        #expect(receipts.begin())
        #expect(receipts.answered(true) == ["c true"])
        #expect(!receipts.begin())
    }

    @Test("what a birth, a death or the end of the connection comes upon has not arrived, and what follows it has")
    func interrupted() {
        let receipts = Desk()
        receipts.sent("a")
        #expect(receipts.begin())
        receipts.sent("b")
        receipts.interrupt()
        receipts.sent("c")
        #expect(receipts.answered(true) == ["a false"])
        #expect(receipts.begin())
        #expect(receipts.answered(true) == ["b false", "c true"])
        receipts.sent("d")
        #expect(receipts.begin())
        #expect(receipts.answered(false) == ["d false"])
    }

    @Test("each is answered once, and none as delivered in a session other than its own", arguments: 0..<20 as Range<UInt64>)
    func anyCourse(seed: UInt64) {
        var random = Seeded(seed)
        var receipts = SparkplugReceipts<(number: Int, session: Int)>()
        var (sent, session, isAsking) = (0, 0, false)
        var answers: [Int: Bool] = [:]
        for _ in 0..<2000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                receipts.sent((sent, session))
                sent += 1
            case 5..<7:
                if receipts.begin() {
                    #expect(!isAsking)
                    isAsking = true
                }
            case 7..<9 where isAsking:
                isAsking = false
                let isReached = Bool.random(using: &random)
                for (waiter, isDelivered) in receipts.answered(isReached) {
                    #expect(answers.updateValue(isDelivered, forKey: waiter.number) == nil)
                    #expect(isDelivered == (isReached && waiter.session == session))
                }
            default:
                receipts.interrupt()
                session += 1
            }
        }
        if isAsking { for (waiter, _) in receipts.answered(true) { answers[waiter.number] = true } }
        if receipts.begin() { for (waiter, _) in receipts.answered(true) { answers[waiter.number] = true } }
        #expect(answers.count == sent)
    }

    // MARK: Presence

    /// `a+` reads well, `a-` has no answer, `a?` reads badly for another reason; a space begins the next entry.
    private func changes(_ course: String) -> [SparkplugPresence.Change?] {
        var presence = SparkplugPresence()
        return course.split(separator: " ").enumerated().map { index, entry in
            let pairs = stride(from: 0, to: entry.count - 1, by: 2).map { Array(entry)[$0...($0 + 1)] }
            let readings = pairs.map { pair in
                (
                    point: String(pair[pair.startIndex]),
                    reading: pair.last == "+" ? Reading.good(.double(1)) : .bad(pair.last == "-" ? .commFailure : .sensorFault)
                )
            }
            return presence.hear(readings, of: "pump", seq: Int64(index))
        }
    }

    @Test("a device is lost when all of its points have no answer, and back with the first that has")
    func lostAndBack() {
        #expect(changes("a+b+ a-b- a-b- a+ b-") == [nil, .lost, nil, .back, nil])
        #expect(changes("a- a+") == [.lost, .back], "never there")
    }

    @Test("a device is not lost by one register that is always refused, nor by a sensor that is broken")
    func halfBroken() {
        #expect(changes("a+b- b- a- a?") == [nil, nil, .lost, .back])
        #expect(changes("a+ b- a+ b-") == [nil, nil, nil, nil])
        #expect(changes("a?b? a?b?") == [nil, nil])
    }

    @Test("an entry that comes late says nothing of the present")
    func late() {
        var presence = SparkplugPresence()
        let (good, bad) = (Reading.good(.double(1)), Reading.bad(.commFailure))
        let changes = [
            presence.hear([("a", bad)], of: "pump", seq: 7), presence.hear([("a", good)], of: "pump", seq: 6),
            presence.hear([("a", good)], of: "valve", seq: 6), presence.hear([], of: "pump", seq: 8),
            presence.hear([("a", good)], of: "pump", seq: 8),
        ]
        #expect(changes == [.lost, nil, nil, nil, .back])
    }

    // MARK: Names

    @Test("consecutive entries of one device are one piece, and order is kept")
    func merged() throws {
        let names = SparkplugNames(directory)
        let entries = [
            entry(1, [("p0", 1, .good(.double(1)))]), entry(2, [("p1", 2, .good(.double(2)))]),
            entry(3, [("p0", 3, .good(.double(3)))], site: "south", device: "valve"), entry(4, [("p0", 4, .bad(.commFailure))]),
        ]
        let pieces = SparkplugPiece.merged(try entries.map(names.piece))
        #expect(pieces.map(\.device) == ["north-pump", "south-valve", "north-pump"])
        #expect(pieces.map(\.seq) == [2, 3, 4])
        #expect(pieces.map { $0.samples.map(\.metric) } == [["p0", "p1"], ["p0"], ["p0"]])
        #expect(names.point("p1", of: "south-valve") == "south/valve/p1")
        #expect(names.point("p1", of: "south") == nil)
    }

    @Test(
        "what no birth has introduced is refused by name",
        arguments: [
            ("north", "well", "p0", Value.double(1), "north/well is no device of this configuration, and so of no birth"),
            ("north", "pump", "p9", .double(1), "north/pump/p9 is no point of this configuration, and so of no birth"),
            ("north", "pump", "p0", .string("on"), "north/pump/p0 was string and is double in this configuration's birth"),
        ])
    func unknown(site: String, device: String, point: String, value: Value, told: String) {
        let names = SparkplugNames(directory)
        #expect(throws: DestinationError.refused(told)) {
            try names.piece(of: entry(1, [(point, 1, .good(value))], site: site, device: device))
        }
    }

    @Test("births say of a point what the configuration does, and nothing can be written unless commands are heard")
    func definitions() {
        let points = [("run", ValueType.bool, true), ("level", .double, false)].compactMap { point, type, isWritable in
            PointName(site: "north", device: "pump", point: point).map {
                Point(
                    name: $0, device: DeviceID(index: 0), type: type, unit: type == .bool ? "" : "m", range: type == .bool ? nil : 0...6,
                    maximumAge: .seconds(3), isWritable: isWritable)
            }
        }
        let directory = Directory(points: points, devices: [("north", "pump")])
        var settings = SparkplugSettings(group: "county", node: "gateway")
        let run = MetricDefinition(name: "run", type: .bool)
        let level = MetricDefinition(name: "level", type: .double, unit: "m", range: 0...6)
        #expect(settings.configuration(directory).devices == [DeviceDefinition(id: "north-pump", metrics: [run, level])])
        settings.commandAge = .seconds(20)
        let configuration = settings.configuration(directory)
        #expect(configuration.devices.first?.metrics.map(\.isWritable) == [true, false])
        #expect(configuration.maximumCommandAge == .seconds(20) && configuration.mistakes().isEmpty)
    }
}
