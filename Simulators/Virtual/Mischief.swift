import Acquisition
import Gateway
import Glibc
import Plants
import Telemetry

/// What goes wrong and when, from a seed. Every kind begins some times a day; one hour in three nothing new does.
struct Mischief: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case dead, slow, garbage, frozen, refuses, ignores
        case wrongValue = "wrong value"
        case link = "link cut"
        case jam = "contactor stuck"
        case selector = "selector turned"
        case work = "work on a pump"
        case crash, stop
        case powerCut = "power cut"
        case dip = "mains dip"
        case clock = "clock step"
        case untrusted = "clock untrusted"
        case storm
        case tracker = "tracker or bin"
    }

    /// Where in its work the gateway dies.
    enum Trap: Sendable { case beforeWrite, afterWrite }

    /// What is done to the county or the gateway at one moment.
    enum Deed: Sendable {
        case begins(Kind, String)
        case fail(seat: Int, Fault?)
        case ail(seat: Int, VirtualField.Ailment?)
        case hold(seat: Int, point: String, Double?)
        case cut(String), mend(String)
        case jam(pump: Int, Bool?)
        case turn(pump: Int, Pump.Selector)
        case hands(pump: Int, areOn: Bool)
        /// A person locks the pump out at the console, or takes the lock away.
        case lock(pump: Int, Bool)
        case crash(Trap?, down: Double)
        case stop(down: Double)
        case power(Bool)
        case clock(milliseconds: Int64, isTrusted: Bool)
        case storm(peak: Double, minutes: Double)
        case tracker(String, Fault?)
    }

    private struct Plan: Sendable {
        let at: Instant
        let order: Int
        let deeds: [Deed]
        /// What is free again afterwards.
        let frees: String?
    }

    let isOn: Bool
    /// When the gateway dies, between two seconds.
    private(set) var next = Instant.never
    private var beginnings: [(kind: Kind, at: Instant)] = []
    private var plans: [Plan] = []
    private var ordered = 0
    /// Devices, links and clocks that something is wrong with already.
    private var taken: Set<String> = []
    private var dice: Dice
    private let seed: UInt64
    private let withClocks: Bool
    private let links: [String]
    private let pumps: [Int]
    private let fed: [String]
    /// Mean time between two of a kind, s.
    private static let mean = 9000.0

    init(seed: UInt64, _ plan: SitePlan, _ field: VirtualField, isOn: Bool, withClocks: Bool) {
        self.seed = seed
        self.isOn = isOn
        self.withClocks = withClocks
        dice = Dice(seed: seed, stream: 22)
        links = plan.links.map(\.name) + plan.brokers.map(\.name)
        pumps = field.seats.filter { $0.plant == .station && $0.device.hasPrefix("pump-") }.map(\.index)
        fed = field.hasFleet ? plan.brokers.flatMap(\.devices).map(\.name).filter { $0.hasPrefix(Fleet.site + "/") } : []
        guard isOn else { return }
        for kind in Kind.allCases { beginnings.append((kind, Instant.zero.after(seconds: 120 + wait))) }
    }

    private var wait: Double { mutating get { min(6 * Self.mean, -Self.mean * log(1 - dice.unit())) } }

    /// An hour in which nothing new goes wrong.
    static func isQuiet(_ now: Instant, seed: UInt64) -> Bool {
        var random = SeededRandom(seed: seed &+ UInt64(now.nanoseconds / 3_600_000_000_000))
        return random.next() % 3 == 0
    }

    mutating func due(at now: Instant, field: VirtualField) -> [Deed] {
        guard isOn else { return [] }
        var deeds: [Deed] = []
        if plans.contains(where: { $0.at <= now }) {
            let ripe = plans.filter { $0.at <= now }.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
            plans.removeAll { $0.at <= now }
            for plan in ripe {
                deeds += plan.deeds
                if let name = plan.frees { taken.remove(name) }
            }
        }
        for index in beginnings.indices where beginnings[index].at <= now {
            beginnings[index].at = now.after(seconds: max(1, wait))
            if !Self.isQuiet(now, seed: seed) { deeds += begin(beginnings[index].kind, at: now, field) }
        }
        return deeds
    }

    private mutating func later(_ seconds: Double, at now: Instant, _ deeds: [Deed], frees: String? = nil) {
        ordered += 1
        plans.append(Plan(at: now.after(seconds: seconds), order: ordered, deeds: deeds, frees: frees))
    }

    /// Short ones are as likely as long ones.
    private mutating func span(_ low: Double, _ high: Double) -> Double { low * pow(high / low, dice.unit()) }

    private mutating func pick<T>(_ items: [T]) -> T? { items.isEmpty ? nil : items[Int(dice.unit() * Double(items.count))] }

    // MARK: One of each kind

    private mutating func begin(_ kind: Kind, at now: Instant, _ field: VirtualField) -> [Deed] {
        switch kind {
        case .dead, .slow, .garbage, .frozen, .refuses, .ignores: return spoilDevice(kind, at: now, field)
        case .wrongValue: return spoilValue(at: now, field)
        case .link:
            guard let link = pick(links), taken.insert("link " + link).inserted else { return [] }
            later(span(3, 900), at: now, [.mend(link)], frees: "link " + link)
            return [.begins(kind, link), .cut(link)]
        case .jam, .selector, .work: return meddle(kind, at: now, field)
        case .crash, .stop, .powerCut, .dip: return end(kind, at: now)
        case .clock, .untrusted:
            // A clock that is not believed may be nearly right all the same; ms.
            let shifts: [Int64] = kind == .clock ? [3_600_000, -3_600_000] : [3_600_000, 20_000, -20_000, -3_600_000]
            let shift = pick(shifts) ?? 0
            let span = span(20, 1800)
            guard withClocks, taken.insert("clock").inserted else { return [] }
            later(span, at: now, [.clock(milliseconds: 0, isTrusted: true)], frees: "clock")
            return [.begins(kind, "\(shift / 1000) s"), .clock(milliseconds: shift, isTrusted: kind == .clock)]
        case .storm:
            let (peak, minutes) = (dice.between(15, 45), dice.between(30, 120))
            return [.begins(kind, "\(Int(peak)) mm/h"), .storm(peak: peak, minutes: minutes)]
        case .tracker:
            guard let name = pick(fed), taken.insert(name).inserted else { return [] }
            let fault = pick([Fault.dead, .garbage, .clockOff(seconds: -3600), .clockOff(seconds: 7200), .slow(milliseconds: 4000)])
            later(span(30, 1800), at: now, [.tracker(name, nil)], frees: name)
            return [.begins(kind, name), .tracker(name, fault)]
        }
    }

    private mutating func spoilDevice(_ kind: Kind, at now: Instant, _ field: VirtualField) -> [Deed] {
        let seats = field.seats.filter { $0.plant != .nobody }
        guard let seat = pick(seats), taken.insert(seat.name).inserted else { return [] }
        let span = span(4, 1200)
        switch kind {
        case .refuses, .ignores:
            later(span, at: now, [.ail(seat: seat.index, nil)], frees: seat.name)
            return [.begins(kind, seat.name), .ail(seat: seat.index, kind == .refuses ? .refuses : .ignores)]
        default:
            let late = Int(dice.between(100, 1500))
            let fault: Fault =
                switch kind {
                case .slow: .slow(milliseconds: late)
                case .garbage: .garbage
                case .frozen: .frozen(point: "*")
                default: .dead
                }
            later(span, at: now, [.fail(seat: seat.index, nil)], frees: seat.name)
            return [.begins(kind, "\(seat.name) \(fault)"), .fail(seat: seat.index, fault)]
        }
    }

    private mutating func spoilValue(at now: Instant, _ field: VirtualField) -> [Deed] {
        let wrong: [(device: String, point: String, value: Double)] = [
            ("well", "level", 9.9), ("well", "level", -0.4), ("well", "outflow", .nan), ("meter", "voltage-a", .nan),
            ("pump-1", "current", 900), ("zone-1", "moisture-15", 180), ("zone-2", "moisture-40", -3), ("weather", "rain-rate", .nan),
        ]
        guard let choice = pick(wrong), let seat = field.seats.first(where: { $0.device == choice.device && $0.plant != .nobody }),
            taken.insert(seat.name).inserted
        else { return [] }
        let undo: [Deed] = [.hold(seat: seat.index, point: choice.point, nil), .ail(seat: seat.index, nil)]
        later(span(4, 900), at: now, undo, frees: seat.name)
        return [
            .begins(.wrongValue, "\(seat.name)/\(choice.point) \(choice.value)"), .ail(seat: seat.index, .lies),
            .hold(seat: seat.index, point: choice.point, choice.value),
        ]
    }

    /// A person, or a contactor of its own will, at one of the pumps.
    private mutating func meddle(_ kind: Kind, at now: Instant, _ field: VirtualField) -> [Deed] {
        guard let seat = pick(pumps), taken.insert(field.seats[seat].name).inserted else { return [] }
        let name = field.seats[seat].name
        let pump = field.seats[seat].device == "pump-1" ? 0 : 1
        let span = span(20, 2400)
        switch kind {
        case .jam:
            let isClosed = dice.unit() < 0.4
            later(span, at: now, [.jam(pump: pump, nil)], frees: name)
            return [.begins(kind, "\(name) \(isClosed ? "closed" : "open")"), .jam(pump: pump, isClosed)]
        case .selector:
            let position: Pump.Selector = dice.unit() < 0.5 ? .hand : .off
            later(span, at: now, [.turn(pump: pump, .auto)], frees: name)
            return [.begins(kind, "\(name) \(position)"), .turn(pump: pump, position)]
        default:
            // Locked out, by the selector or at the console, before a hand is laid on the machine, and the other way round at the end.
            let isAtConsole = dice.unit() < 0.5
            later(40, at: now, [.hands(pump: pump, areOn: true)])
            later(40 + span, at: now, [.hands(pump: pump, areOn: false)])
            later(60 + span, at: now, [.lock(pump: pump, false), .turn(pump: pump, .auto)], frees: name)
            return [.begins(kind, name), isAtConsole ? .lock(pump: pump, true) : .turn(pump: pump, .off)]
        }
    }

    private mutating func end(_ kind: Kind, at now: Instant) -> [Deed] {
        guard taken.insert("gateway").inserted else { return [] }
        let down = dice.unit() < 0.7 ? dice.between(2, 25) : span(60, 2400)
        switch kind {
        case .crash:
            let traps: [Trap?] = [.beforeWrite, .afterWrite, nil, nil]
            let trap = pick(traps) ?? nil
            // A trap that nothing falls into within five minutes closes by itself.
            later(330 + down, at: now, [], frees: "gateway")
            return [.begins(kind, "down for \(Int(down)) s"), .crash(trap, down: down)]
        case .stop:
            later(30 + down, at: now, [], frees: "gateway")
            return [.begins(kind, "down for \(Int(down)) s"), .stop(down: down)]
        case .powerCut:
            later(down, at: now, [.power(true)], frees: "gateway")
            return [.begins(kind, "for \(Int(down)) s"), .power(false), .crash(nil, down: down + 5)]
        default:
            later(dice.between(2, 8), at: now, [.power(true)], frees: "gateway")
            return [.begins(kind, ""), .power(false)]
        }
    }

    /// A part of a second later, so that the gateway dies in the midst of something.
    mutating func kill(soonAfter now: Instant) { next = now.after(milliseconds: Int64(dice.unit() * 1000)) }

    mutating func killed() { next = .never }
}
