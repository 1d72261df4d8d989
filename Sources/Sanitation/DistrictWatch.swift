import Documents
import Rules
import Telemetry

/// Notices when a vehicle leaves its district and when it comes back, and nothing in between.
///
/// A border is crossed once `fixes` positions in a row lie beyond it by `margin` metres: what a receiver's noise does at a
/// border is not a crossing. The first position decides silently where the vehicle is.
struct DistrictWatch: Judge {
    struct Terms: Sendable {
        let area: Area
        /// Metres.
        let margin: Double
        /// How many positions in a row.
        let fixes: Int
    }

    enum Side: String, Sendable { case inside, outside }

    private struct Fix {
        let longitude: Double
        let latitude: Double
        let time: Timestamp
    }

    /// A tracker may be this far ahead of the wall clock.
    private static let mostAhead: Duration = .seconds(300)
    /// A position older than this corrects history and raises nothing.
    private static let mostBehind: Duration = .seconds(600)

    let name: String
    let points: [PointID]
    let targets: [Target] = []
    private let vehicle: String
    private let inputs: Inputs
    let terms: Terms

    var side: Side?
    /// Positions in a row that lie beyond the border on the other side.
    var beyond = 0
    var lastTime: Timestamp?
    var lastDistance = 0.0
    /// When it last crossed, by our clock.
    var crossed: Monotonic?
    var eyesight = Eyesight()

    init(name: String, vehicle: String, inputs: Inputs, terms: Terms) {
        self.name = name
        self.vehicle = vehicle
        self.inputs = inputs
        self.terms = terms
        points = inputs.points
    }

    /// A second position at the same place is a second position.
    var hearing: Hearing { .everySample }

    mutating func judge(_ view: View, at now: Moment) -> Judgement {
        var judgement = Judgement()
        switch inputs.read(view, at: now.monotonic) {
        case .dim(let shortfall):
            beyond = 0
            if eyesight.loses(shortfall, at: now.monotonic) {
                judgement.events = [event("cannot tell where the vehicle is: \(shortfall.sentence)", at: now)]
            }
            judgement.wake(by: eyesight.wake)
        case .clear(let values):
            if eyesight.regains() { judgement.events = [event("the vehicle's position is known again", at: now)] }
            judgement.wake(by: values.freshUntil)
            if let fix = fix(values, view, at: now), fix.time != lastTime {
                lastTime = fix.time
                if let text = hear(fix, at: now) { judgement.events.append(event(text, at: now)) }
            }
        }
        return judgement
    }

    /// The position if it can be one: both halves of one moment, on the globe, not where a receiver without a fix says it is,
    /// and of about now.
    private func fix(_ values: Values, _ view: View, at now: Moment) -> Fix? {
        guard let latitude = values["latitude"]?.number, let longitude = values["longitude"]?.number,
            (-90...90).contains(latitude), (-180...180).contains(longitude), latitude != 0 || longitude != 0
        else { return nil }
        let times = inputs.points.compactMap { view.state($0)?.time }
        guard let time = times.first, times.allSatisfy({ $0 == time }) else { return nil }
        if now.isTrusted {
            let age = now.wall.since(time)
            guard age >= .zero - Self.mostAhead, age <= Self.mostBehind else { return nil }
        }
        return Fix(longitude: longitude, latitude: latitude, time: time)
    }

    private mutating func hear(_ fix: Fix, at now: Moment) -> String? {
        let distance = terms.area.distance(longitude: fix.longitude, latitude: fix.latitude)
        lastDistance = distance
        guard let side else {
            self.side = distance > 0 ? .outside : .inside
            return nil
        }
        let isBeyond = side == .inside ? distance >= terms.margin : distance <= -terms.margin
        guard isBeyond else {
            beyond = 0
            return nil
        }
        beyond += 1
        guard beyond >= terms.fixes else { return nil }
        beyond = 0
        let span = crossed.map { " after \(Wording.of(now.monotonic - $0))" } ?? ""
        crossed = now.monotonic
        let place = "\(Wording.of(fix.latitude, places: 100_000)), \(Wording.of(fix.longitude, places: 100_000))"
        switch side {
        case .inside:
            self.side = .outside
            return "left the district '\(terms.area.name)'\(span): \(Wording.of(distance, places: 1)) m outside, at \(place)"
        case .outside:
            self.side = .inside
            return "is back in the district '\(terms.area.name)'\(span): at \(place)"
        }
    }

    private func event(_ text: String, at now: Moment) -> Event {
        Event(time: now.wall, kind: .decision, subject: vehicle, origin: name, text: text)
    }

    var state: JudgeState {
        if let shortfall = eyesight.shortfall { return JudgeState("unknown", shortfall.sentence) }
        switch side {
        case nil: return JudgeState("unknown", "waits for a first position")
        case .inside: return JudgeState("inside", "in '\(terms.area.name)'")
        case .outside:
            let far = lastDistance > 0 ? "\(Wording.of(lastDistance, places: 1)) m outside" : "at the border of"
            return JudgeState("outside", "\(far) '\(terms.area.name)'")
        }
    }
}
