import Documents
import Rules
import Telemetry
import Testing

/// What a rule file's conditions may say, found before anything runs.
@Suite("A condition")
struct ConditionTests {
    /// A well and a main, with readings in several units, and a number that has none.
    static let works: Directory = {
        let names: [(String, Int, ValueType, String)] = [
            ("well/level", 0, .double, "m"), ("well/depth", 0, .double, "m"), ("well/pressure", 0, .double, "kPa"),
            ("well/area", 0, .double, "m2"), ("well/ratio", 0, .double, ""), ("well/mode", 0, .uint, ""), ("well/starts", 0, .int, ""),
            ("well/float", 0, .bool, ""), ("well/name", 0, .string, ""), ("main-1/pressure", 1, .double, "kPa"),
            ("main-2/pressure", 2, .double, "kPa"), ("main-3/pressure", 3, .double, "bar"),
        ]
        let points = names.compactMap { name, device, type, unit in
            PointName("works/\(name)").map {
                Point(name: $0, device: DeviceID(index: device), type: type, unit: unit, maximumAge: .seconds(3))
            }
        }
        return Directory(points: points, devices: ["well", "main-1", "main-2", "main-3"].map { ("works", $0) })
    }()

    static func mistakes(_ when: String) -> [String] {
        let known = ["level", "depth", "pressure", "area", "ratio", "mode", "starts", "float", "name"]
        let used = known.filter { when.contains($0) }.map { "  \($0): works/well/\($0)" }
        let lists = when.contains("mains") ? ["  mains: works/main-*/pressure"] : []
        let pairs = when.contains("pairs") ? ["  pairs: works/*/level"] : []
        let yaml =
            (["rule: 1", "about: A test.", "inputs:"] + used + lists + pairs + ["when: |", "  \(when)"])
            .joined(separator: "\n")
        let mistakes = Mistakes()
        _ = RuleFiles.read(
            yaml: yaml, file: "r.yaml", name: "test", kinds: [], context: RuleContext(directory: works), into: mistakes)
        return mistakes.sorted.map(\.message)
    }

    @Test(
        "that adds or compares what is measured in different units is refused, wherever it stands",
        arguments: [
            "level > pressure", "level + pressure > 3.0", "3.0 < pressure - level", "max(level, pressure) > 3.0",
            "math.least(level, 2.0, pressure) > 1.0", "(float ? level : pressure) > 3.0", "float ? level > pressure : true",
            "[level, depth].exists(x, x > pressure)", "[level, pressure].exists(x, x > 100.0)", "level in [pressure, 2.0]",
            "cel.bind(x, level + 0.5, x > pressure)", "[level].map(x, x - 1.0)[0] > pressure", "!(-level == pressure)",
            "abs(level - pressure) > 1.0", "level / area + 1.0 > 2.0 && level != area", "{'a': level}.a > 0.0 || level > pressure",
            "double(int(level)) > pressure", "[[1.0, level], [pressure]][0][1] > level",
            "optional.of(level).optMap(x, x + pressure).orValue(0.0) > 1.0", "[level].filter(x, x > 0.5)[0] < pressure",
        ])
    func unitsApart(when: String) {
        let found = Self.mistakes(when)
        #expect(found.count == 1 && found[0].contains("cannot be"), "\(found)")
    }

    @Test(
        "that keeps its units apart, or multiplies them, is accepted",
        arguments: [
            "level > depth", "level > 2.0", "level + depth - 1.0 > 3.0", "level * pressure > area", "pressure / level < area",
            "ratio > level", "level > ratio + pressure * 0.1", "max(level, depth, 2.0) > 1.0", "(float ? level : 2.0) > depth",
            "[level, depth].all(x, x > 1.0)", "[level, depth].exists(i, x, i > 0 && x > depth)", "mode == 2 && starts < 6",
            "math.sqrt(level) > pressure", "name.size() > 3 && level > 0.0", "[level > 2.0, pressure > 3.0].exists(x, x)",
        ])
    func unitsTogether(when: String) {
        #expect(Self.mistakes(when) == [])
    }

    @Test("whose units clash names both sides and their units, under a caret at the sign")
    func clash() {
        let sentence = "'when': 'level' in m and 'pressure' in kPa cannot be compared"
        #expect(Self.mistakes("float || level > pressure") == ["\(sentence)\n    float || level > pressure\n                   ^"])
    }

    @Test(
        "of a wrong type is refused before any reading could show it",
        arguments: [
            ("level < 'dry'", "'when': double < string is not defined"),
            ("false && level < 'dry'", "'when': double < string is not defined"),
            ("level + 1.0", "'when': it must be true or false, but gives a value of type double"),
            ("level * 2 > 1.0", "'when': double * int is not defined; convert one side with double() or int()"),
            ("float ? level > 1.0 : name", "'when': the two choices are of types bool and string"),
            ("level.foo > 1.0", "'when': a value of type double has no field 'foo'"),
            ("name.startsWith(level)", "'when': startsWith() is not defined for string, double"),
            ("pairs > 2.0", "'when': list(double) > double is not defined"),
        ])
    func types(when: String, sentence: String) {
        let found = Self.mistakes(when)
        #expect(found.contains { $0.hasPrefix(sentence) && $0.hasSuffix("^") }, "\(found)")
    }

    @Test("several of whose parts are wrong has each of them told, at its own place")
    func several() {
        let found = Self.mistakes("level < 'a' || name > 3 || float + 1 == 2")
        #expect(found.count == 3, "\(found)")
    }

    @Test("reads a pattern of points as a list")
    func patterns() {
        #expect(Self.mistakes("pairs.exists(x, x > 2.0)") == [])
        #expect(
            Self.mistakes("mains.exists(x, x > 2.0)").map(firstLine) == [
                "'works/main-*/pressure' matches points that do not go into one list: 'works/main-1/pressure' is double in kPa, "
                    + "'works/main-3/pressure' is double in bar"
            ])
        #expect(Self.mistakes("pairs.exists(x, x > pressure)").first?.contains("'x' in m and 'pressure' in kPa") == true)
    }
}
