import Modbus
import Telemetry
import Testing

@testable import Acquisition

@Suite("the time a plan needs of its link")
struct BusTimeTests {
    private func plan(
        _ medium: LinkPlan.Medium, registers: Int, devices: Int = 1, every: Duration = .seconds(1), pause: Duration = .zero
    )
        -> LinkPlan
    {
        LinkPlan(
            name: "line-1", medium: medium, timeout: .seconds(1),
            devices: (1...devices).map { unit in
                PolledDevice(
                    id: DeviceID(index: unit), name: "d", unit: UnitID(UInt8(unit)), pause: pause,
                    points: (0..<registers).map { PolledPoint($0, every: every) })
            })
    }

    /// Worked by hand from (13 + 2n) · 11 / baud + 2 · t3.5, in milliseconds.
    @Test(
        "a request takes what the wire's arithmetic says",
        arguments: [
            (9600, 10, 45.8), (9600, 100, 252), (9600, 125, 309), (19_200, 10, 22.9), (19_200, 100, 126), (19_200, 125, 155),
            (115_200, 10, 6.7), (115_200, 100, 23.8), (115_200, 125, 28.6),
        ])
    func request(baud: Int, registers: Int, milliseconds: Double) {
        let time = plan(.line(baud: baud), registers: registers).busTime(thinking: .zero)
        #expect(abs(time.share * 1000 - milliseconds) <= max(0.051, milliseconds * 0.005))
        #expect(time.requestsPerSecond == 1)
    }

    @Test("says so in a sentence when a line cannot carry its plan")
    func sentence() {
        let time = plan(.line(), registers: 100, devices: 6).busTime(thinking: .zero)
        #expect(time.isOverfull)
        #expect(
            "\(time)"
                == "line-1 needs 1.51 s of every 1 s (6 requests/s at 9600 baud): scans will be missed; ask less often or for less"
        )
        let calm = plan(.line(), registers: 100, devices: 6, every: .seconds(60)).busTime(thinking: .zero)
        #expect("\(calm)" == "line-1 needs 0.025 s of every 1 s (0.1 requests/s at 9600 baud)")
    }

    @Test("a pause counts against the device that needs it, not against its neighbours")
    func pause() {
        let time = plan(.line(baud: 115_200), registers: 10, devices: 2, every: .milliseconds(100), pause: .milliseconds(95))
            .busTime(thinking: .zero)
        #expect(time.isOverfull)
        #expect("\(time)".contains("unit 1 alone needs so much"))
    }

    @Test("over TCP it is round trips, and units side by side do not add up")
    func trips() {
        #expect(plan(.wire, registers: 100).busTime(roundTrip: .milliseconds(40)).share == 0.04)
        #expect(plan(.wire, registers: 100, devices: 5).busTime(roundTrip: .milliseconds(40)).share == 0.04)
        #expect(plan(.wire, registers: 300, every: .milliseconds(100)).busTime(roundTrip: .milliseconds(40)).isOverfull)
    }

    @Test("a plan that just fits is run without a missed tick, and one that does not is not")
    func truth() {
        for (devices, fits) in [(3, true), (5, false)] {
            let plan = plan(.line(), registers: 100, devices: devices)
            let time = plan.busTime(thinking: .milliseconds(10))
            #expect(time.isOverfull == !fits)
            var link = VirtualLink(plan)
            link.latency = .nanoseconds(Int64(time.share / Double(devices) * 1e9))
            link.run(for: .seconds(120))
            #expect((link.poller.missedTicks == 0) == fits)
        }
    }
}
