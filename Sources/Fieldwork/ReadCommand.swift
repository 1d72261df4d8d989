import Profiles
package import Telemetry

/// `headgate read`: the points of a profile as one device has them just now.
package struct ReadCommand: Sendable {
    private let target: FieldTarget
    private let profile: Profile
    private let points: [ProfilePoint]
    private let isJSON: Bool

    /// Judges everything and opens nothing.
    /// - Parameter points: names; all of the profile's if there is none.
    package init(_ target: FieldTarget, profile path: String, points names: [String], json: Bool) throws(FieldError) {
        self.target = target
        isJSON = json
        profile = try ProfileFile.read(path)
        guard profile.isPolled else {
            throw .failed("\(path): all points of \(profile.model) come in messages, and it cannot be asked; see 'headgate history'")
        }
        var points: [ProfilePoint] = []
        for name in names { points.append(try profile.polledPoint(name, option: "--point")) }
        self.points = names.isEmpty ? profile.points : points
    }

    /// Tells each point as soon as it is known. Throws, after that, if the device answered nothing at all.
    package func run(time: any TimeSource, tell: (String) -> Void) async throws(FieldError) {
        let silence = try await target.withLink { link throws(FieldError) in
            var reader = DeviceReader(link, target, profile, time: time)
            var hasAnswered = false
            var last: FoundPoint?
            for point in points {
                guard let found = await reader.read(point) else { continue }
                tell(isJSON ? found.json : found.line(width: width))
                hasAnswered = hasAnswered || found.isAnswered
                last = found
            }
            return hasAnswered ? nil : last?.error
        }
        if let silence { throw .failed(target.words(for: silence)) }
    }

    private var width: Int { points.reduce(0) { max($0, $1.name.count) } }
}

extension FoundPoint {
    /// One line of JSON Lines.
    package var json: String {
        var text = "{\"point\":\(point.name.json),\"value\":\(reading.value?.json ?? "null")"
        if let label { text += ",\"label\":\(label.json)" }
        text += ",\"quality\":\"\(reading.quality.rawValue)\""
        if let cause = reading.cause { text += ",\"cause\":\"\(cause.rawValue)\"" }
        return text + ",\"unit\":\(point.unit.json),\"time\":\"\(time)\"}"
    }

    /// For people.
    func line(width: Int) -> String {
        var value = reading.value?.plain ?? "-"
        if let label { value += " (\(label))" }
        if !point.unit.isEmpty { value += " \(point.unit)" }
        var quality = reading.quality.rawValue
        if let cause = reading.cause { quality += " (\(cause.rawValue)\(error.map { ": \($0)" } ?? ""))" }
        return "\(point.name.rightPadded(to: width))  \(value.rightPadded(to: 18))  \(quality.rightPadded(to: 9))  \(time)"
    }
}
