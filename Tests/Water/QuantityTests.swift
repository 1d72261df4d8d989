import Telemetry
import Testing

@testable import Water

/// The oracles of the domain, by their words.
@Suite("A quantity of water")
struct QuantityTests {
    @Test("pump flow by volume: V 2 m3, t2 200 s, t1 100 s: Qp 108 m3/h, inflow 36 m3/h")
    func volumeMethod() {
        #expect(isNear(VolumeMethod.pumpFlow(volume: 2, drain: 100, fill: 200).map { $0 * 3600 }, 108))
        #expect(isNear(VolumeMethod.inflow(volume: 2, fill: 200).map { $0 * 3600 }, 36))
    }

    @Test("pump flow by volume is valid only when t1 is shorter than t2")
    func volumeMethodInvalid() {
        #expect(VolumeMethod.pumpFlow(volume: 2, drain: 200, fill: 200) == nil)
        #expect(VolumeMethod.pumpFlow(volume: 2, drain: 300, fill: 200) == nil)
        #expect(VolumeMethod.pumpFlow(volume: 2, drain: 0, fill: 200) == nil)
        #expect(VolumeMethod.inflow(volume: 2, fill: 0) == nil)
    }

    @Test("overflow: points (1 cm, 1 m3/h), (10 cm, 10 m3/h): 5 cm gives 5, 15 cm gives 15")
    func overflowTable() {
        let table = OverflowTable(lines: [.init(level: 1, flow: 1), .init(level: 10, flow: 10)])
        #expect(isNear(table.flow(at: 5), 5) && isNear(table.flow(at: 15), 15))
        #expect(table.flow(at: 1) == 1 && table.flow(at: 10) == 10)
        #expect(table.flow(at: 0.99) == 0 && table.flow(at: -5) == 0, "below the first point nothing flows")
    }

    @Test("overflow between several points lies on the line between its neighbours, and past the last on the last one's")
    func overflowPieces() {
        let table = OverflowTable(lines: [.init(level: 0, flow: 0), .init(level: 2, flow: 10), .init(level: 3, flow: 40)])
        #expect([0, 1, 2, 2.5, 3, 4].map { table.flow(at: $0) } == [0, 5, 10, 25, 40, 70])
    }

    @Test("weirs: rectangular Q = 1.84*b*h^1.5, 90-degree V-notch Q = 1.38*h^2.5")
    func weirs() {
        #expect(isNear(Weir.rectangular(width: 2).flow(head: 0.25), 1.84 * 2 * 0.125))
        #expect(isNear(Weir.notch.flow(head: 0.25), 1.38 * 0.03125))
        #expect(Weir.notch.flow(head: 0) == 0 && Weir.rectangular(width: 2).flow(head: -0.1) == 0)
    }

    @Test("a weir's flow is within five per cent of what three other formulas say", arguments: WaterTable.weirs)
    func otherWeirs(head: Double, width: Double, flow: Double, by: String) {
        let weir = width > 0 ? Weir.rectangular(width: width) : .notch
        #expect(isNear(weir.flow(head: head), flow, within: 0.05), "\(weir.flow(head: head)) is not \(flow) (\(by))")
    }

    @Test("efficiency: eta = rho*g*Q*H/P: 100 L/s lifted by 10 m with 16.344 kW is 0.60")
    func efficiency() {
        #expect(isNear(Efficiency.share(flow: 0.1, head: 10, power: 16_344), 0.6, within: 1e-4))
        #expect(Efficiency.share(flow: 0.1, head: 10, power: 0) == nil)
    }

    @Test("能源单耗 e = 2.725/eta: eta 0.60 -> 4.54")
    func unitConsumption() {
        #expect(isNear(Efficiency.unitConsumption(share: 0.6), 4.54, within: 0.001))
        #expect(Efficiency.unitConsumption(share: 0) == nil)
        // 2.725 is what lifting 1000 t by 1 m takes without loss, in kW.h.
        #expect(isNear(1e6 * Efficiency.gravity / 3.6e6, 2.725, within: 0.001))
    }

    @Test("voltage unbalance: 460/467/450 V = 1.96 %; 400/395/388 V = 1.61 %")
    func unbalance() {
        let shares = [[460.0, 467, 450], [400, 395, 388]].map { Unbalance.share(of: $0) ?? 0 }
        #expect(shares.map { ($0 * 10_000).rounded() } == [196, 161])
        #expect(Unbalance.share(of: [400, 400, 400]) == 0)
        #expect(Unbalance.share(of: [0, 0, 0]) == nil && Unbalance.share(of: []) == nil)
    }

    @Test("sump: V_min = T*Q/4, so six starts an hour of 300 m3/h want 12.5 m3, and two pumps in turn half of it")
    func sump() {
        #expect(Sump.leastVolume(flow: 300, starts: Sump.mostStarts, pumps: 1) == 12.5)
        #expect(Sump.leastVolume(flow: 300, starts: Sump.mostStarts, pumps: 2) == 6.25)
        #expect(isNear(Sump.shortestCycleHours(volume: 12.5, flow: 300), 1.0 / 6))
    }

    @Test("sump: no inflow makes the cycle shorter than one of half the pump's flow", arguments: 1...9)
    func worstInflow(tenths: Int) {
        let (volume, flow) = (12.5, 300.0)
        let inflow = flow * Double(tenths) / 10
        let cycle = volume / inflow + volume / (flow - inflow)
        #expect(cycle >= Sump.shortestCycleHours(volume: volume, flow: flow) - 1e-12)
        if tenths == 5 { #expect(isNear(cycle, Sump.shortestCycleHours(volume: volume, flow: flow))) }
    }

    @Test("energy per 1000 m3: 25 kW.h for 100 m3 are 250 kW.h for 1000 m3")
    func energyPerVolume() {
        var measure = EnergyPerVolume(span: .seconds(3600))
        measure.hear(energy: 0, volume: 0, at: .zero)
        measure.hear(energy: 25 * 3.6e6, volume: 100, at: .zero + .seconds(3600))
        #expect(isNear(measure.quotient, 250 * 3.6e6 / 1000))
        // A meter that was replaced begins a span anew.
        for (index, reading) in [(5.0, 110.0), (15, 120), (25, 2), (35, 12)].enumerated() {
            measure.hear(energy: reading.0, volume: reading.1, at: .zero + .seconds(3600 * (index + 2)))
            #expect(isNear(measure.quotient, index == 0 ? 250 * 3.6e6 / 1000 : 1))
        }
    }

    /// A well that fills by 1 cm a second and, with the pump, empties by 2: what was measured after these spans.
    private func cycles(_ spans: [(seconds: Int, running: PumpCycles.Running)]) -> PumpCycles {
        var cycles = PumpCycles(lower: 1, upper: 2, volume: 4, longestGap: .seconds(30))
        var (level, second) = (0.5, 0)
        for (seconds, running) in spans {
            for _ in 0..<seconds {
                second += 1
                level += running == .none ? 0.01 : -0.02
                cycles.hear(level: level, running: running, at: .zero + .seconds(second))
            }
        }
        return cycles
    }

    @Test("pump flow by volume: a cycle in which a pump came and went is not measured")
    func brokenCycle() {
        // 4 m3 in 100 s, and in 50 s: 144 m3/h in, and 144 + 288 out.
        let whole = cycles([(200, .none), (100, .pump)])
        #expect(isNear(whole.inflow.map { $0.flow * 3600 }, 144) && isNear(whole.pumpFlow.map { $0.flow * 3600 }, 432))
        #expect(cycles([(100, .none), (10, .pump), (120, .none)]).inflow == nil, "it ran while the well filled")
        #expect(cycles([(200, .none), (30, .pump), (5, .none), (80, .pump)]).pumpFlow == nil, "it paused while the well emptied")
        #expect(cycles([(200, .none), (30, .pump), (5, .others), (80, .pump)]).pumpFlow == nil, "another one helped")
        #expect(cycles([(200, .none), (100, .others)]).pumpFlow == nil)
    }

    @Test("pump flow by volume: a cycle with a gap in it is not measured")
    func darkCycle() {
        var cycles = PumpCycles(lower: 1, upper: 2, volume: 4, longestGap: .seconds(30))
        for second in 0..<100 { cycles.hear(level: 0.5 + 0.01 * Double(second), running: .none, at: .zero + .seconds(second)) }
        cycles.goDark()
        for second in 110..<200 { cycles.hear(level: 0.5 + 0.01 * Double(second), running: .none, at: .zero + .seconds(second)) }
        #expect(cycles.inflow == nil)
        var slow = PumpCycles(lower: 1, upper: 2, volume: 4, longestGap: .seconds(30))
        for second in stride(from: 0, to: 400, by: 31) {
            slow.hear(level: 0.5 + 0.01 * Double(second), running: .none, at: .zero + .seconds(second))
        }
        #expect(slow.inflow == nil)
    }
}
