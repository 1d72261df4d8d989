import Modbus
import Plants
import Testing

@Suite("Terminals of the plants")
struct WiredTests {
    private func read(_ table: Table, _ address: UInt16, _ count: UInt16) throws -> [UInt8] {
        try Request.read(table, address: address, count: count).encode()
    }

    @Test("numbers lie in the registers as the makers lay them out")
    func layout() throws {
        var station = Wired(PumpStation(seed: 1))
        #expect(station.set("level", on: "well", to: 1.234) == true)
        #expect(station.set("outflow", on: "well", to: 123.5) == true)  // 0x42F70000
        #expect(station.set("voltage-a", on: "meter", to: 230.5) == true)  // 0x43668000
        #expect(station.set("energy", on: "meter", to: 1_000_000.001) == true)  // 0x3B9ACA01
        #expect(station.set("run-hours", on: "pump-2", to: 6553.7) == true)  // 65537
        let well = try station.answer(UnitID(1), read(.input, 0, 12))
        #expect(well == [0x04, 24, 0x04, 0xD2] + Array(repeating: 0, count: 18) + [0x00, 0x00, 0x42, 0xF7])
        let meter = try station.answer(UnitID(21), read(.holding, 0, 2))
        #expect(meter == [0x03, 4, 0x66, 0x43, 0x00, 0x80])
        let energy = try station.answer(UnitID(21), read(.holding, 8, 4))
        #expect(energy == [0x03, 8, 0, 0, 0, 0, 0x9A, 0x3B, 0x01, 0xCA])
        let hours = try station.answer(UnitID(12), read(.input, 2, 2))
        #expect(hours == [0x04, 4, 0x00, 0x01, 0x00, 0x01])

        var farm = Wired(LilyFarm(seed: 1))
        #expect(farm.set("volume", on: "main", to: 12_045.67) == true)  // 1204567 = 0x00126157
        #expect(farm.set("temperature", on: "zone-3", to: -0.5) == true)
        let main = try farm.answer(UnitID(10), read(.input, 4, 2))
        #expect(main == [0x04, 4, 0x57, 0x61, 0x12, 0x00])
        let zone = try farm.answer(UnitID(3), read(.holding, 2, 1))
        #expect(zone == [0x03, 2, 0xFF, 0xFB])
    }

    @Test("every point of every device is measured, and stands in its registers to within its resolution")
    func everyPoint() throws {
        func check<Plant: ModbusPlant>(_ wired: Wired<Plant>) throws {
            for outstation in Plant.outstations {
                let bank = try #require(wired.bank(of: outstation.unit))
                for cell in outstation.cells {
                    let said = try #require(wired.said(cell.point, on: outstation.device))
                    guard let codec = cell.codec else {
                        #expect(bank.flag(cell.table, cell.address) == (said != 0))
                        continue
                    }
                    let count: Double? =
                        switch bank.value(cell.table, cell.address, as: codec) {
                        case .int(let whole): Double(whole)
                        case .uint(let whole): Double(whole)
                        case .double(let number): number
                        default: nil
                        }
                    let tolerance = max(cell.scale * 0.5001, abs(said) * 1e-7)
                    #expect(abs(try #require(count) * cell.scale - said) <= tolerance, "\(outstation.device)/\(cell.point)")
                }
            }
        }
        var county = CountyPlants(seed: 3, speed: 10)
        county.station.plant.pumps[0].isCommanded = true
        county.farm.plant.valves[2].isCommanded = true
        county.step(30)
        try check(county.station)
        try check(county.farm)
    }

    @Test("a written coil starts the pump, and a register nobody can write stays")
    func writing() throws {
        var station = Wired(PumpStation(seed: 1))
        let start = try Request.writeCoil(address: 0, true).encode()
        #expect(station.answer(UnitID(11), start) == start)
        station.step(5)
        #expect(station.plant.pumps[0].isRunning && !station.plant.pumps[1].isRunning)
        #expect(try station.answer(UnitID(11), read(.discrete, 0, 2)) == [0x02, 1, 0b01])
        #expect(station.answer(UnitID(1), start) == [0x85, 2])
        #expect(station.answer(UnitID(99), start) == nil)
        #expect(station.answer(UnitID(1), [0x2B]) == [0xAB, 1])
    }

    @Test("a switch that is set is turned, a reading that is set is held until it is let go")
    func setting() {
        var county = CountyPlants(seed: 1)
        #expect(county.set("xinzhuang-pump/pump-1/selector", to: 1) == true)
        county.step(5)
        #expect(county.said("xinzhuang-pump/pump-1/running") == 1)
        #expect(county.set("xinzhuang-pump/pump-1/fault", to: 1) == true)
        county.step(5)
        #expect(county.said("xinzhuang-pump/pump-1/running") == 0)

        #expect(county.set("xinzhuang-pump/well/level", to: 5.25) == true)
        county.step(5)
        #expect(county.said("xinzhuang-pump/well/level") == 5.25)
        #expect(county.set("xinzhuang-pump/well/level", to: nil) == true)
        #expect(county.said("xinzhuang-pump/well/level") != 5.25)

        for wrong in ["xinzhuang-pump/well/depth", "xinzhuang-pump/well", "x/y/z", "", "//", "fleet/bin-61/fill"] {
            #expect(county.set(wrong, to: 1) == false)
        }
        #expect(county.set("xinzhuang-pump/well/level", to: .nan) == false)
    }

    @Test("a frozen point keeps its value while the others move on")
    func frozen() {
        var county = CountyPlants(seed: 1)
        #expect(county.fail("xinzhuang-pump/well", .frozen(point: "level")) == true)
        let level = county.said("xinzhuang-pump/well/level")
        let energy = county.said("xinzhuang-pump/meter/energy")
        county.step(60)
        #expect(county.said("xinzhuang-pump/well/level") == level)
        #expect(county.said("xinzhuang-pump/meter/energy") != energy)
        #expect(county.fail("xinzhuang-pump/well", nil) == true)
        #expect(county.said("xinzhuang-pump/well/level") != level)
    }

    @Test("trackers fall silent, talk nonsense, come late and have wrong clocks")
    func trackers() throws {
        var county = CountyPlants(seed: 1)
        func fix() -> Fleet.Message? { county.fleet.position(ofVehicle: 2, at: 10_000) }
        #expect(county.fail("fleet/vehicle-03", .dead) == true)
        #expect(fix() == nil)
        #expect(county.fail("fleet/vehicle-03", .garbage) == true)
        #expect(try #require(fix()).payload.suffix(3) == [0xFF, 0x00, 0xC3])
        #expect(county.fail("fleet/vehicle-03", .slow(milliseconds: 700)) == true)
        #expect(fix()?.delayMilliseconds == 700)
        #expect(county.fail("fleet/vehicle-03", .clockOff(seconds: -3600)) == true)
        #expect(String(decoding: try #require(fix()).payload, as: UTF8.self).hasPrefix(#"{"time":-3590000,"#))
        #expect(county.fail("fleet/vehicle-13", .dead) == false)
        #expect(county.fail("xinzhuang-pump/well", .clockOff(seconds: 1)) == false)
        #expect(county.fail("xinzhuang-pump/well", .frozen(point: "depth")) == false)
    }

    @Test(
        "a fault is read from its words, and nothing else is",
        arguments: [
            ("dead", Fault.dead), ("slow 800", .slow(milliseconds: 800)), ("garbage", .garbage), ("frozen", .frozen(point: "*")),
            ("frozen level", .frozen(point: "level")), ("clock -3600", .clockOff(seconds: -3600)), ("slow", nil),
            ("slow -1", nil), ("clock nan", nil), ("dead 3", nil), ("", nil), ("frozen a b", nil),
        ] as [(String, Fault?)])
    func words(text: String, fault: Fault?) {
        #expect(Fault(text) == fault)
    }
}
