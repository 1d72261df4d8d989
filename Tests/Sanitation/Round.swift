import Documents
import Rules
import Sanitation
import Telemetry
import Testing

/// A vehicle on its round, drawn as a string: how many metres south of its district's southern border each position lies,
/// one every 5 s; `_` is silence, `=` the last message once more.
struct Round {
    static let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    /// The district's southern border.
    private static let border = 31.36
    private static let metresPerDegree = 6_371_008.8 * Double.pi / 180

    private static let north = Area(
        name: "north",
        rings: [[(119.80, 31.36), (119.84, 31.36), (119.84, 31.40), (119.80, 31.40), (119.80, 31.36)]])

    private static let directory: Directory = {
        var points: [Point] = []
        for vehicle in 0..<2 {
            for word in ["latitude", "longitude"] {
                guard let name = PointName("fleet/vehicle-0\(vehicle + 1)/\(word)") else { continue }
                points.append(
                    Point(name: name, device: DeviceID(index: vehicle), type: .double, unit: "deg", maximumAge: .seconds(60)))
            }
        }
        return Directory(points: points, devices: [("fleet", "vehicle-01"), ("fleet", "vehicle-02")])
    }()

    static func read(_ yaml: String, into mistakes: Mistakes) -> Rule? {
        RuleFiles.read(
            yaml: yaml, file: "Rules/sanitation/north.yaml", name: "sanitation/north", kinds: [DistrictKind()],
            context: RuleContext(directory: directory, areas: ["north": north]), into: mistakes)
    }

    var rehearsal: Rehearsal
    private var now = Round.start
    private var last: Batch?

    init(vehicles: String = "fleet/vehicle-01") throws {
        let yaml = """
            rule: 1
            about: A test.
            kind: district
            for-each: \(vehicles)
            inputs: { latitude: latitude, longitude: longitude }
            district: north
            """
        let mistakes = Mistakes()
        let rule = Self.read(yaml, into: mistakes)
        try #require(mistakes.isEmpty, "\(mistakes.sorted)")
        rehearsal = Rehearsal(rules: [rule].compactMap { $0 }, directory: Self.directory, start: Self.start)
    }

    /// Draws what was told after each position: `L` left, `R` returned, `?` lost, `!` heard again, `.` nothing.
    mutating func hears(_ metres: String) -> String {
        metres.split(separator: " ").map { cell in
            let before = rehearsal.events.count
            now = now.advanced(by: .seconds(5))
            if let metres = Double(cell) {
                play(latitude: Self.border - metres / Self.metresPerDegree, longitude: 119.82, time: now.wall)
            } else if cell == "=", let last {
                rehearsal.play(Batch(device: last.device, received: now, samples: last.samples))
            }
            rehearsal.advance(to: now)
            return rehearsal.events[before...].map(Self.mark).joined()
        }.map { $0.isEmpty ? "." : $0 }.joined(separator: " ")
    }

    private static func mark(_ event: Event) -> String {
        if event.text.hasPrefix("left") { return "L" }
        if event.text.hasPrefix("is back") { return "R" }
        return event.text.hasPrefix("cannot tell") ? "?" : "!"
    }

    /// A position whose tracker's clock is off by so much.
    mutating func place(_ metres: Double, offset: Duration) {
        now = now.advanced(by: .seconds(5))
        play(latitude: Self.border - metres / Self.metresPerDegree, longitude: 119.82, time: now.wall.advanced(by: offset))
    }

    /// What a receiver without a fix says.
    mutating func nowhere() {
        now = now.advanced(by: .seconds(5))
        play(latitude: 0, longitude: 0, time: now.wall)
    }

    private mutating func play(latitude: Double, longitude: Double, time: Timestamp) {
        let samples = zip(["latitude", "longitude"], [latitude, longitude]).compactMap { word, value in
            Self.directory.id(of: "fleet/vehicle-01/\(word)").map {
                Sample(point: $0, time: time, reading: .good(.double(value)))
            }
        }
        let batch = Batch(device: DeviceID(index: 0), received: now, samples: samples)
        last = batch
        rehearsal.play(batch)
    }
}

func drawn(_ text: String) -> String { text.split(separator: " ").joined(separator: " ") }
