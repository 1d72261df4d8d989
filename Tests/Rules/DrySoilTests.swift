import Documents
import FoundationEssentials
import Rules
import Telemetry
import Testing

@Suite("The county's own rule for dry soil")
struct DrySoilTests {
    private static let directory: Directory = {
        var points: [Point] = []
        func add(_ name: String, _ type: ValueType, _ device: Int, isWritable: Bool = false) {
            guard let name = PointName("baihe-farm/\(name)") else { return }
            points.append(
                Point(
                    name: name, device: DeviceID(index: device), type: type, maximumAge: .seconds(30), isWritable: isWritable))
        }
        for zone in 1...4 {
            add("zone-\(zone)/moisture-15", .double, zone - 1)
            add("zone-\(zone)/moisture-40", .double, zone - 1)
            add("zone-\(zone)/valve", .bool, zone - 1, isWritable: true)
        }
        add("weather/rain-rate", .double, 4)
        return Directory(points: points, devices: (1...4).map { ("baihe-farm", "zone-\($0)") } + [("baihe-farm", "weather")])
    }()

    /// Plays a morning in which zone 1 stays dry whatever it is given, and returns the minutes at which its valve changed.
    private func changes(minutes: Int, rainFrom rain: Int? = nil) throws -> (opened: [Int], shut: [Int]) {
        let path = "Rules/agriculture/dry-soil.yaml"
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
        let mistakes = Mistakes()
        let rule = RuleFiles.read(
            yaml: try String(contentsOf: file, encoding: .utf8), file: path, name: "agriculture/dry-soil", kinds: [],
            context: RuleContext(directory: Self.directory), into: mistakes)
        try #require(mistakes.isEmpty, "\(mistakes.sorted)")
        let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
        var rehearsal = Rehearsal(rules: [rule].compactMap { $0 }, directory: Self.directory, start: start)
        let valve = try #require(Self.directory.id(of: "baihe-farm/zone-1/valve"))
        var (opened, shut): ([Int], [Int]) = ([], [])
        var isOpen = false
        for second in stride(from: 0, to: minutes * 60, by: 10) {
            let now = start.advanced(by: .seconds(second))
            let isRaining = rain.map { second >= $0 * 60 } ?? false
            for (device, described) in Self.directory.devices.enumerated() {
                let samples = described.points.filter { !Self.directory[$0].isWritable }.map { point in
                    let isRain = described.name == "weather"
                    let value = isRain ? (isRaining ? 2.0 : 0) : described.name == "zone-1" ? 18 : 40
                    return Sample(point: point, time: now.wall, reading: .good(.double(value)))
                }
                rehearsal.play(Batch(device: DeviceID(index: device), received: now, samples: samples))
            }
            let isOpenNow = rehearsal.wanted(valve) == .bool(true)
            if isOpenNow != isOpen {
                if isOpenNow { opened.append(second / 60) } else { shut.append(second / 60) }
                isOpen = isOpenNow
            }
        }
        return (opened, shut)
    }

    @Test("never 10: a field is flooded: soil that stays dry is watered for twenty minutes, then rests for thirty")
    func bounded() throws {
        let (opened, shut) = try changes(minutes: 120)
        // It opens half a minute into minutes 0, 51 and 101: the condition is held for 30 s anew after each rest.
        #expect(opened == [0, 51, 101])
        #expect(shut == [20, 71])
    }

    @Test("never 10: rain shuts the valve, and nothing opens while it lasts")
    func rain() throws {
        let (opened, shut) = try changes(minutes: 120, rainFrom: 7)
        #expect(opened == [0])
        #expect(shut == [7])
    }
}
