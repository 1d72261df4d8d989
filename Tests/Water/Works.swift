import Documents
import Rules
import Telemetry
import Testing
import Water

/// A small water works whose rules derive quantities, played second by second. Readings go stale after 30 s.
struct Works {
    static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    static let measured: Directory = {
        let described: [(device: Int, name: String, type: ValueType, unit: String)] = [
            (0, "well/level", .double, "m"), (0, "well/level-cm", .double, "cm"), (0, "well/pressure", .double, "kPa"),
            (0, "well/wet", .bool, ""), (1, "pump-1/running", .bool, ""), (1, "pump-1/maintained", .bool, ""),
            (1, "pump-1/flow", .double, "m3/h"), (1, "pump-1/head", .double, "m"), (1, "pump-1/power", .double, "kW"),
            (2, "pump-2/running", .bool, ""), (3, "meter/energy", .double, "kW.h"), (3, "meter/power", .double, "kW"),
            (3, "meter/volume", .double, "m3"), (3, "meter/flow", .double, "L/s"), (3, "meter/rain", .double, "mm/h"),
            (3, "meter/voltage-a", .double, "V"), (3, "meter/voltage-b", .double, "V"), (3, "meter/voltage-c", .double, "V"),
        ]
        let points = described.compactMap { device, name, type, unit in
            PointName("works/\(name)").map {
                Point(name: $0, device: DeviceID(index: device), type: type, unit: unit, maximumAge: .seconds(30))
            }
        }
        return Directory(points: points, devices: ["well", "pump-1", "pump-2", "meter"].map { ("works", $0) })
    }()

    /// What is wrong with a rule's body, each without its place and its line; and the rule with its directory if nothing is.
    static func read(_ body: String) -> (rule: Rule?, directory: Directory, mistakes: [String]) {
        let file = "water/test.yaml"
        let yaml = "rule: 1\nabout: A test.\n" + body
        let derived = DerivedPoints(files: [(file, yaml)], directory: measured)
        let context = RuleContext(directory: derived.directory(extending: measured), derived: derived)
        let mistakes = Mistakes()
        let rule = RuleFiles.read(
            yaml: yaml, file: file, name: "water/test", kinds: QuantityKinds.all, context: context, into: mistakes)
        return (rule, context.directory, mistakes.sorted.map { "\($0.message.prefix { $0 != "\n" })" })
    }

    var rehearsal: Rehearsal
    /// Whether the clock is believed.
    var isTrusted = true

    init(_ body: String) throws {
        let (rule, directory, mistakes) = Self.read(body)
        try #require(mistakes.isEmpty, "\(mistakes)")
        rehearsal = Rehearsal(rules: [try #require(rule)], directory: directory, start: Self.start)
    }

    /// The readings of one batch, by the names of their points.
    mutating func hears(_ readings: [String: Reading], at second: Double) {
        let moment = Self.start.advanced(by: .milliseconds(Int64((second * 1000).rounded())))
        let now = Moment(monotonic: moment.monotonic, wall: moment.wall, isTrusted: isTrusted)
        let directory = rehearsal.table.directory
        let samples = readings.sorted { $0.key < $1.key }.compactMap { name, reading -> Sample? in
            guard let point = directory.id(of: "works/\(name)") else {
                Issue.record("no point \(name)")
                return nil
            }
            return Sample(point: point, time: now.wall, reading: reading)
        }
        rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: samples))
    }

    mutating func hears(_ numbers: [String: Double], at second: Double) {
        hears(numbers.mapValues { Reading.good(.double($0)) }, at: second)
    }

    mutating func pass(until second: Double) { rehearsal.advance(to: Self.start.advanced(by: .seconds(second))) }

    /// The gateway stops, writes down what must not be forgotten, and starts with the same rules, or with another text of them.
    mutating func restart(as body: String? = nil) throws {
        let snapshot = rehearsal.engine.snapshot(at: rehearsal.now)
        guard let body else { return rehearsal.restart(from: snapshot) }
        let (rule, directory, mistakes) = Self.read(body)
        try #require(mistakes.isEmpty, "\(mistakes)")
        var next = Rehearsal(rules: [try #require(rule)], directory: directory, start: rehearsal.now)
        next.restart(from: snapshot)
        rehearsal = next
    }

    func reading(_ name: String) -> Reading? {
        rehearsal.table.directory.id(of: "works/\(name)")
            .flatMap { rehearsal.table.state(of: $0, at: rehearsal.now.monotonic) }?.reading
    }

    /// The number of a reading of whatever quality.
    func number(_ name: String) -> Double? { reading(name)?.value?.number }

    var told: [String] { rehearsal.events.map(\.text) }
}

func isNear(_ a: Double?, _ b: Double, within share: Double = 1e-9) -> Bool {
    a.map { ($0 - b).magnitude <= share * max(b.magnitude, 1e-12) } ?? false
}
