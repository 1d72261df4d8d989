import Alarms
import FoundationEssentials
import Telemetry

/// A random history of a station: what is heard, what people do, and how time goes on, all from a seed.
struct History {
    enum Step: Sendable {
        case wait(Duration)
        case hear([Heard])
        case obey(AlarmOrder)
    }

    /// Alarms of every sort: parents, designs, groups, latches, delays, repeats, confirmations.
    static let alarms = Watch.read([
        "dead": Watch.yaml("points: \"*/controller/beat\"\nwhen: { quality: bad }\non-delay: 5s"),
        "silent": Watch.yaml("points: \"*/pump-*/current\"\nwhen: { quality: uncertain }\nparent: dead"),
        "high": Watch.yaml(
            "points: \"*/well/level\"\nwhen: { high: 80, deadband: 5 }\non-delay: 3s\noff-delay: 4s\nre-alarm: 10m\nparent: dead"),
        "high-high": Watch.yaml(
            "points: \"*/well/level\"\nwhen: { high-high: 90, deadband: 5 }\nlatching: true", priority: "highest"),
        "jump": Watch.yaml(
            "points: \"*/well/level\"\nwhen: { change: 30, within: 20s, deadband: 0 }\nlatching: true\nconfirm: true"),
        "apart": Watch.yaml(
            "points: \"*/well/level\"\nwhen: { deviation: 20, from: twin, deadband: 2 }\nconfirm: true\non-delay: 2s"),
        "low": Watch.yaml(
            """
            points: "*/pump-*/current"
            when: { low: 20, deadband: 2 }
            suppressed-when: [{ point: running, is: false }, { point: mode, is: hand }]
            first-out: { group: station, within: 30s }
            parent: silent
            """),
        "float": Watch.yaml(
            "points: \"*/well/float\"\nwhen: { is: true }\nfirst-out: { group: station, within: 30s }", priority: "low"),
    ]).alarms

    private(set) var steps: [Step] = []

    init(seed: UInt64, count: Int) {
        var random = SeededRandom(seed: seed)
        var now = Watch.start.monotonic
        for _ in 0..<count {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                let span = Self.span(&random)
                now = now + span
                steps.append(.wait(span))
            case 3..<8:
                let news = (0..<Int.random(in: 1...6, using: &random)).map { _ in Self.news(at: now, &random) }
                steps.append(.hear(news))
            default: steps.append(.obey(Self.order(&random)))
            }
        }
    }

    private static func span(_ random: inout SeededRandom) -> Duration {
        let longest = [2_000, 12_000, 60_000, 900_000, 30_000_000][Int.random(in: 0..<5, using: &random)]
        return .milliseconds(Int.random(in: 0...longest, using: &random))
    }

    /// Every point once.
    static func present(at now: Monotonic, _ random: inout SeededRandom) -> [Heard] {
        Watch.county.points.indices.map { news(of: $0, at: now, &random) }
    }

    private static func news(at now: Monotonic, _ random: inout SeededRandom) -> Heard {
        news(of: Int.random(in: Watch.county.points.indices, using: &random), at: now, &random)
    }

    private static func news(of index: Int, at now: Monotonic, _ random: inout SeededRandom) -> Heard {
        let value: Value =
            switch Watch.county.points[index].type {
            case .bool: .bool(Bool.random(using: &random))
            case .uint: .uint(UInt64.random(in: 0...9, using: &random))
            case .string: .string(["auto", "hand"].randomElement(using: &random) ?? "")
            default: .double(Double(Int.random(in: 0...100, using: &random)))
            }
        let reading: Reading =
            switch Int.random(in: 0..<12, using: &random) {
            case 0: .bad(.commFailure)
            case 1: .uncertain(value, .stale)
            case 2: .uncertain(value, .outOfRange)
            case 3: .uncertain(value, .clockUntrusted)
            default: .good(value)
            }
        let age = Duration.milliseconds(Int.random(in: 0...9_000, using: &random))
        return Heard(point: PointID(index: index), reading: reading, staleAt: now + (.seconds(10) - age) + .nanoseconds(1))
    }

    private static func order(_ random: inout SeededRandom) -> AlarmOrder {
        let alarm = alarms[Int.random(in: alarms.indices, using: &random)].name
        let span = Duration.seconds(Int.random(in: 1...7200, using: &random))
        let acts: [AlarmOrder.Act] = [
            .acknowledge(comment: ""), .acknowledge(comment: "seen"), .acknowledge(comment: ""), .confirm(comment: ""), .reset,
            .shelve(for: span, reason: "noise", isOneShot: Bool.random(using: &random)), .unshelve, .suppress(reason: "works"),
            .unsuppress,
            .removeFromService(reason: "broken"), .returnToService, .resetFirstOut,
        ]
        let act = acts[Int.random(in: acts.indices, using: &random)]
        return AlarmOrder(act, act == .resetFirstOut ? "station" : alarm, who: "the shift")
    }

    // MARK: Playing

    /// A desk, its clock, and what it told.
    struct Run {
        var desk: AlarmDesk
        var now: Moment
        var changes: [AlarmChange] = []

        init(at now: Moment = Watch.start) {
            desk = AlarmDesk(alarms, at: now)
            self.now = now
        }

        /// - Parameter shift: how far this run's monotonic clock is ahead of the history's.
        mutating func play(_ step: Step, shift: Duration = .zero) {
            switch step {
            case .wait(let span):
                now = now.advanced(by: span)
                changes += desk.tick(at: now)
            case .hear(let news):
                let moved = news.map { Heard(point: $0.point, reading: $0.reading, staleAt: $0.staleAt.map { $0 + shift }) }
                changes += desk.hear(moved, at: now)
            case .obey(let order): changes += desk.obey(order, at: now).changes
            }
        }

        /// What an operator sees, in order.
        var listed: [String] { desk.list(at: now).map { "\($0.definition.name) \($0.state.rawValue)" } }

        var states: [AlarmState?] { alarms.map { desk.summary(of: $0.name, at: now)?.state } }

        /// What the next run finds on disk.
        func saved() throws -> AlarmSnapshot {
            try JSONDecoder().decode(AlarmSnapshot.self, from: try JSONEncoder().encode(desk.snapshot(at: now)))
        }
    }
}
