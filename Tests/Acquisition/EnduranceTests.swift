import FoundationEssentials
import Modbus
import Telemetry
import Testing

@testable import Acquisition

@Suite("a day on a link where a fifth of the devices is always dead")
struct EnduranceTests {
    /// One seed, or many with HEADGATE_LONG.
    private static var seeds: ClosedRange<UInt64> { ProcessInfo.processInfo.environment["HEADGATE_LONG"] == nil ? 1...1 : 1...25 }

    private static let units = 20
    private static let timeout = Duration.milliseconds(500)
    private static let share = 0.1

    private static func plan(_ medium: LinkPlan.Medium) -> LinkPlan {
        LinkPlan(
            name: "bus", medium: medium, timeout: timeout, deadShare: share,
            devices: (0..<units).map { index in
                PolledDevice(
                    id: DeviceID(index: index), name: "site/d\(index + 1)", unit: UnitID(UInt8(index + 1)),
                    requestsInFlight: index % 4 + 1,
                    points: [
                        PolledPoint(0, id: index * 2, every: .seconds(index % 5 == 0 ? 10 : 30)),
                        PolledPoint(500, id: index * 2 + 1, every: .seconds(index % 7 == 0 ? 3600 : 300)),
                    ])
            })
    }

    /// When each unit's fast class first and last brought something good in its present life.
    private final class Ledger {
        var firstGood = [Monotonic?](repeating: nil, count: units)
        var lastGood = [Monotonic](repeating: .zero, count: units)

        func note(_ batch: Batch) {
            let device = batch.device.index
            guard batch.samples.first?.point.index == device * 2, batch.samples.first?.reading.isGood == true else { return }
            if firstGood[device] == nil { firstGood[device] = batch.received.monotonic }
            lastGood[device] = batch.received.monotonic
        }
    }

    @Test(
        "none stalls, every one is back within its bound, and nothing grows",
        arguments: [LinkPlan.Medium.wire, .line(baud: 19_200)], seeds)
    func day(medium: LinkPlan.Medium, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var link = VirtualLink(Self.plan(medium), seed: seed)
        let ledger = Ledger()
        link.isKept = false
        link.look = { ledger.note($0) }
        // Alive 20 minutes and dead 5, on average: a fifth is dead at any time.
        var changes = (0..<Self.units).map { _ in Monotonic.zero + .seconds(Double.random(in: 60...2400, using: &random)) }
        var aliveSince = [Monotonic?](repeating: .zero, count: Self.units)
        var (recoveries, deaths, mostDead, mostLoad) = (0, 0, 0, 0)
        let end = Monotonic.zero + .seconds(86_400)
        while link.now.monotonic < end {
            let next = min(changes.min() ?? end, end)
            link.run(for: next - link.now.monotonic)
            mostLoad = max(mostLoad, link.poller.load)
            for unit in 0..<Self.units where changes[unit] <= link.now.monotonic {
                if let since = aliveSince[unit] {
                    check(unit, aliveSince: since, mostDead: mostDead, ledger, link.now.monotonic, &recoveries)
                    aliveSince[unit] = nil
                    deaths += 1
                    link.manners[UInt8(unit + 1)] = Bool.random(using: &random) ? .silent : .refuses(11)
                } else {
                    aliveSince[unit] = link.now.monotonic
                    ledger.firstGood[unit] = nil
                    link.manners[UInt8(unit + 1)] = nil
                }
                let mean = aliveSince[unit] == nil ? 300.0 : 1200
                let wait = mean * Double.random(in: 0.1...1.9, using: &random)
                changes[unit] = link.now.monotonic + .seconds(wait)
            }
            mostDead = max(mostDead, aliveSince.count { $0 == nil })
        }
        #expect(deaths > 500 && recoveries > 500, "\(deaths) deaths, \(recoveries) recoveries")
        #expect(mostLoad <= Self.units * 12, "\(mostLoad) things waited at once")
        #expect(link.events.count <= 2 * deaths + 2)
        #expect(link.steps < 4_000_000)
    }

    /// At the end of a life: it was heard soon after it began, and to the last.
    private func check(
        _ unit: Int, aliveSince since: Monotonic, mostDead: Int, _ ledger: Ledger, _ now: Monotonic, _ recoveries: inout Int
    ) {
        // The longest pause between probes, then every other dead unit's turn before this one's, then a tick.
        let turns = Self.timeout * (Double(mostDead + 1) / Self.share)
        let bound = UnitHealth.probesAtMost + turns + .seconds(35)
        guard now - since > bound else { return }
        let wait = ledger.firstGood[unit].map { $0 - since }
        #expect(
            wait ?? bound < bound,
            "unit \(unit), back at \(since.nanoseconds / 1_000_000_000) s, was heard after \(wait?.seconds ?? -1) s")
        #expect(now - ledger.lastGood[unit] <= .seconds(33), "unit \(unit) stalled at \(now.nanoseconds / 1_000_000_000) s")
        recoveries += 1
    }
}
