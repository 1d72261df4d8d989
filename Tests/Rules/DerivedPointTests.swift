import Documents
import Rules
import Telemetry
import Testing

@Suite("A derived point")
struct DerivedPointTests {
    private static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    private static let station: Directory = {
        let names: [(String, Int, String, Duration)] = [
            ("well/level", 0, "m", .seconds(3)), ("well/inflow", 0, "m3/h", .seconds(30)), ("pump-1/flow", 1, "m3/h", .seconds(3)),
            ("pump-2/flow", 2, "m3/h", .seconds(3)), ("pump-1/run", 1, "", .seconds(3)),
        ]
        let points = names.compactMap { name, device, unit, age in
            PointName("town/\(name)").map {
                Point(
                    name: $0, device: DeviceID(index: device), type: $0.point == "run" ? .bool : .double, unit: unit, maximumAge: age,
                    isWritable: $0.point == "run")
            }
        }
        return Directory(points: points, devices: ["well", "pump-1", "pump-2"].map { ("town", $0) })
    }()

    private static let outflow = """
        inputs: { flows: town/pump-*/flow }
        derive: { point: town/well/outflow, unit: m3/h, value: "flows[0] + flows[1]" }
        """
    private static let balance = """
        inputs: { inflow: town/well/inflow, outflow: town/well/outflow }
        derive: { point: town/well/balance, unit: m3/h, value: inflow - outflow }
        """
    private static let rising = """
        inputs: { balance: town/well/balance, level: town/well/level }
        when: balance > 0.0 && level > 2.0
        then: [{ point: town/pump-1/run, value: true }]
        """

    /// The rules in the order given, each in a file of its own, the directory they make, and what is wrong with them.
    private static func load(_ bodies: [String]) -> (rules: [Rule], directory: Directory, mistakes: [String]) {
        let files = bodies.enumerated().map { index, body in ("r\(index + 1).yaml", "rule: 1\nabout: A test.\n" + body) }
        let derived = DerivedPoints(files: files, directory: station)
        let context = RuleContext(directory: derived.directory(extending: station), derived: derived)
        let mistakes = Mistakes()
        let rules = files.compactMap { file, yaml in
            RuleFiles.read(yaml: yaml, file: file, name: String(file.dropLast(5)), kinds: [], context: context, into: mistakes)
        }
        RuleFiles.checkCircles(rules, context: context, into: mistakes)
        return (rules, context.directory, mistakes.sorted.map { firstLine($0.description) })
    }

    private static func play(_ rehearsal: inout Rehearsal, _ readings: [String: Reading], at second: Int, timed: Int? = nil) {
        let now = start.advanced(by: .seconds(second))
        let directory = rehearsal.table.directory
        let samples = readings.sorted { $0.key < $1.key }.compactMap { name, reading in
            directory.id(of: "town/\(name)").map {
                Sample(point: $0, time: start.wall.advanced(by: .seconds(timed ?? second)), reading: reading)
            }
        }
        rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: samples))
    }

    private static func state(_ rehearsal: Rehearsal, _ name: String) -> PointTable.State? {
        rehearsal.table.directory.id(of: "town/\(name)").flatMap { rehearsal.table.state(of: $0, at: rehearsal.now.monotonic) }
    }

    @Test(
        "is computed once a batch, before whoever reads it, in whatever order the files stand",
        arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
    func order(order: [Int]) throws {
        let bodies = [Self.outflow, Self.balance, Self.rising]
        let (rules, directory, mistakes) = Self.load(order.map { bodies[$0] })
        #expect(mistakes == [])
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: Self.start)
        let before = rehearsal.engine.judged
        let readings: [String: Double] = ["well/inflow": 50, "pump-1/flow": 20, "pump-2/flow": 10, "well/level": 2.5]
        Self.play(&rehearsal, readings.mapValues { .good(.double($0)) }, at: 1)
        #expect(rehearsal.engine.judged == before + 3)
        #expect(Self.state(rehearsal, "well/outflow")?.reading == .good(.double(30)))
        #expect(Self.state(rehearsal, "well/balance")?.reading == .good(.double(20)))
        #expect(rehearsal.wants.map(\.value) == [.bool(true)])
        // No glitch: both inputs of the balance move at once, and nobody ever sees one of them alone.
        let swapped: [String: Double] = ["well/inflow": 100, "pump-1/flow": 70, "pump-2/flow": 10, "well/level": 2.5]
        Self.play(&rehearsal, swapped.mapValues { .good(.double($0)) }, at: 2)
        #expect(rehearsal.engine.judged == before + 5, "the balance is what it was, so the rule is not asked")
        #expect(rehearsal.events.count == 1)
    }

    @Test("is as good as the worst it is made of, and as new as the newest")
    func quality() throws {
        let (rules, directory, _) = Self.load([Self.balance, Self.outflow])
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: Self.start)
        let good: [String: Reading] = ["pump-1/flow": .good(.double(20)), "pump-2/flow": .good(.double(10))]
        Self.play(&rehearsal, good, at: 1)
        #expect(Self.state(rehearsal, "well/outflow")?.reading == .good(.double(30)))
        #expect(Self.state(rehearsal, "well/balance") == nil, "the inflow was never read")
        Self.play(&rehearsal, ["well/inflow": .uncertain(.double(40), .substituted)], at: 2)
        #expect(Self.state(rehearsal, "well/balance")?.reading == .uncertain(.double(10), .substituted))
        #expect(Self.state(rehearsal, "well/balance")?.time == Self.start.wall.advanced(by: .seconds(2)))
        Self.play(&rehearsal, ["pump-1/flow": .bad(.commFailure)], at: 3)
        #expect(Self.state(rehearsal, "well/outflow")?.reading == .bad(.commFailure))
        #expect(Self.state(rehearsal, "well/balance")?.reading == .bad(.commFailure))
        Self.play(&rehearsal, good, at: 4)
        #expect(Self.state(rehearsal, "well/balance")?.reading == .uncertain(.double(10), .substituted))
    }

    @Test("goes stale with its first input, without a sample to say so, and revives with it")
    func stale() throws {
        let (rules, directory, _) = Self.load([Self.outflow])
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: Self.start)
        Self.play(&rehearsal, ["pump-1/flow": .good(.double(20)), "pump-2/flow": .good(.double(10))], at: 1)
        Self.play(&rehearsal, ["pump-2/flow": .good(.double(10))], at: 4)
        #expect(Self.state(rehearsal, "well/outflow")?.reading == .good(.double(30)))
        rehearsal.advance(to: Self.start.advanced(by: .milliseconds(4100)))
        #expect(Self.state(rehearsal, "well/outflow")?.reading == .uncertain(.double(30), .stale))
        Self.play(&rehearsal, ["pump-1/flow": .good(.double(20))], at: 5)
        #expect(Self.state(rehearsal, "well/outflow")?.reading == .good(.double(30)))
        // What repeats itself is alive: its value never changed, and it is as fresh as its inputs.
        for second in 6...20 { Self.play(&rehearsal, ["pump-1/flow": .good(.double(20)), "pump-2/flow": .good(.double(10))], at: second) }
        #expect(Self.state(rehearsal, "well/outflow")?.reading == .good(.double(30)))
    }

    @Test("that cannot be computed, or leaves its range, is bad and says so once")
    func failing() throws {
        let body = """
            inputs: { inflow: town/well/inflow }
            derive: { point: town/well/ratio, range: [0, 5], value: "double(100 / int(inflow))" }
            """
        let (rules, directory, mistakes) = Self.load([body])
        #expect(mistakes == [])
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: Self.start)
        let readings = [50.0, 0, 0, 0, 10, 50].enumerated().map { second, value in
            Self.play(&rehearsal, ["well/inflow": .good(.double(value))], at: second + 1)
            return Self.state(rehearsal, "well/ratio")?.reading
        }
        #expect(
            readings == [
                .good(.double(2)), .bad(.sensorFault), .bad(.sensorFault), .bad(.sensorFault), .bad(.outOfRange), .good(.double(2)),
            ])
        #expect(
            rehearsal.events.map(\.text) == [
                "cannot be computed: 'value' cannot be judged: division by zero (inflow 0 m3/h)", "is computed again",
            ])
    }

    @Test("that is derived from itself is refused, with every step of the circle")
    func circle() {
        let first = "inputs: { b: town/well/b }\nderive: { point: town/well/a, value: b + 1.0 }\n"
        let second = "inputs: { c: town/well/c }\nderive: { point: town/well/b, value: c + 1.0 }\n"
        let third = "inputs: { a: town/well/a }\nderive: { point: town/well/c, value: a + 1.0 }\n"
        #expect(
            Self.load([first, second, third]).mistakes == [
                "r1.yaml:4:18: error: 'town/well/a' is derived from itself: "
                    + "town/well/a \u{2190} town/well/b \u{2190} town/well/c \u{2190} town/well/a"
            ])
        let alone = "inputs: { a: town/well/a }\nderive: { point: town/well/a, value: a + 1.0 }\n"
        #expect(Self.load([alone]).mistakes.first?.contains("town/well/a \u{2190} town/well/a") == true)
    }

    @Test("in a chain of five hundred, written from its end, arrives in the batch of its source")
    func chain() {
        let bodies = (0..<500).reversed().map { index in
            let source = index == 0 ? "town/well/level" : "town/well/p\(index - 1)"
            return "inputs: { x: \(source) }\nderive: { point: town/well/p\(index), unit: m, value: x + 1.0 }\n"
        }
        let (rules, directory, mistakes) = Self.load(bodies)
        #expect(mistakes == [])
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: Self.start)
        let before = rehearsal.engine.judged
        Self.play(&rehearsal, ["well/level": .good(.double(7))], at: 1)
        #expect(Self.state(rehearsal, "well/p499")?.reading == .good(.double(507)))
        #expect(rehearsal.engine.judged == before + 500)
    }

    @Test(
        "can be declared wrongly in ways that each have their sentence",
        arguments: [
            ("derive: { point: town/well/level, unit: m, value: x }",
             "'town/well/level' is read from its device, and cannot be derived as well"),
            ("derive: { point: town/wall/x, unit: m, value: x }",
             "there is no device 'town/wall' that could have 'x'; did you mean 'town/well'?"),
            ("derive: { point: x, unit: m, value: x }", "'x' cannot name a point, site/device/point, since the rule has no 'for-each'"),
            ("derive: { point: town/well/X y, unit: m, value: x }", "'town/well/X y' cannot name a point"),
            ("derive: { point: town/well/x, value: x }", "'value': it is in m, but the point is given no unit"),
            ("derive: { point: town/well/x, unit: kPa, value: x + 1.0 }", "'value': it is in m, but the point is said to be in kPa"),
            ("derive: { point: town/well/x, value: x > 1.0 }", "'value': it must be of type double, as the point is, but is of type bool"),
            ("derive: { point: town/well/x, unit: m, value: x + y }", "'y' is not an input; did you mean 'x'?"),
            ("derive: { point: town/well/x, unit: m, valu: x }", "what is derived needs 'value'"),
        ])
    func wrong(derive: String, sentence: String) {
        let found = Self.load(["inputs: { x: town/well/level }\n" + derive + "\n"]).mistakes
        #expect(found.contains { $0.hasSuffix(sentence) }, "\(found)")
    }

    @Test("for each of several devices is a point of each, and two files cannot derive the same")
    func forEach() throws {
        let each = "for-each: town/pump-*\ninputs: { flow: flow }\nderive: { point: head, value: flow * 2.0, unit: m }\n"
        let (rules, directory, mistakes) = Self.load([each])
        #expect(mistakes == [] && rules.first?.judges.count == 2)
        #expect(directory.id(of: "town/pump-2/head") != nil && directory.points.count == Self.station.points.count + 2)
        #expect(Self.load([each, each]).mistakes.contains("r2.yaml:5:18: error: 'town/pump-1/head' is derived in r1.yaml too"))
    }
}
