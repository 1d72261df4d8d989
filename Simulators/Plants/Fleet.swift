import Glibc

/// Twelve vehicles and sixty bins. 01…06 belong to the north, 07…12 to the south; every third one sweeps, the others
/// empty bins. Every few minutes one of them drives over a bridge into the other district, and comes back.
///
/// The fleet lives in real time whatever the county's speed factor: a lorry that covers ten times the way between two
/// fixes would be a lorry no tracker has ever seen.
package struct Fleet: Sendable {
    package let map = CountyMap.shared
    package private(set) var vehicles: [Vehicle] = []
    package private(set) var bins: [Bin] = []
    package internal(set) var interference = Interference()
    /// Seconds since midnight before the first step, local solar time.
    package private(set) var seconds: Double
    private var dice: Dice
    private var untilNextStray: Double
    private var ways: [WaysKey: Ways] = [:]
    private let districts: [CountyMap.District?]
    private let kerbs: [CountyMap.District: [Int]]

    private struct WaysKey: Hashable {
        let goal: Int
        /// nil: over the border too.
        let within: CountyMap.District?
    }

    private static let bridges = ["west-bridge", "middle-bridge", "east-bridge"]

    package init(seed: UInt64, hourOfDay: Double = 9) {
        dice = Dice(seed: seed, stream: 5)
        seconds = hourOfDay * 3600
        untilNextStray = dice.between(120, 240)
        let map = CountyMap.shared
        districts = map.roads.vertices.map { CountyMap.district(of: $0) }
        var kerbs: [CountyMap.District: [Int]] = [:]
        for (vertex, place) in map.roads.vertices.enumerated() where distance(from: place, to: CountyMap.canal) > 250 {
            if let district = districts[vertex] { kerbs[district, default: []].append(vertex) }
        }
        self.kerbs = kerbs
        bins = map.bins.map { bin in
            Bin(
                name: bin.name, vertex: bin.vertex, district: bin.district, fill: dice.between(8, 78),
                rate: 100 / dice.between(3, 14), battery: dice.between(3.35, 3.62), warmth: dice.between(0.5, 4))
        }
        for number in 1...12 {
            let district: CountyMap.District = number <= 6 ? .north : .south
            // The second begins at the middle bridge, on its way to where it should not be.
            let start = number == 2 ? map.roads.vertex("middle-bridge-north") ?? 0 : anywhere(in: district)
            vehicles.append(
                Vehicle(
                    name: number < 10 ? "vehicle-0\(number)" : "vehicle-\(number)",
                    kind: number % 3 == 0 ? .sweeper : .compactor, district: district, duty: .patrolling, from: start,
                    to: start, goal: start, load: dice.between(5, 60)))
        }
        for index in vehicles.indices { assign(index) }
        if let over = map.roads.vertex("middle-bridge-south") {
            vehicles[1].duty = .straying
            vehicles[1].goal = over
        }
    }

    /// Moves the fleet on. Longer spans go in steps of a second at most.
    package mutating func step(_ span: Double) {
        guard span > 0 else { return }
        let count = max(1, span.rounded(.up))
        var done = 0.0
        while done < count {
            stepOnce(span / count)
            done += 1
        }
    }

    /// °C, of the air between the houses.
    package var airTemperature: Double { 25.5 + 4.5 * cos((seconds / 3600 - 15) * .pi / 12) }

    package func temperature(of bin: Bin) -> Double { airTemperature + bin.warmth * (0.4 + bin.fill / 100) }

    private mutating func stepOnce(_ dt: Double) {
        seconds += dt
        for index in bins.indices { bins[index].step(dt, hourOfDay: seconds / 3600) }
        let keep = exp(-dt / 20)
        let noise = 1.8 * (1 - keep * keep).squareRoot()
        for index in vehicles.indices {
            vehicles[index].drift.east = vehicles[index].drift.east * keep + noise * dice.bell()
            vehicles[index].drift.north = vehicles[index].drift.north * keep + noise * dice.bell()
            stepVehicle(index, dt)
        }
        untilNextStray -= dt
        if untilNextStray <= 0 && sendAstray() { untilNextStray = dice.between(180, 360) }
    }

    private mutating func stepVehicle(_ index: Int, _ dt: Double) {
        let vehicle = vehicles[index]
        if vehicle.isDriving {
            let before = vehicle.travelled
            let ways = ways(to: vehicle.goal, within: vehicle.isAbroad ? nil : vehicle.district)
            let hasArrived = vehicles[index].drive(dt, ways, on: map.roads)
            if vehicle.duty == .sweeping {
                // A full hopper in 15 km of kerb.
                let swept = (vehicles[index].travelled - before) / 150
                vehicles[index].load = min(100, vehicles[index].load + swept)
            }
            if hasArrived { arrive(index) }
            return
        }
        switch vehicle.duty {
        case .emptying(let bin, let left) where left > dt:
            vehicles[index].duty = .emptying(bin: bin, seconds: left - dt)
        case .emptying(let bin, _):
            vehicles[index].load = min(100, vehicle.load + bins[bin].fill * 0.06)
            bins[bin].fill = dice.between(1, 4)
            bins[bin].timesEmptied += 1
            assign(index)
        case .unloading(let left) where left > dt:
            vehicles[index].duty = .unloading(seconds: left - dt)
            vehicles[index].load = max(0, vehicle.load - vehicle.load * dt / left)
        case .unloading:
            vehicles[index].load = 0
            vehicles[index].duty = .resting(seconds: dice.between(240, 900))
        case .resting(let left) where left > dt: vehicles[index].duty = .resting(seconds: left - dt)
        case .lingering(let left) where left > dt: vehicles[index].duty = .lingering(seconds: left - dt)
        case .lingering: returnHome(index)
        default: assign(index)
        }
    }

    private mutating func arrive(_ index: Int) {
        switch vehicles[index].duty {
        case .collecting(let bin): vehicles[index].duty = .emptying(bin: bin, seconds: dice.between(50, 110))
        case .toTransfer: vehicles[index].duty = .unloading(seconds: dice.between(180, 300))
        case .straying: vehicles[index].duty = .lingering(seconds: dice.between(15, 45))
        default: assign(index)
        }
    }

    /// What a vehicle that stands at a vertex of its own district does next.
    private mutating func assign(_ index: Int) {
        let vehicle = vehicles[index]
        if vehicle.load >= 85, let yard = map.roads.vertex(vehicle.district == .north ? "transfer-north" : "depot") {
            vehicles[index].duty = .toTransfer
            vehicles[index].goal = yard
            return
        }
        if vehicle.kind == .compactor, let bin = nextBin(for: vehicle) {
            vehicles[index].duty = .collecting(bin: bin)
            vehicles[index].goal = bins[bin].vertex
            return
        }
        vehicles[index].duty = vehicle.kind == .sweeper ? .sweeping : .patrolling
        vehicles[index].goal = anywhere(in: vehicle.district)
    }

    /// The fullest bin that is near: a percent of fill outweighs 100 m of road.
    private mutating func nextBin(for vehicle: Vehicle) -> Int? {
        var best: (bin: Int, score: Double)?
        for (index, bin) in bins.enumerated() where bin.district == vehicle.district && bin.fill >= 25 {
            let isTaken = vehicles.contains { other in
                switch other.duty {
                case .collecting(let taken), .emptying(let taken, _): taken == index
                default: false
                }
            }
            if isTaken { continue }
            let way = ways(to: bin.vertex, within: vehicle.district).remaining[vehicle.from]
            let score = bin.fill - way / 100
            if score > best?.score ?? -.infinity { best = (index, score) }
        }
        return best?.bin
    }

    /// The collector that is nearest to a bridge's far end goes there. False: nobody can just now.
    private mutating func sendAstray() -> Bool {
        var best: (vehicle: Int, goal: Int, way: Double)?
        for (index, vehicle) in vehicles.enumerated() where vehicle.kind == .compactor {
            switch vehicle.duty {
            // Near a corner it is too late to think of another way: 100 m are enough to brake from any speed.
            case .collecting where vehicle.length - vehicle.offset > 100: break
            case .patrolling where vehicle.length - vehicle.offset > 100: break
            default: continue
            }
            for bridge in Self.bridges {
                let side = vehicle.district == .north ? "-south" : "-north"
                guard let goal = map.roads.vertex(bridge + side) else { continue }
                let way = ways(to: goal, within: nil).remaining[vehicle.to]
                if way < best?.way ?? .infinity { best = (index, goal, way) }
            }
        }
        guard let best else { return false }
        vehicles[best.vehicle].duty = .straying
        vehicles[best.vehicle].divert(to: best.goal, ways(to: best.goal, within: nil), on: map.roads)
        return true
    }

    private mutating func returnHome(_ index: Int) {
        let vehicle = vehicles[index]
        let side = vehicle.district == .north ? "-north" : "-south"
        let heads = Self.bridges.compactMap { map.roads.vertex($0 + side) }
        let here = map.roads.vertices[vehicle.from]
        let near = heads.min { map.roads.vertices[$0].distance(to: here) < map.roads.vertices[$1].distance(to: here) }
        vehicles[index].goal = near ?? vehicle.from
        vehicles[index].duty = .returning
    }

    private mutating func anywhere(in district: CountyMap.District) -> Int {
        let kerbs = kerbs[district] ?? [0]
        return kerbs[Int(dice.unit() * Double(kerbs.count))]
    }

    private mutating func ways(to goal: Int, within district: CountyMap.District?) -> Ways {
        let key = WaysKey(goal: goal, within: district)
        if let known = ways[key] { return known }
        let made = Ways(to: goal, on: map.roads) { vertex in district == nil || districts[vertex] == district }
        ways[key] = made
        return made
    }
}
