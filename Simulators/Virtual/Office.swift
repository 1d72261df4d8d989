import Control
import Gateway
import Glibc
import Plants
import Telemetry

/// The county's office, as it sends commands: good ones, and those that a gateway must not carry out.
struct Office: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case good, release, repeated, expired, retained, unknown, contradicting, burst, garbled, bare
        case again = "delivered again"
    }

    struct Command: Sendable {
        let kind: Kind
        let id: String?
        let point: String
        /// nil lets go.
        let value: Bool?
        /// As true time; nil if the message bears none.
        let expires: Instant?
        /// s.
        let hold: Double
        let payload: [UInt8]
        var isRetained = false
    }

    private let points: [String]
    private var dice: Dice
    private let isOn: Bool
    private var at: Instant
    private var count = 0
    /// The latest good ones, for repetitions.
    private var latest: [Command] = []
    /// To be delivered again once the gateway is back.
    private var again = false
    private static let mean = 500.0

    init(seed: UInt64, _ plan: SitePlan, isOn: Bool) {
        dice = Dice(seed: seed, stream: 23)
        self.isOn = isOn
        points = plan.actuators.map { plan.directory[$0.point] }.filter { $0.type == .bool }.map(\.name.description)
        at = isOn && !points.isEmpty ? Instant.zero.after(seconds: 300) : .never
    }

    mutating func lostGateway() { again = true }

    mutating func foundGateway(at now: Instant) {
        // A broker that kept the session delivers what it holds at once.
        if again, isOn, !latest.isEmpty { at = min(at, now.after(seconds: 3)) }
    }

    /// - Parameter isSpared: points that nobody may start just now.
    mutating func due(at now: Instant, isUp: Bool, seed: UInt64, isSpared: (String) -> Bool) -> [Command] {
        guard at <= now else { return [] }
        if !isUp {
            at = now.after(seconds: 5)
            return []
        }
        if again {
            again = false
            at = now.after(seconds: dice.between(1, Self.mean))
            return latest.map { copy($0, as: .again) }
        }
        at = now.after(seconds: max(1, min(5 * Self.mean, -Self.mean * log(1 - dice.unit()))))
        if Mischief.isQuiet(now, seed: seed) { return [] }
        let kind = Kind.allCases[Int(dice.unit() * Double(Kind.allCases.count))]
        let point = points[Int(dice.unit() * Double(points.count))]
        // What a lock-out will be for: until `Control` knows of them, the office does not start what someone works on.
        let value = dice.unit() < 0.6 && !isSpared(point)
        return make(kind, point, value, at: now)
    }

    private mutating func make(_ kind: Kind, _ point: String, _ value: Bool, at now: Instant) -> [Command] {
        switch kind {
        case .good: return [remember(command(kind, point, value, at: now))]
        case .release: return [command(kind, point, nil, at: now)]
        case .repeated, .again: return latest.isEmpty ? [] : [copy(latest[Int(dice.unit() * Double(latest.count))], as: .repeated)]
        case .expired: return [command(kind, point, value, at: now, isLate: true)]
        case .retained:
            var command = command(kind, point, value, at: now)
            command.isRetained = true
            return [command]
        case .unknown: return [command(kind, "xinzhuang-pump/pump-9/run", value, at: now)]
        case .contradicting:
            let pair = [value, !value].filter { !$0 || value }.map { command(kind, point, $0, at: now) }
            return pair.map { remember($0) }
        case .burst: return (0..<60).map { _ in command(kind, point, value, at: now) }
        case .garbled: return [Command(kind: kind, id: nil, point: point, value: nil, expires: nil, hold: 0, payload: Array("{\"val".utf8))]
        case .bare:
            let text = value ? "true" : "0"
            return [Command(kind: kind, id: nil, point: point, value: value, expires: nil, hold: 900, payload: Array(text.utf8))]
        }
    }

    private mutating func command(_ kind: Kind, _ point: String, _ value: Bool?, at now: Instant, isLate: Bool = false) -> Command {
        count += 1
        // From what a person waits for to what is meant for whenever the gateway is back.
        let valid = 30 * pow(60, dice.unit()).rounded()
        let issued = now.after(seconds: isLate ? -valid - dice.between(1, 4000) : 0)
        let hold = dice.between(20, 300).rounded()
        let start = VirtualCounty.start.milliseconds + issued.nanoseconds / 1_000_000
        let json = value.map { "\($0)" } ?? "null"
        let end = start + Int64(valid) * 1000
        let text = "{\"id\":\"c-\(count)\",\"value\":\(json),\"issued\":\(start),\"expires\":\(end),\"for\":\(hold)}"
        return Command(
            kind: kind, id: "c-\(count)", point: point, value: value, expires: issued.after(seconds: valid), hold: hold,
            payload: Array(text.utf8))
    }

    private mutating func remember(_ command: Command) -> Command {
        latest = latest.suffix(4) + [command]
        return command
    }

    private func copy(_ command: Command, as kind: Kind) -> Command {
        Command(
            kind: kind, id: command.id, point: command.point, value: command.value, expires: command.expires, hold: command.hold,
            payload: command.payload)
    }

    var next: Instant { .never }
}
