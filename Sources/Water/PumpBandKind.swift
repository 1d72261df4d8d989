import Documents
package import Rules
import Telemetry

/// Reads the rule files of `kind: pump-band`.
package struct PumpBandKind: RuleKind {
    package let word = "pump-band"
    package let keys =
        LevelForm.keys + ["inputs", "stagger", "pumps", "alternate", "minimum-band", "flood-at", "profiles", "sump"]

    package init() {}

    package func read(_ draft: RuleDraft) -> [any Judge] {
        let form = draft.form
        let names = draft.inputNames(in: form, required: ["level"])
        let levels = LevelForm(form)
        let alternation = form.word("alternate", as: Alternation.self)
        let pumps = PumpForm.all(of: draft, alternation: alternation ?? .alternate)
        let terms = PumpBand.Terms(
            floodAt: form.number("flood-at"), alternation: alternation ?? .alternate, stagger: form.duration("stagger"))
        let profiles = ProfileForm.all(of: draft)
        let sump = SumpForm(form)
        checkNumbers(levels, profiles, pumps, terms, draft)
        var judges: [any Judge] = []
        for subject in draft.subjects {
            let level = names.flatMap { draft.inputs($0, of: subject) }
            let read = pumps.compactMap { $0.pump(for: subject, draft, isFirst: judges.isEmpty) }
            guard let level, let input = level.all.first else { break }
            if judges.isEmpty { check(draft.context.directory[input.point], levels, profiles, sump, pumps, terms, draft) }
            let found = profiles.compactMap { $0.profile(of: subject, unit: input.unit, draft, isFirst: judges.isEmpty) }
            guard let usual = levels.band(unit: input.unit), read.count == pumps.count, !read.isEmpty, found.count == profiles.count
            else { break }
            judges.append(
                PumpBand(
                    name: subject.owner, level: level, profiles: Profiles(usual: usual, all: found), pumps: read.map(\.pump),
                    terms: terms, targets: read.map(\.target)))
        }
        return judges
    }

    /// Notes what does not go together whatever the level's point is.
    private func checkNumbers(
        _ levels: LevelForm, _ profiles: [ProfileForm], _ pumps: [PumpForm], _ terms: PumpBand.Terms, _ draft: RuleDraft
    ) {
        // A standby pump starts in another's place, and those of the flood at a level of their own.
        let most = pumps.count { $0.role == .duty || $0.role == .jockey }
        for levels in [levels] + profiles.map(\.levels) where !pumps.isEmpty && levels.lagAt.count >= max(most, 1) {
            draft.mistakes.add(
                "'lag-at' names \(levels.lagAt.count) levels for the pumps after the first, and there are \(max(most - 1, 0))",
                at: levels.form.place(of: "lag-at"))
        }
        let isFlooding = pumps.contains { $0.role == .flood }
        if draft.form.has("flood-at"), !isFlooding, !pumps.isEmpty {
            draft.mistakes.add("'flood-at' is for pumps with 'role: flood', and there is none", at: draft.form.place(of: "flood-at"))
        }
        if isFlooding { _ = draft.form.require("flood-at") }
        if !pumps.isEmpty, most == 0 { draft.mistakes.add("no pump is on duty on an ordinary day", at: draft.form.place(of: "pumps")) }
        for profile in profiles {
            guard let usual = levels.band(unit: ""), let band = profile.levels.band(unit: ""), band.startAt != band.stopAt,
                usual.startAt != usual.stopAt, band.drains != usual.drains
            else { continue }
            draft.mistakes.add(
                "this profile is for \(band.verb), and the rule is for \(usual.verb)", at: profile.levels.form.place(of: "start-at"))
        }
    }

    private func check(
        _ point: Point, _ levels: LevelForm, _ profiles: [ProfileForm], _ sump: SumpForm?, _ pumps: [PumpForm], _ terms: PumpBand.Terms,
        _ draft: RuleDraft
    ) {
        let form = draft.form
        if point.type == .bool || point.type == .string {
            let place = form.node["inputs"]?["level"]?.place ?? form.node.place
            draft.mistakes.add("'\(point.name)' is no level: it holds no number", at: place)
            return
        }
        let least = form.number("minimum-band") ?? LevelForm.leastBand(in: point.unit)
        if let least, least < 0 { draft.mistakes.add("'minimum-band' cannot be negative", at: form.place(of: "minimum-band")) }
        let duties = pumps.count { $0.role == .duty }
        // A jockey starts each time, and so does the first of a fixed order.
        let turns = pumps.contains { $0.role == .jockey } || terms.alternation == .fixed ? 1 : duties
        let all = [levels] + profiles.map(\.levels)
        for levels in all { levels.check(point, least: least, flood: terms.floodAt.map { ($0, form.place(of: "flood-at")) }) }
        sump?.check(all, point, pumps: turns)
    }
}
