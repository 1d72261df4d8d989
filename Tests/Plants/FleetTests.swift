import Plants
import Testing

@Suite("Fleet")
struct FleetTests {
    @Test("vehicles stay on the road, below its limit, and neither leap nor stop dead", arguments: [UInt64](1...2))
    func driving(seed: UInt64) throws {
        var fleet = Fleet(seed: seed)
        var (leap, speed, start, stop, load) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for _ in 0..<3600 {
            let before = fleet.vehicles
            fleet.step(1)
            for (old, new) in zip(before, fleet.vehicles) {
                let way = old.place(on: fleet.map.roads).distance(to: new.place(on: fleet.map.roads))
                leap = max(leap, way - (new.travelled - old.travelled))
                start = max(start, new.speed - old.speed)
                stop = max(stop, old.speed - new.speed)
                load = max(load, new.load)
                guard new.length > 0 else { continue }
                let edge = try #require(fleet.map.roads.edge(from: new.from, to: new.to))
                speed = max(speed, new.speed / edge.limit)
            }
        }
        #expect(leap < 0.01 && speed < 1.001 && start < 1.01 && stop < 2.5 && load <= 100)
        #expect(fleet.vehicles.allSatisfy { $0.travelled > 500 })
    }

    @Test("who is not astray is at home, and who is comes back", arguments: [UInt64](1...2))
    func districts(seed: UInt64) {
        var fleet = Fleet(seed: seed)
        var abroad: [String: Int] = [:]
        var (strays, longest) = (0, 0)
        for _ in 0..<5400 {
            fleet.step(1)
            for vehicle in fleet.vehicles {
                let isHome = CountyMap.district(of: vehicle.place(on: fleet.map.roads)) == vehicle.district
                if isHome {
                    if abroad.removeValue(forKey: vehicle.name) != nil { strays += 1 }
                } else {
                    if !vehicle.isAbroad { Issue.record("\(vehicle.name) is in the wrong district, on duty") }
                    abroad[vehicle.name, default: 0] += 1
                    longest = max(longest, abroad[vehicle.name, default: 0])
                }
            }
        }
        #expect((6...40).contains(strays) && longest < 400)
    }

    @Test("the second vehicle has crossed the canal within a minute")
    func firstStray() {
        var fleet = Fleet(seed: 7)
        fleet.step(60)
        #expect(CountyMap.district(of: fleet.vehicles[1].place(on: fleet.map.roads)) == .south)
    }

    @Test("bins fill by themselves and only a vehicle that stands by empties them")
    func bins() {
        var fleet = Fleet(seed: 7)
        for _ in 0..<3600 {
            let before = fleet
            fleet.step(1)
            for (index, bin) in fleet.bins.enumerated() {
                if !(0...100).contains(bin.fill) { Issue.record("\(bin.name) is \(bin.fill) % full") }
                guard bin.fill < before.bins[index].fill else { continue }
                #expect(before.vehicles.contains { $0.from == bin.vertex && $0.speed == 0 && $0.district == bin.district })
            }
        }
        #expect(fleet.bins.reduce(0) { $0 + $1.timesEmptied } > 20)
    }

    @Test("a message is the JSON its profile expects, and a held value leaves as it was given")
    func messages() throws {
        var fleet = Fleet(seed: 7)
        #expect(fleet.set("fill", on: "bin-07", to: 73.256789) == true)
        #expect(fleet.set("temperature", on: "bin-07", to: -1.5) == true)
        #expect(fleet.set("battery", on: "bin-07", to: 3.3) == true)
        let bin = try #require(fleet.state(ofBin: 6, at: 1_782_000_000_123))
        #expect(bin.topic == "fleet/bin-07/state")
        let text = String(decoding: bin.payload, as: UTF8.self)
        #expect(text == #"{"time":1782000000123,"fill":73.256789,"temperature":-1.5,"battery":3.3}"#)

        let values = ["latitude": 31.5, "longitude": 119.25, "speed": 0, "heading": 359, "ignition": 1, "load": 12.5]
        for (point, value) in values { #expect(fleet.set(point, on: "vehicle-12", to: value) == true) }
        let fix = try #require(fleet.position(ofVehicle: 11, at: 5))
        #expect(fix.topic == "fleet/vehicle-12/position")
        let position = String(decoding: fix.payload, as: UTF8.self)
        #expect(
            position
                == #"{"time":5,"position":{"lat":31.5,"lon":119.25},"speed":0.0,"heading":359.0,"acc":true,"load":12.5}"#)
        #expect(fleet.set("fill", on: "vehicle-12", to: 1) == false)
    }

    @Test("a fix is within 10 m of the vehicle")
    func noise() throws {
        var fleet = Fleet(seed: 7)
        for _ in 0..<150 {
            fleet.step(5)
            for vehicle in fleet.vehicles {
                let fix = Place(
                    try #require(fleet.said("longitude", on: vehicle.name)),
                    try #require(fleet.said("latitude", on: vehicle.name)))
                #expect(fix.distance(to: vehicle.place(on: fleet.map.roads)) < 10)
            }
        }
    }

    @Test("one seed is one fleet")
    func seeded() {
        var (one, same, other) = (Fleet(seed: 5), Fleet(seed: 5), Fleet(seed: 6))
        one.step(300)
        same.step(300)
        other.step(300)
        let places = [one, same, other].map { fleet in fleet.vehicles.map { $0.place(on: fleet.map.roads) } }
        #expect(places[0] == places[1])
        #expect(places[0] != places[2])
    }
}
