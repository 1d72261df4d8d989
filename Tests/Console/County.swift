import Console
import FoundationEssentials
import Synchronization
import Telemetry

/// A county of three sites whose present a test sets by hand.
final class County: Sendable {
    struct Kind {
        let profile: String
        let points: [(name: String, type: ValueType, unit: String, writable: Bool)]
        let maximumAge: Duration
    }

    static let well = Kind(
        profile: "lutan/wet-well",
        points: [
            ("level", .double, "m", false), ("outflow", .double, "m3/h", false), ("high-float", .bool, "", false),
            ("low-float", .bool, "", false), ("rain-rate", .double, "mm/h", false),
        ], maximumAge: .seconds(3))
    static let pump = Kind(
        profile: "lutan/pump",
        points: [
            ("run", .bool, "", true), ("running", .bool, "", false), ("fault", .bool, "", false), ("selector", .int, "", false),
            ("current", .double, "A", false), ("run-hours", .double, "h", false), ("starts", .int, "", false),
        ], maximumAge: .seconds(3))
    static let meter = Kind(
        profile: "lutan/power-meter",
        points: [
            ("voltage-a", .double, "V", false), ("voltage-b", .double, "V", false), ("voltage-c", .double, "V", false),
            ("power", .double, "kW", false), ("energy", .double, "kW.h", false), ("frequency", .double, "Hz", false),
        ], maximumAge: .seconds(3))
    static let zone = Kind(
        profile: "lutan/lily-zone",
        points: [
            ("moisture-15", .double, "%", false), ("moisture-40", .double, "%", false), ("temperature", .double, "Cel", false),
            ("valve", .bool, "", true), ("valve-open", .bool, "", false),
        ], maximumAge: .seconds(15))
    static let irrigation = Kind(
        profile: "lutan/irrigation-main",
        points: [("flow", .double, "m3/h", false), ("pressure", .int, "kPa", false), ("volume", .double, "m3", false)],
        maximumAge: .seconds(15))
    static let weather = Kind(
        profile: "lutan/weather-station",
        points: [
            ("air-temperature", .double, "Cel", false), ("humidity", .double, "%", false), ("wind-speed", .double, "m/s", false),
            ("radiation", .int, "W/m2", false), ("rain-total", .double, "mm", false), ("rain-rate", .double, "mm/h", false),
        ], maximumAge: .seconds(30))
    static let tracker = Kind(
        profile: "lutan/tracker",
        points: [
            ("latitude", .double, "deg", false), ("longitude", .double, "deg", false), ("speed", .double, "km/h", false),
            ("heading", .double, "deg", false), ("ignition", .bool, "", false), ("load", .double, "%", false),
        ], maximumAge: .seconds(60))
    static let bin = Kind(
        profile: "lutan/bin-sensor",
        points: [("fill", .double, "%", false), ("temperature", .double, "Cel", false), ("battery", .double, "V", false)],
        maximumAge: .seconds(600))

    let plan: ConsolePlan
    let directory: Directory
    let table: PointTable
    let time: any TimeSource
    let events = Mutex<[Event]>([])

    init(time: any TimeSource) {
        self.time = time
        var points: [Point] = []
        var devices: [(site: String, name: String)] = []
        var sites: [ConsolePlan.Site] = []
        func site(
            _ name: String, _ title: String, _ trade: ConsolePlan.Trade, _ village: String,
            _ members: [(name: String, title: String, kind: Kind)]
        ) {
            for member in members {
                let id = DeviceID(index: devices.count)
                devices.append((name, member.name))
                for point in member.kind.points {
                    guard let full = PointName(site: name, device: member.name, point: point.name) else { continue }
                    points.append(
                        Point(
                            name: full, device: id, type: point.type, unit: point.unit,
                            range: point.name == "level" ? 0...6 : nil,
                            maximumAge: member.kind.maximumAge, isWritable: point.writable))
                }
            }
            let listed = members.map { ConsolePlan.Device(name: $0.name, title: $0.title, profile: $0.kind.profile) }
            sites.append(
                .init(name: name, title: title, trade: trade, town: "白鹤镇", village: village, devices: listed))
        }
        site(
            "xinzhuang-pump", "新庄排灌站", .water, "新庄村",
            [
                ("well", "集水池", Self.well), ("pump-1", "1 号泵", Self.pump), ("pump-2", "2 号泵", Self.pump),
                ("meter", "电表", Self.meter),
            ])
        site(
            "baihe-farm", "白鹤百合园", .agriculture, "白鹤村",
            (1...4).map { ("zone-\($0)", "\($0) 号地块", Self.zone) } + [
                ("main", "灌溉总管", Self.irrigation), ("weather", "气象站", Self.weather),
            ])
        site(
            "fleet", "环卫车队", .sanitation, "县城",
            (1...12).map { ("vehicle-\($0 < 10 ? "0" : "")\($0)", "\($0) 号车", Self.tracker) }
                + (1...60).map { ("bin-\($0 < 10 ? "0" : "")\($0)", "\($0) 号箱", Self.bin) })
        plan = ConsolePlan(county: "鹭滩县", zone: "Asia/Shanghai", sites: sites, map: Array(Self.map.utf8))
        directory = Directory(points: points, devices: devices)
        table = PointTable(directory: directory)
    }

    /// The county's own map.
    static let map =
        (try? String(
            contentsOfFile: #filePath.replacing("Tests/Console/County.swift", with: "Simulators/county/map.geojson"),
            encoding: .utf8))
        ?? ""

    /// Every site's points of one device, read just now (or `ago`), and told to the console if one listens.
    func set(_ device: String, _ values: [(String, Reading)], ago: Duration = .zero, telling console: Console? = nil) {
        let now = time.now().advanced(by: .zero - ago)
        let samples = values.compactMap { name, reading in
            directory.id(of: "\(device)/\(name)").map { Sample(point: $0, time: now.wall, reading: reading) }
        }
        guard let first = samples.first else { return }
        let batch = Batch(device: directory[first.point].device, received: now, samples: samples)
        table.apply(batch)
        console?.noticed(batch)
    }
}
