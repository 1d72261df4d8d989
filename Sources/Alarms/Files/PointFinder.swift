import Documents
import Telemetry

/// Finds points by name, and says what is wrong with a name that finds none.
struct PointFinder {
    let directory: Directory
    let mistakes: Mistakes

    /// - Parameter device: where a name of a single word is looked for; nil where names must be full.
    func find(_ text: String, near device: DeviceID? = nil, at place: Place) -> PointID? {
        let words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if words.count == 1, let device { return find(words[0], of: device, at: place) }
        guard words.count == 3 else {
            mistakes.add("'\(text)' is not a point's name: site/device/point", at: place)
            return nil
        }
        let sites = Set(directory.devices.map(\.site))
        guard sites.contains(words[0]) else {
            mistakes.add("there is no site '\(words[0])'" + suggestion(for: words[0], among: sites), at: place)
            return nil
        }
        guard let device = directory.devices.firstIndex(where: { $0.site == words[0] && $0.name == words[1] }) else {
            let known = directory.devices.filter { $0.site == words[0] }.map(\.name)
            mistakes.add("site '\(words[0])' has no device '\(words[1])'" + suggestion(for: words[1], among: known), at: place)
            return nil
        }
        return find(words[2], of: DeviceID(index: device), at: place)
    }

    private func find(_ word: String, of device: DeviceID, at place: Place) -> PointID? {
        let described = directory[device]
        if let point = described.points.first(where: { directory[$0].name.point == word }) { return point }
        let known = described.points.map { directory[$0].name.point }
        mistakes.add(
            "\(described.site)/\(described.name) has no point '\(word)'" + suggestion(for: word, among: known), at: place)
        return nil
    }
}
