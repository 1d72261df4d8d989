package import Documents
import FoundationEssentials
import Telemetry

/// Reads the folder of rule files and judges them, one by one and against each other.
package enum RuleFiles {
    private static let common = ["rule", "about", "kind", "for-each"]
    private static let largest = 1 << 20

    /// Every `*.yaml` below the folder, in the order of their paths.
    /// - Returns: the rules of the files without mistakes.
    package static func load(
        folder: String, kinds: [any RuleKind], context: RuleContext, into mistakes: Mistakes
    ) -> [Rule] {
        guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
            mistakes.add("the folder of rules cannot be read", at: Place(file: folder))
            return []
        }
        var rules: [Rule] = []
        for path in paths.sorted() where path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
            let file = folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
            guard path.hasSuffix(".yaml") else {
                mistakes.add("a rule file's name ends in .yaml", at: Place(file: file))
                continue
            }
            guard let data = FileManager.default.contents(atPath: file), data.count <= largest,
                let yaml = String(validating: data, as: UTF8.self)
            else {
                mistakes.add("the file cannot be read as text of at most \(largest) bytes", at: Place(file: file))
                continue
            }
            let name = String(path.dropLast(5))
            if let rule = read(yaml: yaml, file: file, name: name, kinds: kinds, context: context, into: mistakes) {
                rules.append(rule)
            }
        }
        checkRivals(rules, context: context, into: mistakes)
        return rules
    }

    /// One rule file.
    /// - Parameter name: the file's path below the rules folder, without `.yaml`.
    /// - Returns: nil if there were mistakes.
    package static func read(
        yaml: String, file: String, name: String, kinds: [any RuleKind], context: RuleContext, into mistakes: Mistakes
    ) -> Rule? {
        let before = mistakes.all.count
        let root: Node
        do throws(Mistake) {
            root = try Node(yaml: yaml, file: file)
        } catch {
            mistakes.add(error)
            return nil
        }
        if !name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ PointName.isWord(String($0)) }) {
            mistakes.add("'\(name)' cannot name a rule: lower-case letters, digits, - and _ only", at: Place(file: file))
        }
        guard let kind = kind(of: root, among: kinds, into: mistakes),
            let form = Form(root, "a rule", keys: common + kind.keys, in: mistakes)
        else { return nil }
        if form.string("rule", required: true) != nil, root["rule"]?.scalar != "1" {
            mistakes.add("'rule' is the version of the format, and must be 1", at: form.place(of: "rule"))
        }
        let about = form.string("about", required: true)
        let draft = RuleDraft(
            name: name, form: form, context: context, subjects: subjects(of: form, rule: name, directory: context.directory),
            text: SourceText(yaml))
        let judges = kind.read(draft)
        guard let about, mistakes.all.count == before else { return nil }
        return Rule(name: name, about: about, file: file, judges: judges)
    }

    private static func kind(of root: Node, among kinds: [any RuleKind], into mistakes: Mistakes) -> (any RuleKind)? {
        guard let node = root["kind"] else { return FreeRuleKind() }
        let word = node.scalar ?? ""
        if let kind = kinds.first(where: { $0.word == word }) { return kind }
        mistakes.add("there is no kind '\(word)'" + suggestion(for: word, among: kinds.map(\.word)), at: node.place)
        return nil
    }

    // MARK: Subjects

    /// The devices the rule is made for, in the directory's order.
    private static func subjects(of form: Form, rule: String, directory: Directory) -> [RuleDraft.Subject] {
        guard form.has("for-each") else { return [RuleDraft.Subject(device: nil, owner: rule, title: rule)] }
        let names = directory.devices.map { "\($0.site)/\($0.name)" }
        var chosen: Set<Int> = []
        for (pattern, place) in form.strings("for-each") ?? [] {
            let matched = names.indices.filter { matches(names[$0], pattern) }
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

    /// `*` stands for any run of characters within one word.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        let words = name.split(separator: "/", omittingEmptySubsequences: false)
        let patterns = pattern.split(separator: "/", omittingEmptySubsequences: false)
        return words.count == patterns.count && zip(words, patterns).allSatisfy { glob(Array($0.utf8)[...], Array($1.utf8)[...]) }
    }

    private static func glob(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        var text = text
        var pattern = pattern
        var retry: (text: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
        while let byte = text.first {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (text.dropFirst(), pattern)
            } else if pattern.first == byte {
                text = text.dropFirst()
                pattern = pattern.dropFirst()
            } else if let again = retry {
                text = again.text
                pattern = again.pattern
                retry = (again.text.dropFirst(), again.pattern)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
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
}
