import Acquisition
import Modbus
import Plants

/// The plants of the county and the wires to them, as far as a site file names them. It outlives every life of the gateway.
struct VirtualField: Sendable {
    /// What stands behind a unit id of a link.
    struct Seat: Sendable {
        enum Plant: Sendable { case station, farm, nobody }
        let plant: Plant
        let unit: UnitID
        /// Without its site.
        let device: String
        /// `site/device`.
        let name: String
        /// Its place among all seats.
        let index: Int
    }

    /// What came of a request, and when the gateway hears of it.
    struct Echo: Sendable {
        let answer: Result<[UInt8], ModbusError>
        /// Milliseconds after it was asked.
        let after: Int64
        /// The write that reached the plant, if one did.
        let touch: Touch?
        /// Whether what it says of the plant is true.
        let isTrue: Bool
    }

    /// A value that a plant was made to hold.
    struct Touch: Sendable {
        /// `site/device/point`.
        let point: String
        let value: Double
    }

    var station: Wired<PumpStation>
    var farm: Wired<LilyFarm>
    var fleet: Fleet
    let hasStation: Bool
    let hasFarm: Bool
    let hasFleet: Bool
    let seats: [Seat]
    /// What is wrong with the way to each seat, or with how it takes writes.
    var ailments: [Ailment?]
    /// Links that are cut.
    var cut: Set<String> = []
    private var dice: Dice

    /// A device that spoils more than what it says of itself (`Fault`).
    enum Ailment: Sendable {
        /// It refuses writes with exception 4.
        case refuses
        /// It answers writes as if it had taken them.
        case ignores
        /// One of its points is not what it says.
        case lies
    }

    /// How long a device takes to answer, in ms: over the panel's network, and on a line of 9600 baud.
    private static let latency: (panel: Int64, line: Int64) = (20, 45)

    init(_ links: [LinkPlan], fed: [String], seed: UInt64) {
        station = Wired(PumpStation(seed: seed))
        farm = Wired(LilyFarm(seed: seed))
        fleet = Fleet(seed: seed)
        dice = Dice(seed: seed, stream: 21)
        var seats: [Seat] = []
        for device in links.flatMap(\.devices) {
            let parts = device.name.split(separator: "/").map(String.init)
            let plant: Seat.Plant =
                switch (parts.first, parts.last) {
                case (PumpStation.site, let name) where PumpStation.outstations.contains { $0.unit == device.unit && $0.device == name }:
                    .station
                case (LilyFarm.site, let name) where LilyFarm.outstations.contains { $0.unit == device.unit && $0.device == name }:
                    .farm
                default: .nobody
                }
            seats.append(Seat(plant: plant, unit: device.unit, device: parts.last ?? "", name: device.name, index: seats.count))
        }
        self.seats = seats
        ailments = seats.map { _ in nil }
        hasStation = seats.contains { $0.plant == .station }
        hasFarm = seats.contains { $0.plant == .farm }
        hasFleet = fed.contains { $0.hasPrefix(Fleet.site + "/") }
    }

    mutating func step() {
        if hasStation { station.step(1) }
        if hasFarm { farm.step(1) }
        if hasFleet { fleet.step(1) }
    }

    /// Whether what a device says of itself is as measured.
    func isTruthful(_ seat: Seat) -> Bool {
        if case .lies = ailments[seat.index] { return false }
        if case .frozen = fault(of: seat) { return false }
        return true
    }

    func fault(of seat: Seat) -> Fault? {
        if seat.plant == .station, !station.plant.isPowered { return .dead }
        return switch seat.plant {
        case .station: station.interference.fault(of: seat.device)
        case .farm: farm.interference.fault(of: seat.device)
        case .nobody: .dead
        }
    }

    /// False: it cannot fail so.
    mutating func fail(_ seat: Seat, _ fault: Fault?) -> Bool {
        switch seat.plant {
        case .station: station.fail(seat.device, fault)
        case .farm: farm.fail(seat.device, fault)
        case .nobody: false
        }
    }

    mutating func hold(_ point: String, of seat: Seat, at value: Double?) {
        switch seat.plant {
        case .station: _ = station.set(point, on: seat.device, to: value)
        case .farm: _ = farm.set(point, on: seat.device, to: value)
        case .nobody: break
        }
    }

    /// A request on the wire: it is carried out at once, and its answer arrives later, or not at all.
    mutating func ask(_ seat: Seat, _ request: Request, timeout: Int64, isLine: Bool) -> Echo {
        var latency = isLine ? Self.latency.line : Self.latency.panel
        switch fault(of: seat) {
        case .dead: return Echo(answer: .failure(.timeout), after: timeout, touch: nil, isTrue: false)
        case .garbage:
            let what = "\(3 + Int(dice.unit() * 37)) bytes that are no frame"
            return Echo(answer: .failure(.malformed(what)), after: latency, touch: nil, isTrue: false)
        case .slow(let milliseconds): latency += Int64(milliseconds)
        case .frozen, .clockOff, nil: break
        }
        let isTrue = isTruthful(seat)
        let (answer, touch) = carryOut(request, at: seat)
        if latency >= timeout { return Echo(answer: .failure(.timeout), after: timeout, touch: touch, isTrue: false) }
        return Echo(answer: answer, after: latency, touch: touch, isTrue: isTrue)
    }

    private mutating func carryOut(_ request: Request, at seat: Seat) -> (Result<[UInt8], ModbusError>, Touch?) {
        let bytes: [UInt8]
        do throws(ModbusError) { bytes = try request.encode() } catch { return (.failure(error), nil) }
        if request.isWrite, let ailment = ailments[seat.index] {
            switch ailment {
            case .refuses: return (.success(PDU.exception(4, to: request.functionCode)), nil)
            case .ignores: return (.success(PDU.encode(.written, to: request)), nil)
            case .lies: break
            }
        }
        let answer: [UInt8]? =
            switch seat.plant {
            case .station: station.answer(seat.unit, bytes)
            case .farm: farm.answer(seat.unit, bytes)
            case .nobody: nil
            }
        guard let answer else { return (.failure(.timeout), nil) }
        return (.success(answer), request.isWrite && answer.first == request.functionCode ? touch(request, seat) : nil)
    }

    private func touch(_ request: Request, _ seat: Seat) -> Touch? {
        let outstations = seat.plant == .station ? PumpStation.outstations : LilyFarm.outstations
        let cells = outstations.first { $0.unit == seat.unit }?.cells ?? []
        guard let cell = cells.first(where: { $0.table == request.table && $0.address == request.address }) else { return nil }
        guard case .writeCoil(_, let value) = request else { return nil }
        return Touch(point: "\(seat.name)/\(cell.point)", value: value ? 1 : 0)
    }
}
