import FoundationEssentials
import Plants
import Testing

@Suite("County map")
struct CountyMapTests {
    let map = CountyMap.shared

    @Test("map.geojson is what `county map` prints")
    func file() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = folder.appending(path: "Simulators/county/map.geojson")
        #expect(try String(contentsOf: file, encoding: .utf8) == map.geoJSON)
    }

    private struct Collection: Decodable {
        struct Feature: Decodable {
            let type: String
            let properties: [String: String]
        }
        let type: String
        let features: [Feature]
    }

    @Test("the map is JSON and has every kind of thing the county has")
    func kinds() throws {
        let collection = try JSONDecoder().decode(Collection.self, from: Data(map.geoJSON.utf8))
        #expect(collection.type == "FeatureCollection")
        var counts: [String: Int] = [:]
        for feature in collection.features {
            #expect(feature.type == "Feature")
            counts[feature.properties["kind"] ?? "", default: 0] += 1
        }
        #expect(counts["district"] == 2 && counts["canal"] == 1 && counts["bin"] == 60 && counts["site"] == 3)
        #expect(counts["town"] == 2 && counts["depot"] == 1 && counts["transfer"] == 1)
        #expect(counts["road", default: 0] > 40 && counts["village", default: 0] > 8)
        #expect(counts[""] == nil)
    }

    @Test("every bin stands in its district, by its road, apart from the border and the others")
    func bins() {
        for (index, bin) in map.bins.enumerated() {
            #expect(CountyMap.district(of: bin.place) == bin.district)
            #expect(distance(from: bin.place, to: CountyMap.canal) > 240)
            #expect(bin.place.distance(to: map.roads.vertices[bin.vertex]) < 12)
            #expect(map.bins[..<index].allSatisfy { $0.place.distance(to: bin.place) > 150 })
        }
        #expect(map.bins.filter { $0.district == .north }.count == 30)
    }

    @Test("a district's roads lead everywhere in it without leaving it")
    func reach() throws {
        for district in CountyMap.District.allCases {
            let home = map.roads.vertices.indices.filter { CountyMap.district(of: map.roads.vertices[$0]) == district }
            let yard = try #require(map.roads.vertex(district == .north ? "transfer-north" : "depot"))
            let isHome = Set(home)
            let ways = Ways(to: yard, on: map.roads) { isHome.contains($0) }
            #expect(home.allSatisfy { ways.remaining[$0] < 40_000 })
            for vertex in home {
                for edge in map.roads.edges[vertex] where isHome.contains(edge.to) {
                    let (a, b) = (map.roads.vertices[vertex], map.roads.vertices[edge.to])
                    for part in [0.25, 0.5, 0.75] {
                        let between = Place(
                            a.longitude + (b.longitude - a.longitude) * part, a.latitude + (b.latitude - a.latitude) * part)
                        if CountyMap.district(of: between) != district { Issue.record("an edge at \(between) leaves") }
                    }
                }
            }
        }
    }

    @Test("no place of the map is outside the county, and only bridges cross the canal")
    func inside() {
        for place in map.roads.vertices { #expect(CountyMap.district(of: place) != nil) }
        let crossings = map.roads.roads.filter { road in
            Set(road.vertices.map { CountyMap.district(of: map.roads.vertices[$0]) }).count > 1
        }
        #expect(crossings.map(\.title).sorted() == ["东桥", "中桥", "西桥"].sorted())
    }

    @Test("a square encloses its middle and not its neighbour")
    func evenOdd() {
        let square = [Place(0, 0), Place(1, 0), Place(1, 1), Place(0, 1)]
        #expect(encloses(square, Place(0.5, 0.5)))
        #expect(!encloses(square, Place(1.5, 0.5)))
        #expect(!encloses([], Place(0, 0)))
    }

    @Test("numbers are written with just so many decimals")
    func decimals() {
        #expect(decimal(119.7, places: 5) == "119.70000")
        #expect(decimal(-0.04, places: 1) == "0.0")
        #expect(decimal(-1.25, places: 2) == "-1.25")
        #expect(decimal(359.6, places: 0) == "360")
        #expect(decimal(.nan, places: 2) == "0")
    }
}
