import Documents
import Rules
import Telemetry
import Testing
import Water

/// DOMAIN 1.2, "level plausibility".
@Suite("A level that is to be believed")
struct PlausibilityTests {
    private static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    private static let station: Directory = {
        let names: [(String, Int, ValueType, String)] = [
            ("well/level", 0, .double, "m"), ("well/high-float", 0, .bool, ""), ("pump-1/running", 1, .bool, ""),
            ("pump-2/running", 2, .bool, ""), ("pump-1/run", 1, .bool, ""),
        ]
        let points = names.compactMap { name, device, type, unit in
            PointName("town/\(name)").map {
                Point(
                    name: $0, device: DeviceID(index: device), type: type, unit: unit, maximumAge: .seconds(3),
                    isWritable: $0.point == "run")
            }
        }
        return Directory(points: points, devices: ["well", "pump-1", "pump-2"].map { ("town", $0) })
    }()

    private static let body = """
        kind: plausible
        inputs: { level: town/well/level, one: town/pump-1/running, two: town/pump-2/running }
        derive: { point: town/well/level-checked, unit: m }
        rate: 0.1
        resolution: 0.005
        frozen-after: 30m
        pumping: one || two
        floats: [{ point: town/well/high-float, at: 4.5, tolerance: 0.2 }]
        """

    private static func load(_ bodies: [String]) -> (rules: [Rule], directory: Directory, mistakes: [String]) {
        let files = bodies.enumerated().map { index, body in ("r\(index + 1).yaml", "rule: 1\nabout: A test.\n" + body) }
        let derived = DerivedPoints(files: files, directory: station)
        let context = RuleContext(directory: derived.directory(extending: station), derived: derived)
        let mistakes = Mistakes()
        let rules = files.compactMap { file, yaml in
            RuleFiles.read(
                yaml: yaml, file: file, name: String(file.dropLast(5)), kinds: [PlausibleKind(), PumpBandKind()], context: context,
                into: mistakes)
        }
        return (rules, context.directory, mistakes.sorted.map { $0.message.split(separator: "\n").first.map(String.init) ?? "" })
    }

    /// A second of readings; nil for one that is not there.
    private struct Second {
        var level: Double?
        var isRunning: Bool? = false
        var isWet: Bool? = false
    }

    /// Seconds at which what is derived became good (`+`) or bad (`-`), and what was told.
    private static func hear(_ seconds: Int, _ at: (Int) -> Second) throws -> (edges: [String], told: [String]) {
        let (rules, directory, mistakes) = load([body])
        try #require(mistakes == [])
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: start)
        var edges: [String] = []
        var wasGood: Bool?
        for second in 1...seconds {
            let now = start.advanced(by: .seconds(second))
            let shown = at(second)
            func sample(_ name: String, _ reading: Reading) -> Sample? {
                directory.id(of: "town/\(name)").map { Sample(point: $0, time: now.wall, reading: reading) }
            }
            let switches = [("pump-1/running", shown.isRunning), ("pump-2/running", false), ("well/high-float", shown.isWet)]
            let samples =
                switches.map { name, value in sample(name, value.map { .good(.bool($0)) } ?? .bad(.commFailure)) }
                + [sample("well/level", shown.level.map { .good(.double($0)) } ?? .bad(.commFailure))]
            rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: samples.compactMap { $0 }))
            let checked = directory.id(of: "town/well/level-checked").flatMap {
                rehearsal.table.state(of: $0, at: now.monotonic)?.reading
            }
            let isGood = checked?.isGood ?? false
            if isGood, case .good(let value)? = checked {
                #expect(value.number == shown.level, "what is believed is what was read")
            }
            if let wasGood, wasGood != isGood { edges.append("\(isGood ? "+" : "-")\(second)") }
            wasGood = isGood
        }
        return (edges, rehearsal.events.filter { $0.kind == .alarm }.map(\.text))
    }

    /// A level with the noise of a transmitter, ±3 mm.
    private static func noise(_ second: Int) -> Double { 0.003 * Double((second &* 7919) % 7 - 3) / 3 }

    @Test("noise and waves, and a level that changes as fast as it may, are believed")
    func calm() throws {
        #expect(try Self.hear(1800) { Second(level: 2 + Self.noise($0)) }.edges == [])
        #expect(try Self.hear(1200) { Second(level: 1 + 0.1 / 60 * Double($0) + Self.noise($0), isRunning: true) }.edges == [])
    }

    @Test("a level that goes up twice as fast as it can, in steps however small, is not")
    func ramp() throws {
        let (edges, told) = try Self.hear(120) { Second(level: 1 + 0.2 / 60 * Double($0)) }
        let first = try #require(edges.first.flatMap { Int($0.dropFirst()) })
        #expect(edges.first?.hasPrefix("-") == true && first <= 60, "\(edges)")
        #expect(told.first?.contains("so fast") == true)
    }

    @Test("a jump is not believed until so much time has passed that the level can have gone there; a spike is over with it")
    func jump() throws {
        // 0.5 m at 0.1 m/min: five minutes.
        let (edges, told) = try Self.hear(900) { Second(level: $0 < 100 ? 2 : 2.5) }
        let back = try #require(edges.last.flatMap { Int($0.dropFirst()) })
        #expect(edges.count == 2 && edges.first == "-100" && (370...400).contains(back), "\(edges)")
        #expect(told.count == 2 && told[0] == "the level cannot have gone from 2 m to 2.5 m so fast: it is not believed")
        #expect(try Self.hear(300) { Second(level: $0 == 100 ? 3 : 2) }.edges == ["-100", "+103"])
    }

    @Test(
        "never 3: a frozen sensor is taken for calm: one that stands still for 30 min while a pump runs is not believed until it moves"
    )
    func frozen() throws {
        let (edges, told) = try Self.hear(3000) { Second(level: $0 < 2500 ? 2 : 2.02, isRunning: $0 >= 200 && $0 < 2100) }
        #expect(edges == ["-2000", "+2500"])
        #expect(told.first == "the level has stood at 2 m for 30 min while a pump runs: it is frozen, and not believed")
    }

    @Test("a level that stands still while no pump runs, or nobody knows whether one does, is believed")
    func still() throws {
        #expect(try Self.hear(4000) { _ in Second(level: 2) }.edges == [])
        #expect(try Self.hear(4000) { _ in Second(level: 2, isRunning: nil) }.edges == [])
        #expect(
            try Self.hear(4000) { Second(level: 2, isRunning: $0 % 1700 < 1600) }.edges == [],
            "a pump that stops in between starts the time anew")
    }

    @Test("a float switch that contradicts it for a minute is believed rather than the level, and a wave is not")
    func floats() throws {
        #expect(try Self.hear(300) { Second(level: 4.2, isWet: $0 >= 100) }.edges == ["-160"])
        #expect(try Self.hear(300) { Second(level: 4.4, isWet: $0 >= 100) }.edges == [], "within its tolerance it may be either")
        #expect(try Self.hear(300) { Second(level: 4.8, isWet: $0 < 100) }.edges == ["-160"])
        #expect(try Self.hear(300) { Second(level: 4.2, isWet: $0 % 50 < 40) }.edges == [])
        #expect(try Self.hear(300) { Second(level: 4.2, isWet: $0 >= 100 && $0 < 200) }.edges == ["-160", "+200"])
    }

    @Test("a level that was not read for a while is compared with nothing from before")
    func gap() throws {
        #expect(try Self.hear(300) { Second(level: $0 < 100 ? 2 : $0 < 130 ? nil : 3) }.edges == ["-100", "+130"])
    }

    @Test(
        "mistakes are told",
        arguments: [
            ("frozen-after: 30m\n", "'frozen-after' and 'pumping' go together: a level may stand still while no pump runs"),
            ("", "it looks at nothing: give 'rate', 'frozen-after' with 'pumping', or 'floats'"),
            ("rate: -1\n", "'rate' must be more than zero"),
            (
                "floats: [{ point: town/well/level, at: 4, tolerance: 1 }]\n",
                "'town/well/level' is no float switch: it is not true or false"
            ),
        ])
    func mistakes(lines: String, message: String) {
        let body =
            "kind: plausible\ninputs: { level: town/well/level }\nderive: { point: town/well/level-checked, unit: m }\n" + lines
        #expect(Self.load([body]).mistakes == [message])
    }

    @Test("pumps that go by the level that is checked stop when it is not believed")
    func pumps() throws {
        let band = """
            kind: pump-band
            inputs: { level: town/well/level-checked }
            start-at: 2.4
            stop-at: 1.2
            pumps: [{ run: town/pump-1/run }]
            """
        let (rules, directory, mistakes) = Self.load([Self.body, band])
        try #require(mistakes == [])
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: Self.start)
        let run = try #require(directory.id(of: "town/pump-1/run"))
        var wanted: [Value?] = []
        for (second, level) in [2.5, 2.5, 2.5, 5.9, 5.9].enumerated() {
            let now = Self.start.advanced(by: .seconds(second + 1))
            let samples = [("well/level", Reading.good(.double(level))), ("pump-1/run", .good(.bool(false)))].compactMap {
                name, reading in
                directory.id(of: "town/\(name)").map { Sample(point: $0, time: now.wall, reading: reading) }
            }
            rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: samples))
            wanted.append(rehearsal.wanted(run))
        }
        #expect(wanted == [.bool(true), .bool(true), .bool(true), nil, nil])
    }
}
