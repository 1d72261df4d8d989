import Documents
import FoundationEssentials
import Rules
import Telemetry
import Testing

@testable import Water

@Suite("The county's own rules of water")
struct SampleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Rules/water").path

    /// The one sample of a page that is a whole rule.
    private static func sample(of page: String) throws -> String {
        let text = try #require(FileManager.default.contents(atPath: "\(folder)/../../docs/\(page)"))
        let parts = String(decoding: text, as: UTF8.self).split(separator: "```yaml\n").dropFirst()
        return try #require(parts.first?.split(separator: "```").first.map(String.init))
    }

    /// The points of the pump station that its rules speak of.
    private static let station: Directory = {
        let described: [(device: Int, name: String, type: ValueType, unit: String)] = [
            (0, "well/level", .double, "m"), (0, "well/outflow", .double, "m3/h"), (1, "pump-1/run", .bool, ""),
            (1, "pump-1/running", .bool, ""), (1, "pump-1/selector", .uint, ""), (1, "pump-1/fault", .bool, ""),
            (2, "pump-2/run", .bool, ""), (2, "pump-2/running", .bool, ""), (2, "pump-2/selector", .uint, ""),
            (2, "pump-2/fault", .bool, ""), (3, "meter/energy", .double, "kW.h"),
        ]
        let points = described.compactMap { device, name, type, unit in
            PointName("xinzhuang-pump/\(name)").map {
                Point(
                    name: $0, device: DeviceID(index: device), type: type, unit: unit, maximumAge: .seconds(30),
                    isWritable: $0.point == "run")
            }
        }
        return Directory(points: points, devices: ["well", "pump-1", "pump-2", "meter"].map { ("xinzhuang-pump", $0) })
    }()

    @Test("are without mistakes, and derive what they say")
    func good() throws {
        let derived = DerivedPoints(folder: Self.folder, directory: Self.station)
        let context = RuleContext(directory: derived.directory(extending: Self.station), derived: derived)
        let mistakes = Mistakes()
        let kinds: [any RuleKind] = [PumpBandKind()] + QuantityKinds.all
        let rules = RuleFiles.load(folder: Self.folder, kinds: kinds, context: context, into: mistakes)
        #expect(mistakes.sorted.isEmpty, "\(mistakes.sorted)")
        #expect(rules.count == 5)
        #expect(
            derived.points.map(\.name.description).sorted() == [
                "xinzhuang-pump/meter/energy-per-volume", "xinzhuang-pump/pump-1/follows", "xinzhuang-pump/pump-1/measured-flow",
                "xinzhuang-pump/pump-2/follows", "xinzhuang-pump/well/drained", "xinzhuang-pump/well/drained-gaps",
                "xinzhuang-pump/well/inflow",
            ])
    }

    @Test("come to kW.h per 1000 m3 from a flow and a meter, by way of one another")
    func chain() throws {
        let derived = DerivedPoints(folder: Self.folder, directory: Self.station)
        let directory = derived.directory(extending: Self.station)
        let context = RuleContext(directory: directory, derived: derived)
        let rules = RuleFiles.load(
            folder: Self.folder, kinds: [PumpBandKind()] + QuantityKinds.all, context: context, into: Mistakes())
        var rehearsal = Rehearsal(rules: rules, directory: directory, start: Works.start)
        for second in stride(from: 0, through: 3700, by: 10) {
            let now = Works.start.advanced(by: .seconds(second))
            let readings = ["well/outflow": 360.0, "meter/energy": Double(second) / 360]
            let samples = readings.compactMap { name, number in
                directory.id(of: "xinzhuang-pump/\(name)").map {
                    Sample(point: $0, time: now.wall, reading: .good(.double(number)))
                }
            }
            rehearsal.play(Batch(device: DeviceID(index: 0), received: now, samples: samples))
        }
        // 0.1 m3 and 1/360 kW.h a second.
        let point = try #require(directory.id(of: "xinzhuang-pump/meter/energy-per-volume"))
        #expect(
            isNear(
                rehearsal.table.state(of: point, at: rehearsal.now.monotonic)?.reading.value?.number, 1000.0 / 36, within: 0.01))
    }
    @Test("on the page about counting is good, and its table is the weir of the station's well")
    func counting() throws {
        let yaml = try Self.sample(of: "count-water.md")
        let derived = DerivedPoints(files: [("docs.yaml", yaml)], directory: Self.station)
        let context = RuleContext(directory: derived.directory(extending: Self.station), derived: derived)
        let mistakes = Mistakes()
        let rule = RuleFiles.read(
            yaml: yaml, file: "docs.yaml", name: "water/docs", kinds: QuantityKinds.all, context: context, into: mistakes)
        #expect(rule?.judges.count == 4 && mistakes.isEmpty, "\(mistakes.sorted)")
        // 4 m wide, its crest at 5.6 m.
        let weir = Weir.rectangular(width: 4)
        #expect(
            isNear(weir.flow(head: 0.1) * 3600, 840, within: 0.005) && isNear(weir.flow(head: 0.2) * 3600, 2370, within: 0.005))
    }

    @Test("on the page about staging is good, and its sump is judged")
    func staging() throws {
        var points: [Point] = []
        func add(_ device: Int, _ name: String, _ type: ValueType, unit: String = "", isWritable: Bool = false) {
            guard let name = PointName("works/\(name)") else { return }
            points.append(
                Point(
                    name: name, device: DeviceID(index: device), type: type, unit: unit, maximumAge: .seconds(30),
                    isWritable: isWritable))
        }
        add(0, "well/level", .double, unit: "m")
        add(0, "well/pre-lower", .bool, isWritable: true)
        for pump in 1...4 {
            add(pump, "pump-\(pump)/run", .bool, isWritable: true)
            add(pump, "pump-\(pump)/ok", .bool)
            add(pump, "pump-\(pump)/run-hours", .double, unit: "h")
        }
        let devices = ["well", "pump-1", "pump-2", "pump-3", "pump-4"].map { (site: "works", name: $0) }
        let context = RuleContext(directory: Directory(points: points, devices: devices))
        func mistakes(_ yaml: String) -> [Mistake] {
            let mistakes = Mistakes()
            _ = RuleFiles.read(
                yaml: yaml, file: "d.yaml", name: "water/d", kinds: [PumpBandKind()], context: context, into: mistakes)
            return mistakes.sorted
        }
        let yaml = try Self.sample(of: "stage-pumps.md")
        #expect(mistakes(yaml) == [])
        // The narrowest band is the pre-lowered one.
        let found = mistakes(yaml.replacing("area: 30", with: "area: 10"))
        #expect(found.contains { $0.message.hasPrefix("between 1.2 and 0.6 m the sump holds 6 m3") }, "\(found)")
    }
}
