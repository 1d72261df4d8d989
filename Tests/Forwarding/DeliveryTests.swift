import Historian
import Telemetry
import Testing

@testable import Forwarding

@Suite("A delivery")
struct DeliveryTests {
    /// Entries whose samples are good, `-` for one that the receiver refuses: `"gg g-g -"`.
    private func entries(_ picture: String) -> [Entry] {
        picture.split(separator: " ").enumerated().map { index, samples in
            entry(
                Int64(index + 1),
                samples.enumerated().map { ("p\($0)", Int64($0), $1 == "-" ? .bad(.sensorFault) : .good(.int(1))) })
        }
    }

    private func isRefused(_ entries: [Entry]) -> Bool {
        entries.contains { $0.samples.contains { $0.reading == .bad(.sensorFault) } }
    }

    /// Lets the receiver answer until the delivery is through. Returns what was reported, and how many sends it took.
    private func run(_ delivery: inout Delivery) -> (reports: [Delivery.Progress], sends: Int) {
        var (reports, sends): ([Delivery.Progress], Int) = ([], 0)
        while let next = delivery.next {
            sends += 1
            let progress = isRefused(next) ? delivery.refused("malformed") : delivery.accepted()
            if let progress { reports.append(progress) }
        }
        return (reports, sends)
    }

    @Test("what is taken at once is settled at once")
    func whole() {
        var delivery = Delivery(entries("gg g ggg"))
        #expect(run(&delivery) == ([Delivery.Progress(through: 3, acknowledged: 6)], 1))
    }

    @Test("one sample at fault is found, and it alone is given up")
    func poison() {
        var delivery = Delivery(entries("ggg g-g ggg ggg"))
        let reports = run(&delivery).reports
        #expect(reports.reduce(0) { $0 + $1.acknowledged } == 11)
        #expect(reports.flatMap(\.refused).map(\.entry.seq) == [2])
        #expect(reports.flatMap(\.refused).map(\.faults.count) == [1])
        #expect(reports.last?.through == 4)
    }

    @Test("a receiver that refuses everything costs nothing", arguments: ["-", "--", "- - -", "-- --- -"])
    func refusesEverything(picture: String) {
        var delivery = Delivery(entries(picture))
        #expect(run(&delivery).reports.isEmpty)
        #expect(delivery.isRefusedAltogether)
    }

    @Test("one bad point in every entry there is does not stop the others")
    func everyEntry() {
        var delivery = Delivery(entries("g-g g-g g-g"))
        let reports = run(&delivery).reports
        #expect(reports.reduce(0) { $0 + $1.acknowledged } == 6)
        #expect(reports.flatMap(\.refused).map(\.faults.count) == [1, 1, 1])
    }

    @Test("entries without samples are passed, and prove nothing about the receiver")
    func empty() {
        let none = Entry(seq: 1, site: "a", device: "b", received: Timestamp(milliseconds: 0), samples: [])
        var delivery = Delivery([none])
        #expect(run(&delivery).reports == [Delivery.Progress(through: 1)])
        var mixed = Delivery([none, entry(2, [("p", 0, .bad(.sensorFault))])])
        #expect(run(&mixed).reports == [Delivery.Progress(through: 1)])
        #expect(mixed.isRefusedAltogether)
    }

    @Test("taken and refused add up, in order, whatever is at fault", arguments: 0..<200 as Range<UInt64>)
    func addsUp(seed: UInt64) {
        var random = Seeded(seed)
        let share = [0.01, 0.1, 0.5].randomElement(using: &random) ?? 0.5
        let picture = (0..<Int.random(in: 1...40, using: &random)).map { _ in
            String(
                (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    Double.random(in: 0..<1, using: &random) < share ? "-" : "g"
                })
        }
        let entries = entries(picture.joined(separator: " "))
        var delivery = Delivery(entries)
        let reports = run(&delivery).reports
        let good = picture.joined().count { $0 == "g" }
        let bad = picture.joined().count { $0 == "-" }
        if delivery.isRefusedAltogether {
            // Only the first entry was looked into, and it had nothing to give.
            #expect(reports.isEmpty && picture.allSatisfy { $0.contains("-") } && picture[0].allSatisfy { $0 == "-" })
        } else {
            #expect(reports.reduce(0) { $0 + $1.acknowledged } == good)
            #expect(reports.flatMap(\.refused).reduce(0) { $0 + $1.faults.count } == bad)
            #expect(reports.map(\.through) == reports.map(\.through).sorted())
            #expect(reports.last?.through == Int64(entries.count))
        }
    }

    @Test("what the receiver names is left out, and the rest goes once more: two sends, however many they are")
    func named() {
        var delivery = Delivery(entries("gg -g g-- ggg"))
        #expect(delivery.refused([3, 6, 7].map { .init(sample: $0 - 1, reason: "bad \($0)", isCertain: false) }) == nil)
        #expect(delivery.next?.map { $0.samples.count } == [2, 1, 1, 3])
        let progress = delivery.accepted()
        #expect(progress?.through == 4 && progress?.acknowledged == 7)
        #expect(progress?.refused.map { $0.faults.map(\.place) } == [[0], [1, 2]])
        #expect(progress?.refused.flatMap(\.faults).map(\.reason) == ["bad 3", "bad 6", "bad 7"])
        #expect(delivery.next == nil && !delivery.isRefusedAltogether)
    }

    @Test("names count among what is left, and none that is not there is believed")
    func namedAgain() {
        var delivery = Delivery(entries("ggg g"))
        #expect(delivery.refused([.init(sample: 1, reason: "a", isCertain: false)]) == nil)
        #expect(
            delivery.refused([.init(sample: 1, reason: "b", isCertain: false), .init(sample: 9, reason: "c", isCertain: false)])
                == nil)
        let progress = delivery.accepted()
        #expect(progress?.refused.flatMap(\.faults).map(\.place) == [1, 2] && progress?.acknowledged == 2)
        var other = Delivery(entries("g g"))
        #expect(other.refused([.init(sample: -1, reason: "d", isCertain: false)]) == nil)
        #expect(other.next?.map(\.seq) == [1])
    }

    @Test("a receiver that names all there is has a fault of its own, unless it is certain of theirs")
    func namesAll() {
        for isCertain in [false, true] {
            var delivery = Delivery(entries("gg g"))
            let progress = delivery.refused((0..<3).map { .init(sample: $0, reason: "old", isCertain: isCertain) })
            #expect(delivery.next == nil)
            #expect(delivery.isRefusedAltogether == !isCertain)
            #expect((progress?.refused.reduce(0) { $0 + $1.faults.count } ?? 0) == (isCertain ? 3 : 0))
        }
    }

    @Test("where most of a batch is refused, nothing is given up; what stood before it is settled")
    func most() {
        var delivery = Delivery(entries("gg --g --g --"), greatestFault: 0.5)
        let reports = run(&delivery).reports
        #expect(reports == [Delivery.Progress(through: 1, acknowledged: 2)] && delivery.isRefusedAltogether)
        var other = Delivery(entries("gg --g ggg --"), greatestFault: 0.5)
        let settled = run(&other).reports
        #expect(settled.last?.through == 4 && settled.reduce(0) { $0 + $1.acknowledged } == 6)
        #expect(settled.flatMap(\.refused).reduce(0) { $0 + $1.faults.count } == 4)
    }
}
