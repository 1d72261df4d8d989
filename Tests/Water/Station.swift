import Documents
import Rules
import Telemetry
import Testing
import Water

/// A pump station with readings drawn as strings, one column a second, and pumps that do at once what is wanted.
struct Station {
    static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    /// A wet well and three pumps; readings go stale after 3 s.
    static let directory: Directory = {
        var points: [Point] = []
        func add(_ device: Int, _ name: String, _ type: ValueType, unit: String = "", range: ClosedRange<Double>? = nil) {
            guard let name = PointName("xinzhuang-pump/\(name)") else { return }
            points.append(
                Point(
                    name: name, device: DeviceID(index: device), type: type, unit: unit, range: range, maximumAge: .seconds(3),
                    isWritable: name.point == "run"))
        }
        add(0, "well/level", .double, unit: "m", range: 0...6)
        add(0, "well/high-float", .bool)
        for pump in 1...3 {
            add(pump, "pump-\(pump)/run", .bool)
            add(pump, "pump-\(pump)/selector", .int, range: 0...2)
            add(pump, "pump-\(pump)/fault", .bool)
        }
        return Directory(points: points, devices: ["well", "pump-1", "pump-2", "pump-3"].map { ("xinzhuang-pump", $0) })
    }()

    static func read(_ yaml: String, name: String = "water/drain", into mistakes: Mistakes) -> Rule? {
        RuleFiles.read(
            yaml: yaml, file: "Rules/\(name).yaml", name: name, kinds: [PumpBandKind()],
            context: RuleContext(directory: directory), into: mistakes)
    }

    var rehearsal: Rehearsal
    private var second = 0
    private var runs: [Int: Reading] = [:]
    private var selectors: [Int: Reading] = [:]
    private let pumps: Int

    /// - Parameters:
    ///   - band: the ends of the band and whatever else the rule says.
    ///   - running: what each pump's run coil reads at first; afterwards it reads what was wanted last.
    init(_ band: String = "start-at: 2.4\nstop-at: 1.2\n", pumps: Int = 2, running: [Int] = []) throws {
        var yaml = "rule: 1\nabout: A test.\nkind: pump-band\ninputs: { level: xinzhuang-pump/well/level }\n" + band + "pumps:\n"
        for pump in 1...pumps {
            let device = "xinzhuang-pump/pump-\(pump)"
            yaml += "  - run: \(device)/run\n    inputs: { selector: \(device)/selector, fault: \(device)/fault }\n"
            yaml += "    available: selector == 2 && !fault\n"
            runs[pump] = .good(.bool(running.contains(pump)))
            selectors[pump] = .good(.int(2))
        }
        self.pumps = pumps
        let mistakes = Mistakes()
        let rule = Self.read(yaml, into: mistakes)
        try #require(mistakes.isEmpty, "\(mistakes.sorted)")
        rehearsal = Rehearsal(rules: [rule].compactMap { $0 }, directory: Self.directory, start: Self.start)
    }

    /// Plays the columns, the level's of metres, `-` for no answer and `_` for silence, a pump's of its selector, `F` for a fault,
    /// `-` and `_` as before. Draws after each second the pumps that are wanted to run: `1`, `2`, `12`, `0` for none, and `.`
    /// where nothing is wanted of any.
    mutating func hears(_ level: String, _ rows: KeyValuePairs<Int, String> = [:]) -> String {
        let levels = level.split(separator: " ").map(String.init)
        let pumpRows = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value.split(separator: " ").map(String.init)) })
        var shown: [String] = []
        for (column, cell) in levels.enumerated() {
            second += 1
            let now = Self.start.advanced(by: .seconds(second))
            for pump in 1...pumps {
                let cells = pumpRows[pump] ?? []
                scan(pump, column < cells.count ? cells[column] : "2", at: now)
            }
            if cell != "_" {
                play("well/level", Double(cell).map { .good(.double($0)) } ?? .bad(.commFailure), at: now)
            }
            rehearsal.advance(to: now)
            shown.append(wanted)
        }
        return shown.joined(separator: " ")
    }

    private mutating func scan(_ pump: Int, _ cell: String, at now: Moment) {
        guard cell != "_" else { return }
        if let id = Self.directory.id(of: "xinzhuang-pump/pump-\(pump)/run"), let value = rehearsal.wanted(id) {
            runs[pump] = .good(value)
        }
        let isDead = cell == "-"
        play("pump-\(pump)/run", isDead ? .bad(.commFailure) : runs[pump] ?? .bad(.commFailure), at: now)
        play("pump-\(pump)/fault", isDead ? .bad(.commFailure) : .good(.bool(cell == "F")), at: now)
        play("pump-\(pump)/selector", isDead ? .bad(.commFailure) : .good(.int(Int64(cell) ?? 2)), at: now)
    }

    private mutating func play(_ name: String, _ reading: Reading, at now: Moment) {
        guard let point = Self.directory.id(of: "xinzhuang-pump/\(name)") else { return }
        let sample = Sample(point: point, time: now.wall, reading: reading)
        rehearsal.play(Batch(device: Self.directory[point].device, received: now, samples: [sample]))
    }

    private var wanted: String {
        let values = (1...pumps).map { pump in
            Self.directory.id(of: "xinzhuang-pump/pump-\(pump)/run").flatMap { rehearsal.wanted($0) }
        }
        if values.allSatisfy({ $0 == nil }) { return "." }
        let running = values.indices.filter { values[$0] == .bool(true) }.map { "\($0 + 1)" }.joined()
        return running.isEmpty ? "0" : running
    }

    var told: [String] { rehearsal.events.map(\.text) }
}

func drawn(_ text: String) -> String { text.split(separator: " ").joined(separator: " ") }
