/// The map as RFC 7946 has it, one feature a line. `county map` prints it.
extension CountyMap {
    package var geoJSON: String {
        var features = District.allCases.map { district in
            let ring = Self.ring(of: district)
            // Outer rings run against the clock and close on their first corner.
            let closed = ring + ring.prefix(1)
            let title = district == .north ? "北片" : "南片"
            return feature(
                "Polygon", "[\(line(closed))]",
                [("kind", "district"), ("name", district.rawValue), ("title", title)])
        }
        features.append(
            feature("LineString", line(Self.canal), [("kind", "canal"), ("name", "lutan-canal"), ("title", "鹭滩河")]))
        for road in roads.roads {
            features.append(
                feature(
                    "LineString", line(road.vertices.map { roads.vertices[$0] }),
                    [("kind", "road"), ("class", road.grade.rawValue), ("title", road.title)]))
        }
        for mark in landmarks {
            features.append(
                feature(
                    "Point", position(mark.place),
                    [("kind", mark.kind.rawValue), ("name", mark.name), ("title", mark.title)]))
        }
        for bin in bins {
            features.append(
                feature(
                    "Point", position(bin.place),
                    [("kind", "bin"), ("name", bin.name), ("district", bin.district.rawValue)]))
        }
        return "{\"type\":\"FeatureCollection\",\"features\":[\n" + features.joined(separator: ",\n") + "\n]}\n"
    }

    private func feature(_ type: String, _ coordinates: String, _ properties: [(String, String)]) -> String {
        // Names and titles are this file's own: none needs an escape.
        let words = properties.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",")
        return "{\"type\":\"Feature\",\"properties\":{\(words)},"
            + "\"geometry\":{\"type\":\"\(type)\",\"coordinates\":\(coordinates)}}"
    }

    private func line(_ places: [Place]) -> String { "[" + places.map(position).joined(separator: ",") + "]" }

    private func position(_ place: Place) -> String {
        "[\(decimal(place.longitude, places: 5)),\(decimal(place.latitude, places: 5))]"
    }
}

/// A number with so many decimals, whatever the locale; what is not finite is 0.
package func decimal(_ value: Double, places: Int) -> String {
    var factor = 1.0
    for _ in 0..<places { factor *= 10 }
    guard let whole = Int64(exactly: (value * factor).rounded()) else { return "0" }
    let unit = Int64(factor)
    let digits = String(whole.magnitude % unit.magnitude)
    let fraction = places == 0 ? "" : "." + String(repeating: "0", count: places - digits.count) + digits
    return (whole < 0 ? "-" : "") + String(whole.magnitude / unit.magnitude) + fraction
}
