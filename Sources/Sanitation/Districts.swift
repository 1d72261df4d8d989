package import Documents
import FoundationEssentials
package import Rules

/// Reads the districts from the county's map: GeoJSON (RFC 7946) features whose property `kind` is `district`.
package enum Districts {
    /// - Parameter file: the map's path, for mistakes.
    package static func read(geojson bytes: [UInt8], file: String, into mistakes: Mistakes) -> [String: Area] {
        let place = Place(file: file)
        let map: FeatureCollection
        do {
            map = try JSONDecoder().decode(FeatureCollection.self, from: Data(bytes))
        } catch DecodingError.typeMismatch(_, let context), DecodingError.keyNotFound(_, let context),
            DecodingError.valueNotFound(_, let context)
        {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            mistakes.add("not a GeoJSON map: at $\(path): \(context.debugDescription)", at: place)
            return [:]
        } catch {
            mistakes.add("not a GeoJSON map: it is not JSON", at: place)
            return [:]
        }
        guard map.type == "FeatureCollection" else {
            mistakes.add("not a GeoJSON map: its type is '\(map.type)', not 'FeatureCollection'", at: place)
            return [:]
        }
        var areas: [String: Area] = [:]
        for (index, feature) in map.features.enumerated() where feature.properties?.kind == "district" {
            let what = feature.properties?.name.map { "district '\($0)'" } ?? "the district at feature \(index)"
            func wrong(_ message: String) { mistakes.add("\(what) \(message)", at: place) }
            guard let name = feature.properties?.name, !name.isEmpty else {
                wrong("has no name")
                continue
            }
            guard areas[name] == nil else {
                wrong("is in the map twice")
                continue
            }
            guard let rings = feature.geometry?.rings, !rings.isEmpty else {
                wrong("is neither a Polygon nor a MultiPolygon")
                continue
            }
            if let fault = rings.lazy.compactMap(fault(in:)).first {
                wrong(fault)
                continue
            }
            areas[name] = Area(name: name, rings: rings.map { ring in ring.map { (longitude: $0[0], latitude: $0[1]) } })
        }
        return areas
    }

    /// What is wrong with a ring of positions, each `[longitude, latitude, …]`.
    private static func fault(in ring: [[Double]]) -> String? {
        for position in ring {
            guard position.count >= 2, (-180...180).contains(position[0]), (-90...90).contains(position[1]) else {
                return "has a position that is no [longitude, latitude] in degrees: \(position)"
            }
        }
        guard ring.count >= 4, ring.first?.prefix(2) == ring.last?.prefix(2) else {
            return "has a ring that is not closed: its first position must be its fourth or a later one, again"
        }
        return nil
    }
}

private struct FeatureCollection: Decodable {
    let type: String
    let features: [Feature]
}

private struct Feature: Decodable {
    let properties: Properties?
    let geometry: Geometry?

    struct Properties: Decodable {
        let kind: String?
        let name: String?

        enum Key: String, CodingKey { case kind, name }

        /// The properties of other features are not ours, whatever their types.
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            kind = try? values.decode(String.self, forKey: .kind)
            name = try? values.decode(String.self, forKey: .name)
        }
    }

    struct Geometry: Decodable {
        /// Of a Polygon or a MultiPolygon; nil for every other kind.
        let rings: [[[Double]]]?

        enum Key: String, CodingKey { case type, coordinates }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            switch try values.decode(String.self, forKey: .type) {
            case "Polygon": rings = try values.decode([[[Double]]].self, forKey: .coordinates)
            case "MultiPolygon": rings = try values.decode([[[[Double]]]].self, forKey: .coordinates).flatMap { $0 }
            default: rings = nil
            }
        }
    }
}
