/// The map of Lutan County, all of it invented: the one source of `map.geojson` and of the roads the fleet drives on.
package struct CountyMap: Sendable {
    package enum District: String, CaseIterable, Sendable {
        case north, south
    }

    package enum Kind: String, Sendable { case town, village, site, depot, transfer }

    /// Something with a name that stands at one place.
    package struct Landmark: Sendable {
        package let kind: Kind
        package let name: String
        package let title: String
        package let place: Place
    }

    package struct Bin: Sendable {
        package let name: String
        package let district: District
        package let place: Place
        /// The vertex of the road graph at which a vehicle stops for it.
        package let vertex: Int
    }

    /// The canal parts the county; it is the districts' border.
    package static let canal = [
        Place(119.700, 31.3520), Place(119.735, 31.3585), Place(119.765, 31.3545), Place(119.795, 31.3615),
        Place(119.820, 31.3590), Place(119.850, 31.3650), Place(119.885, 31.3605), Place(119.915, 31.3670),
        Place(119.945, 31.3640),
    ]

    /// From the canal's eastern end over the north to its western end.
    private static let northernBorder = [
        Place(119.952, 31.3950), Place(119.930, 31.4210), Place(119.880, 31.4350), Place(119.820, 31.4440),
        Place(119.760, 31.4300), Place(119.712, 31.4200), Place(119.692, 31.3850),
    ]
    /// From the canal's western end over the south to its eastern end.
    private static let southernBorder = [
        Place(119.694, 31.3150), Place(119.710, 31.2850), Place(119.770, 31.2720), Place(119.840, 31.2690),
        Place(119.905, 31.2680), Place(119.942, 31.2900), Place(119.953, 31.3300),
    ]

    package static let shared = CountyMap()

    package let roads: RoadGraph
    package let landmarks: [Landmark]
    package let bins: [Bin]

    private init() {
        roads = RoadGraph(crossings: Self.crossings, roads: Self.roadList)
        landmarks = Self.landmarkList
        bins = Self.bins(along: roads, landmarks: Self.landmarkList)
    }

    /// The ring around a district; its first corner is not repeated at the end.
    package static func ring(of district: District) -> [Place] {
        switch district {
        case .north: canal + northernBorder
        case .south: canal.reversed() + southernBorder
        }
    }

    package static func district(of place: Place) -> District? {
        District.allCases.first { encloses(ring(of: $0), place) }
    }

    package func landmark(_ name: String) -> Landmark? { landmarks.first { $0.name == name } }

    /// Thirty bins a district, spread over the roads, thicker in the towns; none within 250 m of the border.
    private static func bins(along roads: RoadGraph, landmarks: [Landmark]) -> [Bin] {
        var dice = Dice(seed: 60, stream: 60)
        let towns = landmarks.filter { $0.kind == .town }.map(\.place)
        var bins: [Bin] = []
        for district in District.allCases {
            var free = roads.vertices.indices.filter {
                Self.district(of: roads.vertices[$0]) == district
                    && distance(from: roads.vertices[$0], to: canal) > 250
            }
            var taken: [Place] = []
            while taken.count < 30, !free.isEmpty {
                let index = Int(dice.unit() * Double(free.count))
                let vertex = free.remove(at: index)
                let place = roads.vertices[vertex]
                let isTown = towns.contains { $0.distance(to: place) < 2500 }
                guard isTown || dice.unit() < 0.4, taken.allSatisfy({ $0.distance(to: place) > 180 }) else { continue }
                taken.append(place)
                // At the roadside, not on the carriageway.
                let angle = dice.between(0, 6.28)
                let beside = place.moved(east: angle < 3.14 ? 6 : -6, north: angle < 1.57 || angle > 4.71 ? 5 : -5)
                let number = bins.count + 1
                bins.append(
                    Bin(
                        name: number < 10 ? "bin-0\(number)" : "bin-\(number)", district: district,
                        place: beside.rounded, vertex: vertex))
            }
        }
        return bins
    }
}
