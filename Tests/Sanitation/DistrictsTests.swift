import Documents
import FoundationEssentials
import Rules
import Sanitation
import Testing

@Suite("Districts")
struct DistrictsTests {
    private func read(_ geojson: String) -> (areas: [String: Area], mistakes: [String]) {
        let mistakes = Mistakes()
        let areas = Districts.read(geojson: Array(geojson.utf8), file: "map.geojson", into: mistakes)
        return (areas, mistakes.sorted.map(\.description))
    }

    private func feature(_ properties: String, _ geometry: String) -> String {
        #"{"type":"Feature","properties":\#(properties),"geometry":\#(geometry)}"#
    }

    private func map(_ features: String...) -> String {
        #"{"type":"FeatureCollection","features":[\#(features.joined(separator: ","))]}"#
    }

    private let square = #"{"type":"Polygon","coordinates":[[[0,0],[0.01,0],[0.01,0.01],[0,0.01],[0,0]]]}"#

    @Test("the county's own map has its two districts, and Xinzhuang lies in the northern one")
    func county() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Simulators/county/map.geojson")
        let mistakes = Mistakes()
        let areas = Districts.read(geojson: Array(try Data(contentsOf: file)), file: "map.geojson", into: mistakes)
        #expect(mistakes.sorted.isEmpty)
        #expect(areas.keys.sorted() == ["north", "south"])
        #expect(try #require(areas["north"]).distance(longitude: 119.812, latitude: 31.3712) < -500)
        #expect(try #require(areas["south"]).distance(longitude: 119.812, latitude: 31.3712) > 500)
    }

    /// On the equator a degree of the mean earth is 111 195.08 m either way.
    @Test("the distance to the border is in metres, negative inside, and a hole is outside")
    func distance() throws {
        let holed = #"""
            {"type":"Polygon","coordinates":[[[0,0],[0.03,0],[0.03,0.03],[0,0.03],[0,0]],
            [[0.01,0.01],[0.02,0.01],[0.02,0.02],[0.01,0.02],[0.01,0.01]]]}
            """#
        let area = try #require(read(map(feature(#"{"kind":"district","name":"x"}"#, holed))).areas["x"])
        let cases = [(0.005, 0.015, -555.975), (0.015, 0.015, 555.975), (0.031, 0.015, 111.195), (-0.003, -0.004, 555.975)]
        for (longitude, latitude, metres) in cases {
            #expect(abs(area.distance(longitude: longitude, latitude: latitude) - metres) < 0.01)
        }
    }

    @Test("parts of a MultiPolygon belong together; features of other kinds are left alone")
    func multi() {
        let parts = #"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[2,2],[3,2],[3,3],[2,2]]]]}"#
        let read = read(
            map(
                feature(#"{"kind":"district","name":"x"}"#, parts), feature(#"{"kind":7,"lanes":[1,{}]}"#, square),
                feature("null", "null"), feature(#"{"kind":"road"}"#, #"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#)))
        #expect(read.mistakes.isEmpty)
        #expect(read.areas["x"]?.rings.count == 2)
        #expect(read.areas.count == 1)
    }

    @Test("whatever is wrong with the map is named")
    func mistakes() {
        let district = #"{"kind":"district","name":"x"}"#
        #expect(read("{").mistakes == ["map.geojson:1:1: error: not a GeoJSON map: it is not JSON"])
        #expect(read("[]").mistakes.count == 1)
        let twice = map(feature(district, square), feature(district, square))
        #expect(read(twice).mistakes.first?.hasSuffix("is in the map twice") == true)
        #expect(read(map(feature(#"{"kind":"district"}"#, square))).mistakes.first?.hasSuffix("feature 0 has no name") == true)
        #expect(
            read(map(feature(district, #"{"type":"Point","coordinates":[0,0]}"#))).mistakes.first?
                .hasSuffix("is neither a Polygon nor a MultiPolygon") == true)
        let swapped = #"{"type":"Polygon","coordinates":[[[31.3,119.8],[31.4,119.8],[31.4,119.9],[31.3,119.8]]]}"#
        #expect(read(map(feature(district, swapped))).mistakes.first?.contains("no [longitude, latitude]") == true)
        let open = #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}"#
        #expect(read(map(feature(district, open))).mistakes.first?.contains("not closed") == true)
    }

    @Test("bytes of any kind give areas or mistakes, never a trap", arguments: 1...50)
    func garbage(seed: UInt64) {
        var state = seed
        var bytes = Array(map(feature(#"{"kind":"district","name":"x"}"#, square)).utf8)
        for _ in 0..<3 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
        }
        let mistakes = Mistakes()
        let areas = Districts.read(geojson: bytes, file: "map.geojson", into: mistakes)
        for area in areas.values { #expect(!area.distance(longitude: 0.005, latitude: 0.005).isNaN) }
    }
}
