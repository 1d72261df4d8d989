import Documents
import FoundationEssentials
import Rules
import Telemetry
import Testing

@Suite("Rule files")
struct RuleFilesTests {
    private func mistakes(_ yaml: String, name: String = "farm/dry") -> [String] {
        let mistakes = Mistakes()
        let context = RuleContext(directory: Drawing.farm)
        let rule = RuleFiles.read(
            yaml: yaml, file: "Rules/\(name).yaml", name: name, kinds: [], context: context, into: mistakes)
        #expect((rule == nil) == !mistakes.isEmpty)
        RuleFiles.checkRivals([rule].compactMap { $0 }, context: context, into: mistakes)
        return mistakes.sorted.map(\.description)
    }

    @Test("five mistakes in one file are all named, each at its place")
    func five() {
        let yaml = """
            rule: 1
            about: Five mistakes.
            for-each: farm/zone-*
            inputs: { soil: soyl, rain: farm/weather/rain }
            when: soil < 20.0 && rian == 0.0
            hold: soon
            then: [{ point: valve, value: true, priority: autmatic }]
            sag: dry
            """
        #expect(
            mistakes(yaml).map(firstLine) == [
                "Rules/farm/dry.yaml:4:17: error: farm/zone-1 has no point 'soyl'; did you mean 'soil'?",
                "Rules/farm/dry.yaml:5:22: error: 'rian' is not an input; did you mean 'rain'?",
                "Rules/farm/dry.yaml:6:7: error: 'hold' must be a duration such as 250ms, 5s, 10m, 2h or 1d, not 'soon'",
                "Rules/farm/dry.yaml:7:47: error: a rule cannot have priority 'autmatic'; did you mean 'automatic'?",
                "Rules/farm/dry.yaml:8:1: error: a rule has no key 'sag'; did you mean 'say'?",
            ])
    }

    @Test("below each mistake stands its line with a caret")
    func caret() {
        let yaml = "rule: 1\nabout: A test.\ninputs: { soil: farm/zone-1/soyl }\nwhen: soil < 20.0\n"
        #expect(
            mistakes(yaml) == [
                "Rules/farm/dry.yaml:3:17: error: farm/zone-1 has no point 'soyl'; did you mean 'soil'?\n"
                    + "  inputs: { soil: farm/zone-1/soyl }\n                  ^"
            ])
    }

    @Test(
        "each thing a rule can get wrong has its sentence",
        arguments: [
            ("inputs: { soil: farm/zone-9/soil }", "site 'farm' has no device 'zone-9'; did you mean 'zone-1'?"),
            ("inputs: { soil: fram/zone-1/soil }", "there is no site 'fram'; did you mean 'farm'?"),
            ("inputs: { soil: soil }", "'soil' must be a point's full name, site/device/point, since the rule has no 'for-each'"),
            ("inputs: { so-il: farm/zone-1/soil }", "'so-il' cannot name an input: letters, digits and _ only"),
            ("when: soil + 1.0", "'when': it must be true or false, but gives a value of type double"),
            ("when: soil < 'dry'", "'when': double < string is not defined"),
            ("for-each: farm/zome-9", "'for-each' matches no device: 'farm/zome-9'; did you mean 'farm/zone-1'?"),
            ("then: [{ point: farm/zone-1/soil, value: 1.0 }]", "'farm/zone-1/soil' is not writable; writable there: valve"),
            ("then: [{ point: farm/zone-1/valve, value: 5 }]", "'farm/zone-1/valve' takes true or false, not '5'"),
            ("then: [{ point: farm/zone-1/valve }]", "a want needs 'value'"),
            (
                "then: [{ point: farm/zone-1/valve, value: true, priority: manual }]",
                "a rule cannot have priority 'manual', which is a person's alone"
            ),
            ("when: 1 < 2", "the input 'soil' is not used"),
            ("rule: 2", "'rule' is the version of the format, and must be 1"),
            ("kind: pump-bond", "there is no kind 'pump-bond'"),
            ("rest: 5m", "'rest' follows what the rule wanted, and this one has no 'then'"),
            ("about:", "'about' must be text, not nothing"),
        ])
    func one(change: String, sentence: String) {
        var lines = ["rule: 1", "about: A test.", "inputs: { soil: farm/zone-1/soil }", "when: soil < 20.0"]
        let key = change.prefix { $0 != ":" }
        lines.removeAll { $0.hasPrefix("\(key):") }
        lines.append(change)
        let found = mistakes(lines.joined(separator: "\n"))
        #expect(found.contains { $0.contains(sentence) }, "\(found)")
    }

    @Test("a mistake in an expression is placed in the file, on one line, in quotes and in a block")
    func places() {
        let head = "rule: 1\nabout: A test.\ninputs: { soil: farm/zone-1/soil }\n"
        #expect(mistakes(head + "when: soil < soyl").first?.hasPrefix("Rules/farm/dry.yaml:4:14: ") == true)
        #expect(mistakes(head + "when: 'soil < soyl'").first?.hasPrefix("Rules/farm/dry.yaml:4:15: ") == true)
        let block = head + "when: |\n  soil > 3.0\n  && soil < soyl\n"
        #expect(mistakes(block).first?.hasPrefix("Rules/farm/dry.yaml:6:13: ") == true)
        #expect(mistakes(head + "when: soil < < 3.0").first?.hasPrefix("Rules/farm/dry.yaml:4:14: ") == true)
    }

    @Test("two owners of one slot are a mistake; a higher priority over a lower one is not")
    func rivals() throws {
        func rule(_ priority: String) -> String {
            "inputs: { soil: farm/zone-1/soil }\nwhen: soil < 20.0\n"
                + "then: [{ point: farm/zone-1/valve, value: true, priority: \(priority) }]\n"
        }
        _ = try Drawing(rule("automatic"), rule("life-safety"))
        let shared = """
            rule: 1
            about: All zones want one valve.
            for-each: farm/zone-*
            inputs: { soil: soil }
            when: soil < 20.0
            then: [{ point: farm/zone-1/valve, value: true }]
            """
        let sentence = "'farm/zone-1/valve' is wanted by 'farm/dry#zone-1' too, at the same priority (automatic)"
        #expect(mistakes(shared) == ["Rules/farm/dry.yaml:6:17: error: " + sentence])
    }

    @Test("the higher priority is heard first, and gives way when it ends")
    func priorities() throws {
        func rule(_ limit: String, _ value: Bool, _ priority: String) -> String {
            "inputs: { soil: farm/zone-1/soil }\nwhen: soil < \(limit)\n"
                + "then: [{ point: farm/zone-1/valve, value: \(value), priority: \(priority) }]\n"
        }
        var drawing = try Drawing(rule("20.0", true, "automatic"), rule("5.0", false, "life-safety"))
        #expect(drawing.hears(["zone-1/soil": "30 19 4 4 19 30"]) == drawn(". O x x O ."))
    }

    @Test("a folder is read in the order of its paths, with the path below it as the rule's name")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-rules-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "farm/east"), withIntermediateDirectories: true)
        func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: folder.appending(path: path)) }
        let rule = "rule: 1\nabout: Rain.\ninputs: { rain: farm/weather/rain }\nwhen: rain > 8.0\n"
        try write(rule, to: "farm/rain.yaml")
        try write(rule, to: "farm/east/rain.yaml")
        try write("not a rule", to: "farm/README.md")
        try write(rule, to: "farm/late.yml")
        try write(rule, to: "farm/Big Rain.yaml")
        try Data([0x72, 0xff, 0xfe]).write(to: folder.appending(path: "farm/bytes.yaml"))
        let mistakes = Mistakes()
        let context = RuleContext(directory: Drawing.farm)
        let rules = RuleFiles.load(folder: folder.path, kinds: [], context: context, into: mistakes)
        #expect(rules.map(\.name) == ["farm/east/rain", "farm/rain"])
        #expect(
            mistakes.sorted.map { $0.message.prefix(20) } == [
                "'farm/Big Rain' cann", "the file cannot be r", "a rule file's name e",
            ])
    }

    @Test("the calendar of a folder is no rule; its days count for the rules, and its mistakes are told")
    func calendar() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-rules-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func load(_ calendar: String) throws -> (rules: [Rule], mistakes: [String]) {
            try Data(calendar.utf8).write(to: folder.appending(path: "calendar.yaml"))
            let mistakes = Mistakes()
            let context = RuleContext(directory: Drawing.farm)
            let rules = RuleFiles.load(folder: folder.path, kinds: [], context: context, into: mistakes)
            return (rules, mistakes.sorted.map { firstLine($0.message) })
        }
        let rule = "rule: 1\nabout: A holiday.\nduring: { days: [holiday] }\nsay: it is a holiday\n"
        try Data(rule.utf8).write(to: folder.appending(path: "holiday.yaml"))
        let (rules, mistakes) = try load("calendar: 1\nholidays: [2026-06-21]\n")
        #expect(rules.map(\.name) == ["holiday"] && mistakes == [])
        let rehearsal = Rehearsal(rules: rules, directory: Drawing.farm, start: Drawing.start)
        #expect(rehearsal.events.map(\.text) == ["it is a holiday"])
        #expect(try load("calendar: 1\nholiday: [2026-06-21]\n").mistakes == ["a calendar has no key 'holiday'; did you mean 'holidays'?"])
    }

    @Test("a folder that is not there is a mistake")
    func noFolder() {
        let mistakes = Mistakes()
        _ = RuleFiles.load(folder: "/nowhere/Rules", kinds: [], context: RuleContext(directory: Drawing.farm), into: mistakes)
        #expect(mistakes.sorted.map(\.description) == ["/nowhere/Rules:1:1: error: the folder of rules cannot be read"])
    }
}

/// A mistake without the line of its file and the caret.
func firstLine(_ text: String) -> String { String(text.prefix { $0 != "\n" }) }
