package import Documents
import Telemetry

/// Reads the guard files below the folder of rules, those whose first key is `guard`, and judges them one by one and together.
package enum GuardFiles {
    private static let keys = [
        "guard", "about", "for-each", "point", "inputs", "minimum-on", "minimum-off", "starts-per-hour", "run-at-most", "feeder",
        "selector", "permissives", "interlocks", "feeders",
    ]
    /// More starts than this no motor is made for: a limit of more is a slip of the pen.
    private static let mostStarts = 60

    package static func load(folder: String, context: RuleContext, into mistakes: Mistakes) -> [GuardFile] {
        var files: [GuardFile] = []
        var texts: [String: SourceText] = [:]
        // A folder or a file that cannot be read has been told by whoever reads the rules.
        for (file, name) in RuleFiles.paths(below: folder) ?? [] {
            guard let yaml = RuleFiles.text(of: file), DocumentKind(of: yaml) == .guard else { continue }
            guard file.hasSuffix(".yaml") else {
                mistakes.add("a guard file's name ends in .yaml", at: Place(file: file))
                continue
            }
            texts[file] = SourceText(yaml)
            if let guards = read(yaml: yaml, file: file, name: name, context: context, into: mistakes) { files.append(guards) }
        }
        let together = Mistakes()
        checkPoints(files, context: context, into: together)
        checkFeeders(files, into: together)
        for mistake in together.all { mistakes.add(texts[mistake.place.file]?.shown(mistake) ?? mistake) }
        return files
    }

    /// One guard file. Each mistake comes with its line and a caret.
    /// - Returns: nil if there were mistakes.
    package static func read(
        yaml: String, file: String, name: String, context: RuleContext, into mistakes: Mistakes
    ) -> GuardFile? {
        let text = SourceText(yaml)
        let own = Mistakes()
        defer { for mistake in own.all { mistakes.add(text.shown(mistake)) } }
        let root: Node
        do throws(Mistake) {
            root = try Node(yaml: yaml, file: file)
        } catch {
            own.add(error)
            return nil
        }
        guard let form = Form(root, "a guard", keys: keys, in: own) else { return nil }
        if form.string("guard", required: true) != nil, root["guard"]?.scalar != "1" {
            own.add("'guard' is the version of the format, and must be 1", at: form.place(of: "guard"))
        }
        let about = form.string("about", required: true)
        let draft = RuleDraft(
            name: name, form: form, context: context,
            subjects: RuleFiles.subjects(of: form, rule: name, directory: context.directory), text: text)
        let points = points(of: draft)
        let feeders = feeders(of: form)
        guard let about, own.isEmpty else { return nil }
        return GuardFile(name: name, about: about, points: points, feeders: feeders)
    }

    // MARK: What is guarded

    private static func points(of draft: RuleDraft) -> [GuardedPoint] {
        let form = draft.form
        // A file may be about feeders alone.
        guard form.has("point") || !form.has("feeders") else { return [] }
        let names = form.has("inputs") ? draft.inputNames(in: form) : RuleDraft.InputNames.none
        let conditions = GuardConditions(draft, names)
        let (minimumOn, minimumOff) = (form.duration("minimum-on"), form.duration("minimum-off"))
        let longestRun = form.duration("run-at-most")
        let startsPerHour = form.integer("starts-per-hour", in: 1...mostStarts)
        let supply = supply(of: form)
        if let minimumOn, let longestRun, longestRun < minimumOn {
            form.mistakes.add("'run-at-most' is shorter than 'minimum-on'", at: form.place(of: "run-at-most"))
        }
        draft.checkUse(of: names, by: conditions.drafts)
        var known: Set<[String]> = []
        var points: [GuardedPoint] = []
        for subject in draft.subjects {
            // What is wrong for one device is likely wrong for all: it is said once.
            guard let point = draft.actuator("point", in: form, of: subject), let names, let inputs = draft.inputs(names, of: subject),
                let said = conditions.statements(names, of: subject, isChecked: !known.insert(inputs.signature).inserted)
            else { break }
            points.append(
                GuardedPoint(
                    point: point, place: form.place(of: "point"), minimumOn: minimumOn, minimumOff: minimumOff,
                    startsPerHour: startsPerHour, longestRun: longestRun, selector: said.selector, permissives: said.permissives,
                    interlocks: said.interlocks, supply: supply))
        }
        return points
    }

    private static func supply(of form: Form) -> GuardedPoint.Supply? {
        guard let own = form.form("feeder", "'feeder'", keys: ["name", "load", "rank"]) else { return nil }
        guard let name = own.string("name", required: true), let load = own.has("load") ? own.number("load") : 1 else { return nil }
        if load <= 0 { own.mistakes.add("'load' must be more than zero", at: own.place(of: "load")) }
        let rank = own.integer("rank", in: 0...1000) ?? 0
        return GuardedPoint.Supply(feeder: name, load: load, rank: rank, place: own.place(of: "name"))
    }

    private static func feeders(of form: Form) -> [FeederDraft] {
        guard let all = form.form("feeders", "'feeders'", keys: nil) else { return [] }
        return all.entries.compactMap { name, place, node in
            guard let own = Form(node, "a feeder", keys: ["at-most", "stagger"], in: form.mistakes),
                let most = own.number("at-most", required: true)
            else { return nil }
            if most <= 0 { own.mistakes.add("'at-most' must be more than zero", at: own.place(of: "at-most")) }
            return FeederDraft(name: name, atMost: most, stagger: own.duration("stagger") ?? .zero, place: place)
        }
    }

    // MARK: Together

    private static func checkPoints(_ files: [GuardFile], context: RuleContext, into mistakes: Mistakes) {
        var owners: [PointID: String] = [:]
        for file in files {
            for guarded in file.points {
                guard let other = owners.updateValue(file.name, forKey: guarded.point) else { continue }
                let whom = other == file.name ? "by this file twice" : "by '\(other)' too"
                mistakes.add("'\(context.directory[guarded.point].name)' is guarded \(whom)", at: guarded.place)
            }
        }
    }

    private static func checkFeeders(_ files: [GuardFile], into mistakes: Mistakes) {
        var feeders: [String: FeederDraft] = [:]
        for feeder in files.flatMap(\.feeders) {
            if let first = feeders[feeder.name] {
                mistakes.add("feeder '\(feeder.name)' is already described at \(first.place)", at: feeder.place)
            } else {
                feeders[feeder.name] = feeder
            }
        }
        for guarded in files.flatMap(\.points) {
            guard let supply = guarded.supply else { continue }
            guard let feeder = feeders[supply.feeder] else {
                let message = "there is no feeder '\(supply.feeder)'" + suggestion(for: supply.feeder, among: feeders.keys)
                mistakes.add(message, at: supply.place)
                continue
            }
            guard supply.load > feeder.atMost else { continue }
            let numbers = "\(Wording.of(supply.load)) is more than all of feeder '\(supply.feeder)', \(Wording.of(feeder.atMost))"
            mistakes.add("it could never start: its load of \(numbers)", at: supply.place)
        }
    }
}
