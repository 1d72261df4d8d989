import Alarms
import Documents
import Telemetry
import Testing

/// A pump station with its alarms, and time that a test moves by the second.
struct Watch {
    static let start = Moment(monotonic: Monotonic(nanoseconds: 5_000_000_000), wall: Timestamp(milliseconds: 1_782_000_000_000))

    /// A well, two pumps and the station's own controller, on two sites alike; readings go stale after 10 s.
    static let county: Directory = {
        var points: [Point] = []
        var devices: [(site: String, name: String)] = []
        func add(_ site: String, _ device: String, _ kinds: [(String, ValueType, String)]) {
            devices.append((site, device))
            for (word, type, unit) in kinds {
                guard let name = PointName(site: site, device: device, point: word) else { continue }
                points.append(
                    Point(
                        name: name, device: DeviceID(index: devices.count - 1), type: type, unit: unit,
                        range: word == "level" ? 0...100 : nil, maximumAge: .seconds(10)))
            }
        }
        for site in ["east", "west"] {
            add(site, "well", [("level", .double, "m"), ("twin", .double, "m"), ("float", .bool, ""), ("flow", .double, "m3/h")])
            add(site, "pump-1", [("running", .bool, ""), ("current", .double, "A"), ("mode", .string, "")])
            add(site, "pump-2", [("running", .bool, ""), ("current", .double, "A"), ("mode", .string, "")])
            add(site, "controller", [("beat", .uint, "")])
        }
        return Directory(points: points, devices: devices)
    }()

    static let guidance = """
        cause: inflow above what the pumps take
        consequence: the street floods
        action: start the standby pump
        time-allowed: 10m
        role: pump operator

        """

    static func yaml(_ body: String, priority: String = "medium") -> String {
        "alarm: 1\nabout: a test\npriority: \(priority)\n\(guidance)\(body)"
    }

    static func read(_ files: KeyValuePairs<String, String>) -> (alarms: [AlarmDefinition], mistakes: [String]) {
        let mistakes = Mistakes()
        let alarms = AlarmFiles.read(files.map { ($0.key, "Alarms/\($0.key).yaml", $0.value) }, directory: county, into: mistakes)
        return (alarms, mistakes.sorted.map(\.description))
    }

    var desk: AlarmDesk
    var now = Self.start
    private(set) var changes: [AlarmChange] = []
    /// What a restart told.
    var told: [AlarmChange] = []
    let alarms: [AlarmDefinition]

    /// - Parameter bodies: what a file says besides the words for people, by the alarm's name.
    init(_ bodies: KeyValuePairs<String, String>, priority: String = "medium") throws {
        let mistakes = Mistakes()
        let files = bodies.map { ($0.key, "Alarms/\($0.key).yaml", Self.yaml($0.value, priority: priority)) }
        alarms = AlarmFiles.read(files, directory: Self.county, into: mistakes)
        try #require(mistakes.isEmpty, "\(mistakes.sorted)")
        desk = AlarmDesk(alarms, at: Self.start)
    }

    // MARK: What happens

    mutating func wait(_ span: Duration) {
        now = now.advanced(by: span)
        changes += desk.tick(at: now)
    }

    mutating func hear(_ news: KeyValuePairs<String, Reading>) {
        let heard = news.compactMap { name, reading in
            Self.county.id(of: name).map {
                Heard(point: $0, reading: reading, staleAt: now.monotonic + .seconds(10) + .nanoseconds(1))
            }
        }
        #expect(heard.count == news.count)
        changes += desk.hear(heard, at: now)
    }

    mutating func hear(_ name: String, _ number: Double) { hear([name: .good(.double(number))]) }
    mutating func hear(_ name: String, _ truth: Bool) { hear([name: .good(.bool(truth))]) }

    @discardableResult
    mutating func obey(_ act: AlarmOrder.Act, _ alarm: String, who: String = "the shift") -> AlarmRefusal? {
        let answer = desk.obey(AlarmOrder(act, alarm, who: who), at: now)
        changes += answer.changes
        return answer.refusal
    }

    /// Plays cells a second apart, and draws the alarm's state after each by its letter: a number, `-` for no answer, `_` for
    /// silence.
    mutating func hears(_ row: String, on point: String, of alarm: String) -> String {
        row.split(separator: " ").map { cell in
            wait(.seconds(1))
            if cell != "_" { hear([point: Double(cell).map { .good(.double($0)) } ?? .bad(.commFailure)]) }
            return letter(alarm)
        }.joined(separator: " ")
    }

    // MARK: What is seen

    func summary(_ alarm: String) -> AlarmSummary? { desk.summary(of: alarm, at: now) }
    func state(_ alarm: String) -> AlarmState? { summary(alarm)?.state }
    func letter(_ alarm: String) -> String { state(alarm)?.rawValue ?? "?" }
    var kinds: [AlarmChange.Kind] { changes.map(\.kind) }
    var calls: Int { changes.count(where: \.isAnnunciated) }
    func figures() -> AlarmFigures { desk.figures(at: now.monotonic) }

    mutating func forget() { changes = [] }
}

/// Columns drawn with any number of blanks between them are the same columns.
func drawn(_ text: String) -> String { text.split(separator: " ").joined(separator: " ") }
