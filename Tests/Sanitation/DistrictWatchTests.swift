import Documents
import FoundationEssentials
import Rules
import Sanitation
import Telemetry
import Testing

@Suite("A vehicle's district")
struct DistrictWatchTests {
    @Test("leaving and returning take two positions in a row beyond the margin, and each is told once, with how far")
    func crossing() throws {
        var round = try Round()
        #expect(
            round.hears("-500 -30 10 30 40 900 900 10 -10 -30 -40 -200")
                == drawn(" .   .   .  .  L  .   .  .   .   .   R   . "))
        #expect(round.rehearsal.events.map(\.subject) == ["fleet/vehicle-01", "fleet/vehicle-01"])
        #expect(round.rehearsal.events[0].text.hasPrefix("left the district 'north': 40 m outside, at 31."))
        #expect(round.rehearsal.events[1].text.hasPrefix("is back in the district 'north' after 30 s: at 31."))
    }

    @Test("what a receiver's noise does at the border is no event", arguments: 1...30)
    func jitter(seed: UInt64) throws {
        var round = try Round()
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        for _ in 0..<200 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let metres = Double(Int64(state >> 40) % 39) - 19
            #expect(round.hears("\(metres)") == ".")
        }
        // One wild position among them is none either.
        #expect(round.hears("-5 800 5 -5") == drawn(". . . ."))
    }

    @Test("a vehicle that is outside from the start is told of only when it returns")
    func outside() throws {
        var round = try Round()
        #expect(round.hears("300 300 300 -100 -100") == drawn(". . . . R"))
    }

    @Test("the same position heard again is a second fix only if the tracker took it again")
    func repeated() throws {
        var round = try Round()
        #expect(round.hears("-300 100 = = =") == drawn(". . . . ."))
        #expect(round.hears("100") == "L")
    }

    @Test("a position from the future, from an hour ago, or from nowhere is none")
    func nonsense() throws {
        var round = try Round()
        _ = round.hears("-300 -300")
        round.place(800, offset: .seconds(3600))
        round.place(800, offset: .seconds(86_400))
        round.nowhere()
        round.nowhere()
        #expect(round.rehearsal.events.isEmpty)
        #expect(round.hears("-300 100 100") == drawn(". . L"))
    }

    @Test("silence is told of once, and a crossing missed meanwhile is told of when the vehicle is heard again")
    func silence() throws {
        var round = try Round()
        #expect(round.hears("-300 _ _ _ _ _ _ _ _ _ _ _ _ _ _ 200 200") == drawn(". . . . . . . . . . . . . ? . ! L"))
        let lost = "cannot tell where the vehicle is: fleet/vehicle-01/latitude is uncertain (stale)"
        #expect(round.rehearsal.events[0].text == lost)
    }

    @Test("one vehicle's crossing is not another's")
    func isolation() throws {
        var round = try Round(vehicles: "fleet/vehicle-*")
        _ = round.hears("-300 -300")
        #expect(round.rehearsal.engine.list[0].state == "1 inside, 1 unknown")
        #expect(round.hears("300 300") == ". L")
        let words = round.rehearsal.engine.list[0].parts.map(\.state.words)
        #expect(words == ["300 m outside 'north'", "fleet/vehicle-02/latitude was never read"])
    }
}

@Suite("Files of kind district")
struct DistrictKindTests {
    @Test("the county's own district rules are good", arguments: ["north", "south"])
    func county(district: String) throws {
        let names = (1...12).map { $0 < 10 ? "vehicle-0\($0)" : "vehicle-\($0)" }
        var points: [Point] = []
        for (index, name) in names.enumerated() {
            for word in ["latitude", "longitude"] {
                let name = try #require(PointName(site: "fleet", device: name, point: word))
                points.append(Point(name: name, device: DeviceID(index: index), type: .double, maximumAge: .seconds(60)))
            }
        }
        let areas = ["north", "south"].map { ($0, Area(name: $0, rings: [[(0, 0), (1, 0), (1, 1), (0, 0)]])) }
        let context = RuleContext(
            directory: Directory(points: points, devices: names.map { ("fleet", $0) }),
            areas: Dictionary(uniqueKeysWithValues: areas))
        let path = "Rules/sanitation/\(district)-district.yaml"
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
        let mistakes = Mistakes()
        let rule = RuleFiles.read(
            yaml: try String(contentsOf: file, encoding: .utf8), file: path, name: "sanitation/\(district)",
            kinds: [DistrictKind()], context: context, into: mistakes)
        #expect(mistakes.sorted.isEmpty)
        #expect(rule?.judges.count == 6)
    }

    @Test("what is wrong is named, with the nearest district")
    func mistakes() {
        let yaml = """
            rule: 1
            about: Mistakes.
            kind: district
            inputs: { latitude: latitude }
            district: nroth
            margin: -1
            fixes: 0
            """
        let mistakes = Mistakes()
        #expect(Round.read(yaml, into: mistakes) == nil)
        #expect(
            mistakes.sorted.map { $0.description.prefix { $0 != "\n" } } == [
                "Rules/sanitation/north.yaml:1:1: error: a rule needs 'for-each'",
                "Rules/sanitation/north.yaml:4:9: error: 'inputs' needs 'longitude'",
                "Rules/sanitation/north.yaml:5:11: error: the map has no district 'nroth'; did you mean 'north'?",
                "Rules/sanitation/north.yaml:6:9: error: 'margin' is in metres and cannot be negative",
                "Rules/sanitation/north.yaml:7:8: error: 'fixes' must be a whole number from 1 to 100, not '0'",
            ])
    }
}
