import Documents
import FoundationEssentials
package import Telemetry

/// The points that rule files derive, found before the rules are read: rules speak of them as of any other.
///
/// Nothing is judged here. What is wrong with a declaration is found when its rule is read, by its kind, in its place.
package struct DerivedPoints: Sendable {
    package static let none = DerivedPoints(files: [], directory: Directory(points: [], devices: []))
    /// How old a reading may become whose inputs are not known.
    private static let defaultAge: Duration = .seconds(60)

    package private(set) var points: [Point] = []
    /// The file that derives each.
    private var files: [PointName: String] = [:]

    /// Looks through every rule file below a folder.
    package init(folder: String, directory: Directory) {
        self.init(
            files: (RuleFiles.paths(below: folder) ?? []).compactMap { file, _ in RuleFiles.text(of: file).map { (file, $0) } },
            directory: directory)
    }

    /// - Parameter files: paths and texts, in the order of the rules.
    package init(files texts: [(path: String, yaml: String)], directory: Directory) {
        var declared: [(point: Point, inputs: [String], age: Duration?)] = []
        for (path, yaml) in texts {
            guard yaml.contains("derive"), DocumentKind(of: yaml) == .rule, let root = try? Node(yaml: yaml, file: path) else { continue }
            // Whatever is wrong here is told when the rule is read.
            for found in Self.declared(by: root, directory: directory, into: Mistakes())
            where directory.id(of: found.point.name) == nil && files[found.point.name] == nil {
                files[found.point.name] = path
                declared.append(found)
            }
        }
        points = Self.aged(declared, directory)
    }

    package func file(of name: PointName) -> String? { files[name] }

    /// The directory with these points at its end, so that every other point keeps its number.
    package func directory(extending directory: Directory) -> Directory {
        guard !points.isEmpty else { return directory }
        return Directory(points: directory.points + points, devices: directory.devices.map { ($0.site, $0.name) })
    }

    private static func declared(
        by root: Node, directory: Directory, into mistakes: Mistakes
    ) -> [(point: Point, inputs: [String], age: Duration?)] {
        guard let node = root["derive"], let rule = Form(root, "a rule", keys: nil, in: mistakes) else { return [] }
        // A trade's kind may derive several points of one file; the rule that names no kind derives one.
        var nodes = [node]
        if case .sequence(let members) = node.content { nodes = members }
        let forms = nodes.compactMap { Form($0, "what is derived", keys: nil, in: mistakes) }
        let inputs = root["inputs"].flatMap { Form($0, "inputs", keys: nil, in: mistakes) }?.entries.compactMap(\.value.scalar) ?? []
        let subjects = RuleFiles.subjects(of: rule, rule: "", directory: directory)
        return forms.flatMap { form in declared(by: form, for: subjects, inputs, directory) }
    }

    private static func declared(
        by form: Form, for subjects: [RuleDraft.Subject], _ inputs: [String], _ directory: Directory
    ) -> [(point: Point, inputs: [String], age: Duration?)] {
        guard let text = form.string("point") else { return [] }
        return subjects.compactMap { subject in
            guard let name = name(text, of: subject, directory),
                let device = directory.devices.firstIndex(where: { $0.site == name.site && $0.name == name.device })
            else { return nil }
            let point = Point(
                name: name, device: DeviceID(index: device), type: form.word("type", as: ValueType.self) ?? .double,
                unit: form.string("unit") ?? "", range: form.range("range"), maximumAge: defaultAge, isDerived: true)
            let full = inputs.map { $0.contains("/") ? $0 : "\(name.site)/\(name.device)/\($0)" }
            return (point, full, form.duration("maximum-age"))
        }
    }

    static func name(_ text: String, of subject: RuleDraft.Subject, _ directory: Directory) -> PointName? {
        guard !text.contains("/") else { return PointName(text) }
        guard let device = subject.device else { return nil }
        return PointName(site: directory[device].site, device: directory[device].name, point: text)
    }

    /// A derived reading is as new as its newest input, so it may become as old as the slowest of them.
    private static func aged(_ declared: [(point: Point, inputs: [String], age: Duration?)], _ directory: Directory) -> [Point] {
        var ages: [String: Duration] = [:]
        for (point, _, age) in declared { ages[point.name.description] = age }
        var isGrowing = true
        // As often as the longest chain of derived points has links; a circle ends it, and is told elsewhere.
        while isGrowing {
            isGrowing = false
            for (point, inputs, _) in declared where ages[point.name.description] == nil {
                let known = inputs.map { input -> Duration? in
                    if input.contains("*") { return longestAge(of: PointPattern(input), directory) }
                    return ages[input] ?? directory.id(of: input).map { directory[$0].maximumAge }
                }
                guard known.allSatisfy({ $0 != nil }) else { continue }
                ages[point.name.description] = known.compactMap { $0 }.max() ?? defaultAge
                isGrowing = true
            }
        }
        return declared.map { point, _, _ in
            Point(
                name: point.name, device: point.device, type: point.type, unit: point.unit, range: point.range,
                maximumAge: ages[point.name.description] ?? defaultAge, isDerived: true)
        }
    }

    private static func longestAge(of pattern: PointPattern, _ directory: Directory) -> Duration {
        directory.points.lazy.filter { pattern.matches($0.name.description) }.map(\.maximumAge).max() ?? defaultAge
    }
}
