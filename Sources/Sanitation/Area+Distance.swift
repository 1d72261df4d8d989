import Glibc
package import Rules

extension Area {
    /// Mean radius of the earth (IUGG), in metres.
    private static let radius = 6_371_008.8

    /// Metres from a place to the area's border: positive outside, negative inside.
    ///
    /// Measured on the plane that touches the earth at that place: within a county that is right to a few parts in a
    /// hundred thousand.
    package func distance(longitude: Double, latitude: Double) -> Double {
        let radians = Double.pi / 180
        let east = Self.radius * radians * cos(latitude * radians)
        let north = Self.radius * radians
        var nearest = Double.infinity
        var isInside = false
        for ring in rings {
            for (a, b) in zip(ring, ring.dropFirst()) {
                let ax = (a.longitude - longitude) * east
                let ay = (a.latitude - latitude) * north
                let bx = (b.longitude - longitude) * east
                let by = (b.latitude - latitude) * north
                nearest = min(nearest, Self.distanceFromOrigin(ax, ay, bx, by))
                // A ray to the east crosses the side: one of its ends is above the ray, the other is not.
                if (ay > 0) != (by > 0), ax + (0 - ay) / (by - ay) * (bx - ax) > 0 { isInside.toggle() }
            }
        }
        return isInside ? -nearest : nearest
    }

    private static func distanceFromOrigin(_ ax: Double, _ ay: Double, _ bx: Double, _ by: Double) -> Double {
        let dx = bx - ax
        let dy = by - ay
        let square = dx * dx + dy * dy
        let along = square > 0 ? max(0, min(1, -(ax * dx + ay * dy) / square)) : 0
        let x = ax + along * dx
        let y = ay + along * dy
        return (x * x + y * y).squareRoot()
    }
}
