import Plants
import Testing

@testable import CountyServers

@Suite("Fleet schedule")
struct FleetScheduleTests {
    @Test("in 30 s each vehicle sends six times and each bin once, however time is cut", arguments: [UInt64](1...3))
    func counts(seed: UInt64) {
        let schedule = FleetSchedule(vehicles: 12, bins: 60)
        var dice = Dice(seed: seed, stream: 1)
        var counts: [FleetSchedule.Sender: Int] = [:]
        var now = 100.0
        var last = 0.0
        while now < 130 {
            let next = min(130, now + dice.between(0.01, 0.4))
            for (sender, at) in schedule.due(after: now, until: next) {
                counts[sender, default: 0] += 1
                #expect(at > now && at <= next && at >= last)
                last = at
            }
            now = next
        }
        #expect(counts.count == 72)
        #expect((0..<12).allSatisfy { counts[.vehicle($0)] == 6 })
        #expect((0..<60).allSatisfy { counts[.bin($0)] == 1 })
    }

    @Test("no two bins send at one moment, and none before the start")
    func staggered() {
        let schedule = FleetSchedule(vehicles: 12, bins: 60)
        let due = schedule.due(after: -1000, until: 29.99)
        let moments = due.filter { if case .bin = $0.sender { true } else { false } }.map(\.at)
        #expect(Set(moments).count == 60)
        #expect(due.allSatisfy { $0.at >= 0 })
    }
}
