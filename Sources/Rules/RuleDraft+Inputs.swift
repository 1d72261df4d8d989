package import Documents
import Telemetry

extension RuleDraft {
    /// The names a form gives to its inputs, as its author wrote them.
    package struct InputNames {
        package let entries: [(name: String, point: String, place: Place, pointPlace: Place)]

        package init(entries: [(name: String, point: String, place: Place, pointPlace: Place)]) { self.entries = entries }

        package var names: [String] { entries.map(\.name) }

        package static let none = InputNames(entries: [])
    }

    /// More points than this under one pattern are a mistake of the pattern.
    private static let mostMatched = 1000

    /// Reads the key `inputs` without looking the points up yet.
    /// - Parameter required: the names that must be there; nil if the author chooses them.
    package func inputNames(in form: Form, required: [String]? = nil) -> InputNames? {
        guard let inputs = form.form("inputs", "'inputs'", keys: required, required: true) else { return nil }
        var entries: [(name: String, point: String, place: Place, pointPlace: Place)] = []
        for (name, place, node) in inputs.entries {
            if required == nil, !Self.isIdentifier(name) {
                mistakes.add("'\(name)' cannot name an input: letters, digits and _ only, and no word of the language", at: place)
                continue
            }
            guard let point = node.scalar, !point.isEmpty else {
                mistakes.add("'\(name)' must name a point, not \(node.kind)", at: node.place)
                continue
            }
            if required != nil, point.contains("*") {
                mistakes.add("'\(name)' is one point, and cannot be a pattern", at: node.place)
                continue
            }
            entries.append((name, point, place, node.place))
        }
        if let missing = required?.filter({ word in !inputs.has(word) }), !missing.isEmpty {
            for word in missing { _ = inputs.require(word) }
            return nil
        }
        return InputNames(entries: entries)
    }

    /// The inputs of one subject. Notes the names that mean nothing to it.
    package func inputs(_ names: InputNames, of subject: Subject) -> Inputs? {
        var found: [(name: String, isList: Bool, inputs: [Input])] = []
        for entry in names.entries {
            if entry.point.contains("*") {
                guard let points = points(matching: entry.point, at: entry.pointPlace, of: subject) else { continue }
                let inputs = points.enumerated().map { index, point in
                    Input(name: "\(entry.name)[\(index)]", point: point, in: context.directory)
                }
                found.append((entry.name, true, inputs))
            } else if let point = point(entry.point, at: entry.pointPlace, of: subject) {
                found.append((entry.name, false, [Input(name: entry.name, point: point, in: context.directory)]))
            }
        }
        return found.count == names.entries.count ? Inputs(found) : nil
    }

    /// The points a pattern names, in the directory's order. They stand in one list, so they must be of one type and unit.
    private func points(matching pattern: String, at place: Place, of subject: Subject) -> [PointID]? {
        let directory = context.directory
        let words = pattern.split(separator: "/", omittingEmptySubsequences: false).count
        var points: [PointID] = []
        if words == 1, let device = subject.device {
            points = directory[device].points.filter { PointPattern(pattern).matches(directory[$0].name.point) }
        } else if words == 3 {
            let matcher = PointPattern(pattern)
            points = directory.points.indices.filter { matcher.matches(directory.points[$0].name.description) }.map { PointID(index: $0) }
        } else {
            mistakes.add("'\(pattern)' is not a pattern of points: site/device/point, with * for any run of characters", at: place)
            return nil
        }
        guard let first = points.first else {
            mistakes.add("no point matches '\(pattern)'", at: place)
            return nil
        }
        guard points.count <= Self.mostMatched else {
            mistakes.add("'\(pattern)' matches \(points.count) points; a rule reads at most \(Self.mostMatched) under one name", at: place)
            return nil
        }
        let described = directory[first]
        let odd = points.lazy.map { directory[$0] }.first { $0.type != described.type || $0.unit != described.unit }
        if let odd {
            let kinds = [described, odd].map { "'\($0.name)' is \($0.type.rawValue)" + ($0.unit.isEmpty ? "" : " in \($0.unit)") }
            mistakes.add("'\(pattern)' matches points that do not go into one list: " + kinds.joined(separator: ", "), at: place)
            return nil
        }
        return points
    }

    private static func isIdentifier(_ text: String) -> Bool {
        let reserved: Set<String> = [
            "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
            "loop", "package", "namespace", "return", "var", "void", "while",
        ]
        guard let first = text.utf8.first, first == UInt8(ascii: "_") || Character(UnicodeScalar(first)).isLetter else {
            return false
        }
        return !reserved.contains(text)
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return byte < 128 && (character.isLetter || character.isNumber || character == "_")
            }
    }
}
