package import Documents
import FoundationEssentials
import Telemetry

/// Reads the folder of rule files and judges them, one by one and against each other.
package enum RuleFiles {
    private static let common = ["rule", "about", "kind", "for-each"]
    private static let largest = 1 << 20

    /// Every `*.yaml` below the folder, in the order of their paths, but for the calendar and for files of another kind.
    /// - Returns: the rules of the files without mistakes.
    package static func load(
        folder: String, kinds: [any RuleKind], context: RuleContext, into mistakes: Mistakes
    ) -> [Rule] {
        guard let paths = paths(below: folder) else {
            mistakes.add("the folder of rules cannot be read", at: Place(file: folder))
            return []
        }
        var context = context
        context.takeCalendar(from: folder, into: mistakes)
        var rules: [Rule] = []
        var texts: [String: SourceText] = [:]
        for (file, name) in paths {
            guard let yaml = text(of: file) else {
                mistakes.add("the file cannot be read as text of at most \(largest) bytes", at: Place(file: file))
                continue
            }
            guard DocumentKind(of: yaml) == .rule else { continue }
            guard file.hasSuffix(".yaml") else {
                mistakes.add("a rule file's name ends in .yaml", at: Place(file: file))
                continue
            }
            texts[file] = SourceText(yaml)
            if let rule = read(yaml: yaml, file: file, name: name, kinds: kinds, context: context, into: mistakes) {
                rules.append(rule)
            }
        }
        let together = Mistakes()
        checkRivals(rules, context: context, into: together)
        checkCircles(rules, context: context, into: together)
        for mistake in together.all { mistakes.add(texts[mistake.place.file]?.shown(mistake) ?? mistake) }
        return rules
    }

    /// The rule files below a folder, by path, each with the rule's name; nil for a folder that cannot be read.
    static func paths(below folder: String) -> [(file: String, name: String)]? {
        guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else { return nil }
        return paths.sorted().filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && $0 != DayCalendar.fileName }.map { path in
            (folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)", String(path.dropLast(5)))
        }
    }

    static func text(of file: String) -> String? {
        guard let data = FileManager.default.contents(atPath: file), data.count <= largest else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    static func calendar(in folder: String, into mistakes: Mistakes) -> DayCalendar {
        let file = "\(folder)\(folder.hasSuffix("/") ? "" : "/")\(DayCalendar.fileName)"
        guard FileManager.default.fileExists(atPath: file) else { return .plain }
        guard let yaml = text(of: file) else {
            mistakes.add("the file cannot be read as text of at most \(largest) bytes", at: Place(file: file))
            return .plain
        }
        return DayCalendar.read(yaml: yaml, file: file, into: mistakes)
    }

    /// One rule file. Each mistake comes with its line and a caret.
    /// - Parameter name: the file's path below the rules folder, without `.yaml`.
    /// - Returns: nil if there were mistakes.
    package static func read(
        yaml: String, file: String, name: String, kinds: [any RuleKind], context: RuleContext, into mistakes: Mistakes
    ) -> Rule? {
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
        if !name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ PointName.isWord(String($0)) }) {
            own.add("'\(name)' cannot name a rule: lower-case letters, digits, - and _ only", at: Place(file: file))
        }
        guard let kind = kind(of: root, among: kinds, into: own),
            let form = Form(root, "a rule", keys: common + kind.keys, in: own)
        else { return nil }
        if form.string("rule", required: true) != nil, root["rule"]?.scalar != "1" {
            own.add("'rule' is the version of the format, and must be 1", at: form.place(of: "rule"))
        }
        let about = form.string("about", required: true)
        let draft = RuleDraft(
            name: name, form: form, context: context, subjects: subjects(of: form, rule: name, directory: context.directory),
            text: text)
        let judges = kind.read(draft)
        guard let about, own.isEmpty else { return nil }
        return Rule(name: name, about: about, file: file, judges: judges, fingerprint: Fingerprint.of(yaml))
    }

    private static func kind(of root: Node, among kinds: [any RuleKind], into mistakes: Mistakes) -> (any RuleKind)? {
        guard let node = root["kind"] else { return root["derive"] == nil ? FreeRuleKind() : DeriveKind() }
        let word = node.scalar ?? ""
        if let kind = kinds.first(where: { $0.word == word }) { return kind }
        mistakes.add("there is no kind '\(word)'" + suggestion(for: word, among: kinds.map(\.word)), at: node.place)
        return nil
    }

    // MARK: Subjects

    /// The devices the rule is made for, in the directory's order.
    static func subjects(of form: Form, rule: String, directory: Directory) -> [RuleDraft.Subject] {
        guard form.has("for-each") else { return [RuleDraft.Subject(device: nil, owner: rule, title: rule)] }
        let names = directory.devices.map { "\($0.site)/\($0.name)" }
        var chosen: Set<Int> = []
        for (pattern, place) in form.strings("for-each") ?? [] {
            let matched = names.indices.filter { PointPattern(pattern).matches(names[$0]) }
            if matched.isEmpty {
                form.mistakes.add(
                    "'for-each' matches no device: '\(pattern)'" + suggestion(for: pattern, among: names), at: place)
            }
            chosen.formUnion(matched)
        }
        let devices = chosen.sorted()
        let isUnique = Set(devices.map { directory.devices[$0].name }).count == devices.count
        return devices.map { index in
            let mark = isUnique ? directory.devices[index].name : names[index]
            return RuleDraft.Subject(device: DeviceID(index: index), owner: "\(rule)#\(mark)", title: names[index])
        }
    }

    // MARK: Rivals

    /// Two owners at one priority of a point would fight over it, so that is a mistake; different priorities are an order.
    package static func checkRivals(_ rules: [Rule], context: RuleContext, into mistakes: Mistakes) {
        struct Slot: Hashable {
            let point: PointID
            let priority: Priority
        }
        var owners: [Slot: String] = [:]
        for judge in rules.flatMap(\.judges) {
            var own: Set<PointID> = []
            for target in judge.targets {
                let point = context.directory[target.point].name
                guard own.insert(target.point).inserted else {
                    mistakes.add("'\(point)' is wanted by this rule twice", at: target.place)
                    continue
                }
                let slot = Slot(point: target.point, priority: target.priority)
                if let rival = owners[slot] {
                    let level = "at the same priority (\(target.priority.word))"
                    mistakes.add("'\(point)' is wanted by '\(rival)' too, \(level)", at: target.place)
                } else {
                    owners[slot] = judge.name
                }
            }
        }
    }

    /// A point that is derived from itself, by however many steps, would never come to rest.
    package static func checkCircles(_ rules: [Rule], context: RuleContext, into mistakes: Mistakes) {
        let judges = rules.flatMap(\.judges)
        for circle in Dependencies(of: judges).circles {
            guard let first = circle.first, let place = judges.lazy.compactMap(\.derives).first(where: { $0.point == first })?.place
            else { continue }
            let names = circle.map { "\(context.directory[$0].name)" }
            mistakes.add("'\(names[0])' is derived from itself: \(names.joined(separator: " \u{2190} "))", at: place)
        }
    }
}

/// A short word for a text: FNV-1a of 64 bits (Fowler, Noll, Vo). It tells a changed file from an unchanged one, and is no seal.
enum Fingerprint {
    static func of(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
