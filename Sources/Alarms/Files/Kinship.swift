import Documents
import Telemetry

/// Finds each alarm's parent among the others, once all are read.
struct Kinship {
    private let drafts: [AlarmDraft]
    private let directory: Directory
    private let places: [String: Int]
    /// The alarms of each file.
    private let byFile: [String: [Int]]

    init(_ drafts: [AlarmDraft], directory: Directory) {
        self.drafts = drafts
        self.directory = directory
        places = Dictionary(drafts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        byFile = Dictionary(grouping: drafts.indices) { index in String(drafts[index].name.prefix { $0 != "#" }) }
    }

    /// - Returns: none if a parent is missing or alarms are each other's parents.
    func definitions(into mistakes: Mistakes) -> [AlarmDefinition] {
        let before = mistakes.all.count
        let parents = drafts.indices.map { index in
            drafts[index].parent.flatMap { parent(of: index, $0.name, $0.place, mistakes) }
        }
        for index in drafts.indices { refuseCircle(from: index, parents, mistakes) }
        guard mistakes.all.count == before else { return [] }
        return drafts.indices.map { index in
            // A station that falls silent silences its points at the same instant, or before: the station speaks first.
            var least = Duration.zero
            var above = drafts[index].condition.watchesQuality ? parents[index] : nil
            while let next = above {
                least = max(least, drafts[next].onDelay)
                above = parents[next]
            }
            return drafts[index].definition(in: directory, parent: parents[index].map { drafts[$0].name }, least: least)
        }
    }

    /// By full name, or a file's in the same folder; by the name of a file of many alarms, the one on the same device, or else on
    /// the same site.
    private func parent(of child: Int, _ written: String, _ place: Place, _ mistakes: Mistakes) -> Int? {
        let folder = drafts[child].name.prefix { $0 != "#" }.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        let name = places[folder + written] != nil || byFile[folder + written] != nil ? folder + written : written
        if let found = places[name] { return found }
        guard let candidates = byFile[name] else {
            mistakes.add("there is no alarm '\(name)'" + suggestion(for: name, among: Set(byFile.keys)), at: place)
            return nil
        }
        let own = directory[drafts[child].point]
        let near = candidates.filter { directory[drafts[$0].point].device == own.device }
        let around = candidates.filter { directory[drafts[$0].point].name.site == own.name.site }
        if let found = near.count == 1 ? near.first : near.isEmpty && around.count == 1 ? around.first : nil { return found }
        let many = near.isEmpty ? around : near
        let which = many.isEmpty ? "none of them is at \(own.name.site)" : "\(many.count) of them are as near"
        mistakes.add("'\(name)' is \(candidates.count) alarms, and \(which) for '\(own.name)'", at: place)
        return nil
    }

    /// Told once for each circle, at its alarm that was declared first.
    private func refuseCircle(from start: Int, _ parents: [Int?], _ mistakes: Mistakes) {
        var path = [start]
        var above = parents[start]
        while let next = above, next != start, path.count <= parents.count {
            path.append(next)
            above = parents[next]
        }
        guard above == start, path.min() == start, let place = drafts[start].parent?.place else { return }
        let names = (path + [start]).map { drafts[$0].name }
        mistakes.add("alarms are each other's parents: " + names.joined(separator: " → "), at: place)
    }
}
