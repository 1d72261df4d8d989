import Acquisition
import Control
import Gateway
import Modbus
import Plants
import Profiles
import Rules
import Telemetry

/// Judges from outside the gateway: it knows the truth of the plants and of what was done to them, sees every write that reaches one, and
/// hears what the gateway says. It knows nothing of how the gateway decides.
///
/// What the gateway cannot know, it is not blamed for: a device that lies believably, a pump a person or a stuck contactor has
/// taken, an order of the county that stands.
struct Inspector: Sendable {
    /// How a device was last seen through the gateway's eyes.
    struct Sight: Sendable {
        /// Since the start of all: when the gateway last got a true answer, when it asked in vain, and when it was told something untrue.
        var seen = Instant.longAgo
        var missed = Instant.longAgo
        var fooled = Instant.longAgo
        /// When last something was wrong with the device, its way or the machine behind it.
        var troubled = Instant.longAgo
        /// Samples that answers should have made, less those that arrived.
        var owed = 0
    }

    /// A pump or a valve, as its point is written.
    struct Machine: Sendable {
        let point: String
        let seat: Int
        /// Its number if it is a pump.
        let pump: Int?
        /// When it was last truly running (open), and last truly not.
        var lastOn = Instant.longAgo
        var lastOff = Instant.longAgo
        var isCommanded = false
        /// When a write last told it to rest; and when writes told it to run in the last hour.
        var stopped = Instant.longAgo
        var starts: [Instant] = []
        /// When its contactor was seen to close, by whomever.
        var closings: [Instant] = []
        var contactorStarts = 0
        /// When a write last told it to run, having not been told before.
        var started = Instant.longAgo
        /// Until when an order of the county may explain what it does.
        var ordered = Instant.longAgo
        /// Since when it is commanded with everything well.
        var since: Instant?
    }

    /// An order of the county that the gateway accepted.
    struct Order: Sendable {
        let ticket: UInt64
        let value: Bool
        let since: Instant
        let until: Instant
    }

    struct Delivery: Sendable {
        let command: Office.Command
        let isClockOff: Bool
        let isTrusted: Bool
        /// Whether the gateway began it; the answer to a repetition is the first one's.
        var isBegun = false
    }

    private(set) var violation: Violation?
    /// When the gateway began to look: what it finds running it takes for just started.
    var beginnings: [Instant] = []
    var sights: [Sight]
    var machines: [Machine] = []
    let well: Int?
    /// The rule's levels, m.
    let band: (start: Double, stop: Double)
    /// Since when the gateway is up; nil while it is not, or is stopping.
    var since: Instant?
    /// Whether it once ran before.
    var hands = [false, false]
    /// Whether a person holds a lock-out of a pump, at the console.
    var isLocked = [false, false]
    var clockStep = Instant.longAgo
    var deliveries: [UInt64: Delivery] = [:]
    var tickets: UInt64 = 0
    var accepted: Set<String> = []
    var orders: [String: Order] = [:]
    var spilled = 0.0
    /// The highest and the lowest level of the last ten seconds or so, m.
    var recent: [Double] = []
    /// How many samples an answer to a request of a seat makes.
    var yields: [[(request: Request, count: Int)]]
    let polled: [[(table: Table, addresses: Range<Int>)]]
    let seatOfDevice: [Int?]
    /// What the guard file says of the pumps.
    let guards: (startsPerHour: Int?, minimumOff: Double?, stagger: Double)

    init(_ plan: SitePlan, _ field: VirtualField) {
        sights = field.seats.map { _ in Sight() }
        yields = field.seats.map { _ in [] }
        well = field.seats.first { $0.plant == .station && $0.device == "well" }?.index
        let marks = plan.rules.flatMap { $0.judges.flatMap(\.marks) }
        func mark(_ word: String) -> Double? {
            marks.first { $0.word == word && plan.directory[$0.point].name.description == "\(PumpStation.site)/well/level" }?.value
        }
        band = (mark("start") ?? .infinity, mark("stop") ?? -.infinity)
        let devices = plan.links.flatMap(\.devices)
        polled = devices.map { $0.points.map { ($0.source.table, $0.source.addresses) } }
        var places: [Int?] = Array(repeating: nil, count: plan.directory.devices.count)
        for (index, device) in devices.enumerated() { places[device.id.index] = index }
        seatOfDevice = places
        let own = plan.actuators.first { plan.directory[$0.point].name.description == "\(PumpStation.site)/pump-1/run" }?.guards
        guards = (own?.startsPerHour, own?.minimumOff?.seconds, plan.feeders.first?.stagger.seconds ?? 0)
        for actuator in plan.actuators {
            let name = plan.directory[actuator.point].name
            guard let seat = field.seats.first(where: { $0.name == "\(name.site)/\(name.device)" && $0.plant != .nobody }) else { continue }
            let pump = seat.plant == .station ? ["pump-1": 0, "pump-2": 1][name.device] : nil
            machines.append(Machine(point: name.description, seat: seat.index, pump: pump))
        }
    }

    mutating func violate(_ item: SafetyItem, at now: Instant, _ seen: String) {
        if violation == nil { violation = Violation(item: item, at: now, seen: seen) }
    }

    func machine(_ point: String) -> Int? { machines.firstIndex { $0.point == point } }

    /// Whether everything about a device has been well and seen for so long, s.
    func isCalm(_ seat: Int, for span: Double, at now: Instant) -> Bool {
        let sight = sights[seat]
        return now.seconds(since: sight.seen) < 8 && now.seconds(since: max(sight.missed, sight.troubled, sight.fooled)) > span
    }

    func isUp(for span: Double, at now: Instant) -> Bool { since.map { now.seconds(since: $0) > span } ?? false }

    func isOrdered(_ machine: Machine, at now: Instant) -> Bool { now < machine.ordered.after(seconds: 60) }

    /// The points of pumps whose selector says that nobody shall start them. A lock-out the county's office does not see.
    func atWork(_ field: VirtualField) -> Set<String> {
        Set(machines.filter { $0.pump.map { field.station.plant.pumps[$0].selector == .off } ?? false }.map(\.point))
    }

    // MARK: Lives

    mutating func began(at now: Instant) {
        since = now
        beginnings.append(now)
        for index in sights.indices {
            sights[index].missed = now
            sights[index].owed = 0
        }
    }

    mutating func ended(at now: Instant) {
        since = nil
        orders = [:]
    }

    mutating func stops(at now: Instant) {
        since = nil
        orders = [:]
    }

    /// Item 7, of a gateway that was told to stop and has.
    mutating func stopped(at now: Instant, _ field: VirtualField) {
        for machine in machines where isCalm(machine.seat, for: 30, at: now.after(seconds: -2)) && isCommanded(machine, field) {
            violate(.leftOn, at: now, "\(machine.point) is left on by an orderly stop")
        }
        ended(at: now)
    }

    mutating func clockStepped(at now: Instant) { clockStep = now }

    func isCommanded(_ machine: Machine, _ field: VirtualField) -> Bool {
        if let pump = machine.pump { return field.station.plant.pumps[pump].isCommanded }
        return field.farm.said("valve", on: field.seats[machine.seat].device) == 1
    }
}
