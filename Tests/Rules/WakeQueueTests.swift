import Documents
import Telemetry
import Testing

@testable import Rules

@Suite("The order in which judges are asked")
struct WakeQueueTests {
    @Test("by time is that of a plain list, whatever is set and taken", arguments: 1...10)
    func plain(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = WakeQueue(count: 40)
        var times: [Monotonic?] = Array(repeating: Monotonic(nanoseconds: .min), count: 40)
        for step in 0..<2000 {
            let member = Int.random(in: 0..<40, using: &random)
            let time = random.next() % 8 == 0 ? nil : Monotonic(nanoseconds: Int64(step + Int.random(in: -5...50, using: &random)))
            queue.set(member, to: time)
            times[member] = time
            #expect(queue.soonest == times.compactMap(\.self).min())
            guard random.next() % 4 == 0 else { continue }
            let now = Monotonic(nanoseconds: Int64(step))
            let due = times.indices.filter { times[$0].map { $0 <= now } ?? false }
            for index in due { times[index] = nil }
            #expect(queue.take(until: now).sorted() == due)
        }
    }

    @Test("by dependence exhausts no stack, however long the chain")
    func chain() {
        let count = 50_000
        let judges = (0..<count).map { index in Link(reads: index + 1 < count ? [index + 1] : [], makes: index) }
        #expect(Dependencies(of: judges).order == Array((0..<count).reversed()))
        let ring = (0..<count).map { Link(reads: [($0 + 1) % count], makes: $0) }
        #expect(Dependencies(of: ring).circles.map(\.count) == [count + 1])
    }

    @Test("by dependence puts every source first, and is the declared one among those that do not depend", arguments: 1...20)
    func order(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        // Who reads only what higher numbers make can be in no circle.
        let judges = (0..<60).map { index in
            Link(reads: (0..<3).map { _ in Int.random(in: index + 1...index + 30, using: &random) }, makes: index)
        }.shuffled(using: &random)
        let found = Dependencies(of: judges)
        #expect(found.circles.isEmpty && found.order.sorted() == Array(0..<60))
        var seen: Set<PointID> = []
        for index in found.order {
            let inner = judges[index].points.filter { $0.index < 60 }
            #expect(seen.isSuperset(of: inner))
            if let point = judges[index].derives?.point { seen.insert(point) }
        }
        let free = (0..<9).map { Link(reads: [100 + $0], makes: $0) }
        #expect(Dependencies(of: free).order == Array(0..<9))
    }
}

/// A judge that reads some points and makes one.
private struct Link: Judge {
    let name = "link"
    let points: [PointID]
    let derives: Derived?
    let targets: [Target] = []
    let hearing = Hearing.changes
    let state = JudgeState("", "")

    init(reads: [Int], makes: Int) {
        points = reads.map { PointID(index: $0) }
        derives = Derived(point: PointID(index: makes), maximumAge: .zero, place: Place(file: ""))
    }

    mutating func judge(_ view: View, at now: Moment) -> Judgement { Judgement() }
}
