import Telemetry
import Testing

@testable import Sparkplug

/// Whatever happens, in whatever order, a host that has heard every message finds no fault in them.
@Suite("Random sessions")
struct RandomSessionTests {
    /// A broker that does as it is told, and the host behind it.
    private struct World {
        var node: EdgeNode
        var host: HostModel
        var dice: SeededRandom
        var now = after(0)
        var dialled: EdgeNode.Connection?
        var open: EdgeNode.Connection?
        var stored: UInt8?
        var messages = 0
        /// The latest live sample of each point that the node took.
        var expected: [String: MetricSample] = [:]

        mutating func perform(_ actions: [EdgeNode.Action]) {
            for action in actions {
                switch action {
                case .store(let next): stored = next
                case .connect(let connection):
                    #expect(open == nil && dialled == nil, "two connections at once")
                    #expect(stored == connection.bdSeq &+ 1, "a number that a restart would use again")
                    dialled = connection
                case .publish(let message):
                    #expect(open != nil, "a message without a connection")
                    messages += 1
                    host.hear(message)
                case .disconnect:
                    dialled = nil
                    open = nil
                    perform(node.hear(.disconnected, at: now))
                case .subscribe: #expect(open != nil)
                case .command, .refused, .unpublishable: break
                }
            }
        }

        mutating func tell(_ event: EdgeNode.Event) { perform(node.hear(event, at: now)) }

        mutating func step() {
            now = now.advanced(by: .milliseconds(Int.random(in: 1...2000, using: &dice)))
            switch Int.random(in: 0..<20, using: &dice) {
            case 0: if Int.random(in: 0..<3, using: &dice) == 0 { hangUp() }
            case 1...3: answer()
            case 4: tell(.deviceLost(["well", "meter"].randomElement(using: &dice) ?? "well"))
            case 5, 6: tell(.deviceBack(["well", "meter"].randomElement(using: &dice) ?? "well"))
            case 7: perform(node.rebirth(Bool.random(using: &dice), at: now))
            case 8:
                let age = Int64.random(in: 0...3000, using: &dice)
                perform(node.state(Int.random(in: 0..<3, using: &dice) > 0, now.wall.milliseconds - age, at: now))
            case 9: tell(.tick)
            case 10:
                perform(node.command(.random(&dice), device: Bool.random(using: &dice) ? "well" : nil, sent: now.wall, at: now))
            case 11, 12: samples(.backlog)
            default: samples(.live)
            }
        }

        /// The link breaks, and the broker speaks the will.
        private mutating func hangUp() {
            guard let connection = open else { return }
            open = nil
            host.lost(connection)
            tell(.disconnected)
        }

        private mutating func answer() {
            guard let connection = dialled else { return }
            dialled = nil
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: tell(.unreachable)
            case 1:
                host.connect(connection)
                tell(.disconnected)
            default:
                host.connect(connection)
                open = connection
                tell(.connected)
            }
        }

        private mutating func samples(_ freshness: EdgeNode.Freshness) {
            let devices: [(String?, [MetricDefinition])] =
                [(nil, station.metrics)] + station.devices.map { (Optional($0.id), $0.metrics) }
            let (device, definitions) = devices[Int.random(in: 0..<devices.count, using: &dice)]
            var samples: [MetricSample] = []
            for _ in 0..<Int.random(in: 0...5, using: &dice) {
                guard let definition = definitions.randomElement(using: &dice) else { continue }
                let time = now.wall.advanced(by: .milliseconds(-Int.random(in: 0...3000, using: &dice)))
                samples.append(MetricSample(metric: definition.name, time: time, reading: .random(definition.type, &dice)))
            }
            for sample in samples where freshness == .live {
                let key = "\(device ?? "")/\(sample.metric)"
                if let held = expected[key], held.time > sample.time { continue }
                expected[key] = sample
            }
            tell(.samples(samples, device: device, freshness))
        }
    }

    @Test("leave a host without a complaint, and with the current values", arguments: 0..<40 as Range<UInt64>)
    func sessions(seed: UInt64) throws {
        let configuration = station.with {
            $0.usesAliases = seed % 3 != 0
            $0.reportsByException = seed % 4 != 0
            $0.primaryHost = seed % 2 == 0 ? "county" : nil
            $0.maximumMetrics = seed % 5 == 0 ? 2 : 1000
            $0.serverCount = Int(seed % 3) + 1
        }
        let number = UInt8(truncatingIfNeeded: seed &* 37)
        let node = try EdgeNode(configuration, bdSeq: number)
        var world = World(node: node, host: HostModel(usesAliases: configuration.usesAliases), dice: SeededRandom(seed: seed))
        world.tell(.start)
        for _ in 0..<800 {
            world.step()
            #expect(world.host.complaints.isEmpty, "seed \(seed): \(world.host.complaints.first ?? "")")
            if !world.host.complaints.isEmpty { return }
            if world.node.takesData { #expect(world.host.isOnline) }
        }
        #expect(world.messages > 20 && world.host.births > 1, "a session too quiet to prove anything")
        guard world.node.takesData else { return }
        world.now = world.now.advanced(by: .seconds(60))
        world.tell(.deviceBack("well"))
        world.tell(.deviceBack("meter"))
        for (key, sample) in world.expected {
            let told = try #require(world.host.current[key], "\(key)")
            #expect(told.content == (sample.reading.value.map { .value(Scalar($0)) } ?? .null), "seed \(seed): \(key)")
            #expect(
                told.quality == (sample.reading.isGood ? .good : sample.reading.quality == .bad ? .bad : .stale),
                "seed \(seed): \(key)")
        }
    }

    @Test("take any bytes on any topic without a trap, and keep their order", arguments: 0..<20 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var dice = SeededRandom(seed: seed)
        var node = try EdgeNode.connected(station.with { $0.primaryHost = "county" })
        let topics = [
            "spBv1.0/Xinzhuang/NCMD/gateway", "spBv1.0/Xinzhuang/DCMD/gateway/well", "spBv1.0/Xinzhuang/DCMD/gateway/nobody",
            "spBv1.0/STATE/county", "",
        ]
        for step in 0..<1000 {
            var payload = Payload.random(&dice).encoded
            if !payload.isEmpty, Bool.random(using: &dice) {
                payload[Int.random(in: 0..<payload.count, using: &dice)] = UInt8.random(in: .min ... .max, using: &dice)
            }
            let topic = topics.randomElement(using: &dice) ?? ""
            let actions = node.hear(
                .message(topic: topic, payload: payload, isRetained: Bool.random(using: &dice)), at: after(Double(step)))
            #expect(actions.sent.isEmpty, "nothing of this brings the host online")
            if step == 500 { _ = node.state(true, 1, at: after(500)) }
            if step >= 500 { return }
        }
    }
}

extension Reading {
    fileprivate static func random(_ type: ValueType, _ dice: inout SeededRandom) -> Reading {
        let small = Int64.random(in: 0...3, using: &dice)
        let value: Value =
            switch type {
            case .bool: .bool(small > 1)
            case .int: .int(small)
            case .uint: .uint(UInt64(small))
            case .double: .double(Double(small))
            case .string: .string("\(small)")
            }
        return switch Int.random(in: 0..<6, using: &dice) {
        case 0: .bad(.commFailure)
        case 1: .uncertain(value, .substituted)
        default: .good(value)
        }
    }
}
