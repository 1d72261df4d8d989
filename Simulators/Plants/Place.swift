import Glibc

/// A spot in the county, WGS-84 degrees.
package struct Place: Hashable, Sendable {
    package let longitude: Double
    package let latitude: Double

    package init(_ longitude: Double, _ latitude: Double) {
        self.longitude = longitude
        self.latitude = latitude
    }

    /// The county is small enough to be flat: metres east and north of its middle.
    package var metres: (east: Double, north: Double) {
        ((longitude - 119.82) * Self.metresEast, (latitude - 31.36) * Self.metresNorth)
    }

    /// Metres in a degree at 31.36° north, on the WGS-84 ellipsoid.
    package static let metresEast = 95_150.0
    package static let metresNorth = 110_880.0

    package func distance(to other: Place) -> Double {
        let (a, b) = (metres, other.metres)
        return hypot(a.east - b.east, a.north - b.north)
    }

    package func moved(east: Double, north: Double) -> Place {
        Place(longitude + east / Self.metresEast, latitude + north / Self.metresNorth)
    }

    /// Degrees clockwise from north, 0 ..< 360.
    package func heading(to other: Place) -> Double {
        let (a, b) = (metres, other.metres)
        let degrees = atan2(b.east - a.east, b.north - a.north) * 180 / .pi
        return degrees < 0 ? degrees + 360 : degrees
    }

    /// To five decimals, a metre: what the map says, and nothing beyond it.
    package var rounded: Place {
        Place((longitude * 1e5).rounded() / 1e5, (latitude * 1e5).rounded() / 1e5)
    }
}

/// Metres from a place to a line of places.
package func distance(from place: Place, to line: [Place]) -> Double {
    let p = place.metres
    var nearest = Double.infinity
    for (a, b) in zip(line, line.dropFirst()) {
        let (a, b) = (a.metres, b.metres)
        let (dx, dy) = (b.east - a.east, b.north - a.north)
        let square = dx * dx + dy * dy
        let along = square > 0 ? ((p.east - a.east) * dx + (p.north - a.north) * dy) / square : 0
        let part = min(1, max(0, along))
        nearest = min(nearest, hypot(p.east - a.east - part * dx, p.north - a.north - part * dy))
    }
    return nearest
}

/// Whether a ring of places encloses another: the even-odd rule.
package func encloses(_ ring: [Place], _ place: Place) -> Bool {
    var isInside = false
    var before = ring.last ?? place
    for corner in ring {
        if (corner.latitude > place.latitude) != (before.latitude > place.latitude) {
            let part = (place.latitude - corner.latitude) / (before.latitude - corner.latitude)
            if place.longitude < corner.longitude + part * (before.longitude - corner.longitude) { isInside.toggle() }
        }
        before = corner
    }
    return isInside
}
