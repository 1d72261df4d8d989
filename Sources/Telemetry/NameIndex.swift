/// Where each point stands, by its name: an open hash table that knows places and leaves the names where they are. A dictionary
/// would hold every name a second time, a hundred bytes and more for each.
struct NameIndex: Sendable {
    private static let empty: Int32 = -1

    /// At most half full; the count is a power of two.
    private var places: [Int32]

    /// - Precondition: names are unique, and there are fewer than a thousand million.
    init(of points: [Point]) {
        var size = 2
        while size < 2 * points.count { size *= 2 }
        places = Array(repeating: Self.empty, count: size)
        for (place, point) in points.enumerated() {
            var slot = slot(of: point.name)
            while places[slot] != Self.empty {
                precondition(points[Int(places[slot])].name != point.name, "two points are called \(point.name)")
                slot = (slot + 1) & (size - 1)
            }
            places[slot] = Int32(place)
        }
    }

    func place(of name: PointName, among points: [Point]) -> Int? {
        var slot = slot(of: name)
        while places[slot] != Self.empty {
            let place = Int(places[slot])
            if points[place].name == name { return place }
            slot = (slot + 1) & (places.count - 1)
        }
        return nil
    }

    private func slot(of name: PointName) -> Int { name.hashValue & (places.count - 1) }
}
