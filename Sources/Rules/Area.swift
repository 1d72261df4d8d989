/// A named piece of the county's map.
package struct Area: Sendable {
    package let name: String
    /// Closed rings in degrees, WGS-84; a place is inside if it lies within an odd number of them, so holes and islands need no
    /// further marks.
    package let rings: [[(longitude: Double, latitude: Double)]]

    package init(name: String, rings: [[(longitude: Double, latitude: Double)]]) {
        self.name = name
        self.rings = rings
    }
}
