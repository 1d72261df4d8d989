import BenchmarkCosts
import Documents
import Rules
import Telemetry

/// Ten thousand rules over fifty thousand points that all change each second: a thousand devices of fifty points.
struct County {
    private static let devices = 1000
    private static let pointsOfOne = 50
    private static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    private let directory: Directory
    private let table: PointTable
    private var engine: RuleEngine
    private var random = SeededRandom(seed: 1)

    /// - Parameter isScattered: whether each rule reads points of five devices rather than of one.
    init(isScattered: Bool) throws {
        var points: [Point] = []
        points.reserveCapacity(Self.devices * Self.pointsOfOne)
        for device in 0..<Self.devices {
            for number in 0..<Self.pointsOfOne {
                guard let name = PointName("\(Self.name(device))/point-\(number)") else { preconditionFailure("a bad name") }
                // The last ten are what rules want something of.
                let isOutput = number >= 40
                points.append(
                    Point(
                        name: name, device: DeviceID(index: device), type: isOutput ? .bool : .double, unit: isOutput ? "" : "m",
                        maximumAge: .seconds(5), isWritable: isOutput))
            }
        }
        directory = Directory(points: points, devices: (0..<Self.devices).map { ("site-\($0 / 50)", "device-\($0)") })
        table = PointTable(directory: directory)
        let mistakes = Mistakes()
        let context = RuleContext(directory: directory)
        let rules = (0..<10 * Self.devices).compactMap { rule in
            RuleFiles.read(
                yaml: Self.text(of: rule, isScattered), file: "\(rule).yaml", name: "rule-\(rule)", kinds: [], context: context,
                into: mistakes)
        }
        guard mistakes.isEmpty else { throw Mistaken(description: "\(mistakes.sorted)") }
        engine = RuleEngine(rules: rules)
    }

    private struct Mistaken: Error, CustomStringConvertible {
        let description: String
    }

    private static func name(_ device: Int) -> String { "site-\(device / 50)/device-\(device)" }

    private static func text(of rule: Int, _ isScattered: Bool) -> String {
        let device = rule / 10
        let inputs = ["a", "b", "c", "d", "e"].enumerated().map { number, name in
            let other = isScattered ? (device + number * 137 + rule) % devices : device
            return "\(name): \(Self.name(other))/point-\((rule * 4 + number) % 40)"
        }
        return """
            rule: 1
            about: Rule \(rule) of the measurement.
            inputs: { \(inputs.joined(separator: ", ")) }
            when: a > b + \(rule % 7).5 && c < d || e > 9.9
            hold: 2s
            then: [{ point: \(Self.name(device))/point-\(40 + rule % 10), value: true }]
            """
    }

    mutating func measure(_ seconds: Int) async {
        let warmUp = 5
        var spent: [Double] = []
        var judgedBefore = 0
        var wants = 0
        for second in 1...warmUp + seconds {
            if second == warmUp + 1 { judgedBefore = engine.judged }
            for device in 0..<Self.devices {
                let batch = batch(of: device, second)
                let before = Costs.cpu
                table.apply(batch)
                let judgement = engine.hear(
                    changed: batch.samples.map(\.point), view: View(table, at: batch.received.monotonic), at: batch.received)
                if second > warmUp { spent.append(Costs.cpu - before) }
                wants += judgement.wants.count
            }
        }
        let share = (spent.reduce(0, +) / Double(seconds) * 100).rounded(to: 1)
        spent.sort()
        let slow = (spent[spent.count * 99 / 100] * 1e6).rounded(to: 0)
        let judged = (engine.judged - judgedBefore) / seconds
        print(
            "    \(judged) conditions judged a second, \(wants) wants: \(share) % of a core, the point table included; a batch of fifty"
        )
        print(
            "    points until its wants are there: 99th percentile \(slow) µs of CPU; \(Costs.memory) MiB in all, \(Costs.peak) at most"
        )
    }

    private mutating func batch(of device: Int, _ second: Int) -> Batch {
        let now = Self.start.advanced(by: .milliseconds(second * 1000 + device))
        let samples = (0..<Self.pointsOfOne).map { number in
            let value: Value = number < 40 ? .double(Double(random.next() % 1000) / 100) : .bool(random.next() & 1 == 0)
            return Sample(point: PointID(index: device * Self.pointsOfOne + number), time: now.wall, reading: .good(value))
        }
        return Batch(device: DeviceID(index: device), received: now, samples: samples)
    }
}
