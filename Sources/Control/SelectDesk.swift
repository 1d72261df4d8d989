package import Telemetry

/// What a person sees between selecting a point and operating it.
package struct Selection: Sendable, Hashable {
    /// A condition, and what stands against it; nil if it holds.
    package struct Standing: Sendable, Hashable {
        package let says: String
        package let objection: String?
    }

    package let token: String
    package let point: String
    package let value: Value
    package let until: Timestamp
    package let standings: [Standing]
}

package struct SelectRefusal: Error, Hashable {
    package let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Select before operate: a start takes two steps of one person that agree in everything, with nothing in between.
///
/// After DNP3 (IEEE 1815): same object, consecutive, within a timeout. One selection stands in each site.
struct SelectDesk: Sendable {
    private struct Pending: Sendable {
        let token: String
        let point: PointName
        let value: Value
        let person: String
        let until: Monotonic
    }

    static let span = Duration.seconds(15)

    private var pending: [String: Pending] = [:]

    /// Takes the place of what was selected in the same site.
    mutating func select(_ point: PointName, _ value: Value, by person: String, token: String, at now: Monotonic) {
        pending[point.site] = Pending(token: token, point: point, value: value, person: person, until: now + Self.span)
    }

    /// Why not; nil if it may go. However it ends, the selection is used up.
    mutating func operate(_ token: String, _ point: PointName, _ value: Value, by person: String, at now: Monotonic) -> String? {
        guard let selected = pending.removeValue(forKey: point.site) else {
            return "nothing is selected in \(point.site), or something else came in between; select it anew"
        }
        guard selected.token == token, selected.point == point, selected.value == value, selected.person == person else {
            return "this is not what was selected (\(selected.point), by \(selected.person)); select it anew"
        }
        guard now < selected.until else { return "it was selected more than \(Self.span.words) ago; select it anew" }
        return nil
    }

    /// Something else was ordered in the site.
    mutating func cancel(_ site: String) { pending[site] = nil }
}
