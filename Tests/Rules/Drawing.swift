import Documents
import Rules
import Telemetry
import Testing

/// A farm with readings drawn as strings, one column a second: a number, `-` for no answer, `_` for silence.
struct Drawing {
    static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))

    /// Three zones with soil and valve, and a weather station; readings go stale after 3 s.
    static let farm: Directory = {
        var points: [Point] = []
        func add(_ name: String, _ type: ValueType, _ device: Int, unit: String = "", isWritable: Bool = false) {
            guard let name = PointName("farm/\(name)") else { return }
            points.append(
                Point(
                    name: name, device: DeviceID(index: device), type: type, unit: unit,
                    range: type == .double ? 0...100 : nil, maximumAge: .seconds(3), isWritable: isWritable))
        }
        for zone in 0..<3 {
            add("zone-\(zone + 1)/soil", .double, zone, unit: "%")
            add("zone-\(zone + 1)/valve", .bool, zone, isWritable: true)
        }
        add("weather/rain", .double, 3, unit: "mm/h")
        return Directory(points: points, devices: (1...3).map { ("farm", "zone-\($0)") } + [("farm", "weather")])
    }()

    var rehearsal: Rehearsal
    private var second = 0

    init(_ yaml: String...) throws {
        let mistakes = Mistakes()
        let context = RuleContext(directory: Self.farm)
        let rules = yaml.enumerated().compactMap { index, yaml in
            RuleFiles.read(
                yaml: "rule: 1\nabout: a test\n" + yaml, file: "Rules/\(index).yaml", name: "farm/rule-\(index + 1)", kinds: [],
                context: context, into: mistakes)
        }
        RuleFiles.checkRivals(rules, context: context, into: mistakes)
        try #require(mistakes.isEmpty, "\(mistakes.sorted)")
        rehearsal = Rehearsal(rules: rules, directory: Self.farm, start: Self.start)
    }

    /// Plays the columns and draws what the valve of a zone is wanted to be after each: `O` open, `x` shut, `.` nothing.
    mutating func hears(_ rows: KeyValuePairs<String, String>, valve zone: Int = 1) -> String {
        let columns = rows.map { ($0.key, $0.value.split(separator: " ").map(String.init)) }
        var shown: [String] = []
        for column in 0..<(columns.map(\.1.count).max() ?? 0) {
            second += 1
            let now = Self.start.advanced(by: .seconds(second))
            for (name, cells) in columns where column < cells.count && cells[column] != "_" {
                let reading = Double(cells[column]).map { Reading.good(.double($0)) } ?? .bad(.commFailure)
                play(name, reading, at: now)
            }
            rehearsal.advance(to: now)
            shown.append(valve(zone))
        }
        return shown.joined(separator: " ")
    }

    mutating func play(_ name: String, _ reading: Reading, at now: Moment, time: Timestamp? = nil) {
        guard let point = Self.farm.id(of: "farm/\(name)") else {
            Issue.record("no point \(name)")
            return
        }
        let sample = Sample(point: point, time: time ?? now.wall, reading: reading)
        rehearsal.play(Batch(device: Self.farm[point].device, received: now, samples: [sample]))
    }

    func valve(_ zone: Int) -> String {
        switch Self.farm.id(of: "farm/zone-\(zone)/valve").flatMap({ rehearsal.wanted($0) }) {
        case .bool(true): "O"
        case .bool(false): "x"
        default: "."
        }
    }

    var told: [String] { rehearsal.events.map(\.text) }
}

/// Columns drawn with any number of blanks between them are the same columns.
func drawn(_ text: String) -> String { text.split(separator: " ").joined(separator: " ") }
