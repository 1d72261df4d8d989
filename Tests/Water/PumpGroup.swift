import Documents
import Rules
import Telemetry
import Testing
import Water

/// A well with up to four pumps of several roles, a person's switch, and pumps that do at once what is wanted. One batch a step has
/// all readings; they go stale after 30 s.
struct PumpGroup {
    /// 21 June 2026, 8:00 in Shanghai.
    static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    static let directory: Directory = {
        var points: [Point] = []
        func add(_ device: Int, _ name: String, _ type: ValueType, unit: String = "", isWritable: Bool = false) {
            guard let name = PointName("group/\(name)") else { return }
            points.append(
                Point(
                    name: name, device: DeviceID(index: device), type: type, unit: unit, maximumAge: .seconds(30), isWritable: isWritable))
        }
        add(0, "well/level", .double, unit: "m")
        add(0, "well/level-percent", .double, unit: "%")
        add(0, "well/forecast", .bool, isWritable: true)
        for pump in 1...4 {
            add(pump, "pump-\(pump)/run", .bool, isWritable: true)
            add(pump, "pump-\(pump)/ok", .bool)
            add(pump, "pump-\(pump)/hours", .double, unit: "h")
            add(pump, "pump-\(pump)/starts", .int)
        }
        return Directory(points: points, devices: ["well", "pump-1", "pump-2", "pump-3", "pump-4"].map { ("group", $0) })
    }()

    /// A rule file of pumps with these further keys each: `role: jockey`.
    static func yaml(_ terms: String, pumps: [String], level: String = "level") -> String {
        var yaml = "rule: 1\nabout: A test.\nkind: pump-band\ninputs: { level: group/well/\(level) }\n" + terms + "\npumps:\n"
        for (index, more) in pumps.enumerated() {
            let device = "group/pump-\(index + 1)"
            yaml += "  - { run: \(device)/run, inputs: { ok: \(device)/ok }, available: ok\(more.isEmpty ? "" : ", " + more) }\n"
        }
        return yaml
    }

    static func read(_ yaml: String, into mistakes: Mistakes) -> Rule? {
        RuleFiles.read(
            yaml: yaml, file: "group.yaml", name: "group", kinds: [PumpBandKind()], context: RuleContext(directory: directory),
            into: mistakes)
    }

    var rehearsal: Rehearsal
    private(set) var second = 0
    let count: Int
    /// Whether each pump is in order; its hours, its starts, and whether it runs.
    var isOK: [Bool]
    var hours: [Double]
    var starts: [Int]
    private(set) var runs: [Bool]
    /// What is played of hours and starts; false for nothing.
    var showsUse = true
    var forecast: Reading = .good(.bool(false))

    init(_ terms: String, pumps: [String]) throws {
        let mistakes = Mistakes()
        let rule = Self.read(Self.yaml(terms, pumps: pumps), into: mistakes)
        try #require(mistakes.isEmpty, "\(mistakes.sorted)")
        rehearsal = Rehearsal(rules: [try #require(rule)], directory: Self.directory, start: Self.start)
        count = pumps.count
        isOK = Array(repeating: true, count: count)
        hours = Array(repeating: 0, count: count)
        starts = Array(repeating: 0, count: count)
        runs = Array(repeating: false, count: count)
    }

    /// Lets a span pass in which pumps do what is wanted, then plays what can be read. Hours and starts go by what ran.
    mutating func step(level: Double, seconds: Int = 1) {
        for pump in runs.indices where runs[pump] { hours[pump] += Double(seconds) / 3600 }
        second += seconds
        let now = Self.start.advanced(by: .seconds(second))
        var samples: [Sample] = []
        func add(_ device: Int, _ place: Int, _ reading: Reading) {
            let point = Self.directory[DeviceID(index: device)].points[place]
            samples.append(Sample(point: point, time: now.wall, reading: reading))
        }
        add(0, 0, .good(.double(level)))
        add(0, 2, forecast)
        for pump in 0..<count {
            add(pump + 1, 0, .good(.bool(runs[pump])))
            add(pump + 1, 1, .good(.bool(isOK[pump])))
            guard showsUse else { continue }
            add(pump + 1, 2, .good(.double(hours[pump])))
            add(pump + 1, 3, .good(.int(Int64(starts[pump]))))
        }
        rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: samples))
        for pump in 0..<count {
            let isWanted = wants(pump)
            if isWanted, !runs[pump] { starts[pump] += 1 }
            runs[pump] = isWanted
        }
    }

    func wants(_ pump: Int) -> Bool {
        rehearsal.wanted(Self.directory[DeviceID(index: pump + 1)].points[0]) == .bool(true)
    }

    /// Plays levels, one a second, and draws after each the pumps that run: `1`, `12`, `0` for none. A pump's row says whether it is
    /// in order: `1` or `0`.
    mutating func hears(_ levels: String, _ rows: KeyValuePairs<Int, String> = [:]) -> String {
        let cells = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.value.split(separator: " ").map(String.init)) })
        return levels.split(separator: " ").enumerated().map { column, level in
            for (pump, row) in cells where column < row.count { isOK[pump - 1] = row[column] == "1" }
            step(level: Double(level) ?? 0)
            let running = runs.indices.filter { runs[$0] }.map { "\($0 + 1)" }.joined()
            return running.isEmpty ? "0" : running
        }.joined(separator: " ")
    }

    var told: [String] { rehearsal.events.map(\.text) }
}
