package import Documents
import FoundationEssentials
package import Telemetry

/// Reads the folder of alarm files and judges them, one by one and against each other.
package enum AlarmFiles {
    private static let largest = 1 << 20

    /// Every `*.yaml` below the folder that begins with `alarm:`, in the order of their paths. Whoever reads the rest of the folder
    /// tells what cannot be read at all.
    /// - Returns: the alarms of the files without mistakes; none if alarms do not fit each other.
    package static func load(folder: String, directory: Directory, into mistakes: Mistakes) -> [AlarmDefinition] {
        guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
            mistakes.add("the folder of alarms cannot be read", at: Place(file: folder))
            return []
        }
        var files: [(name: String, file: String, yaml: String)] = []
        for path in paths.sorted() where path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
            let file = folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
            guard let data = FileManager.default.contents(atPath: file), data.count <= largest,
                let yaml = String(validating: data, as: UTF8.self), DocumentKind(of: yaml) == .alarm
            else { continue }
            guard path.hasSuffix(".yaml") else {
                mistakes.add("an alarm file's name ends in .yaml", at: Place(file: file))
                continue
            }
            files.append((String(path.dropLast(5)), file, yaml))
        }
        return read(files, directory: directory, into: mistakes)
    }

    /// - Parameter files: by name: the path below the folder, without `.yaml`.
    package static func read(
        _ files: [(name: String, file: String, yaml: String)], directory: Directory, into mistakes: Mistakes
    ) -> [AlarmDefinition] {
        let drafts = files.flatMap { file -> [AlarmDraft] in
            let words = file.name.split(separator: "/", omittingEmptySubsequences: false)
            if !words.allSatisfy({ PointName.isWord(String($0)) }) {
                mistakes.add(
                    "'\(file.name)' cannot name an alarm: lower-case letters, digits, - and _ only", at: Place(file: file.file))
            }
            do throws(Mistake) {
                let root = try Node(yaml: file.yaml, file: file.file)
                return AlarmReader(name: file.name, directory: directory, mistakes: mistakes).read(root)
            } catch {
                mistakes.add(error)
                return []
            }
        }
        return Kinship(drafts, directory: directory).definitions(into: mistakes)
    }
}

/// `*` stands for any run of characters within one word of a point's name.
enum PointPattern {
    static func matches(_ name: PointName, _ pattern: String) -> Bool {
        let patterns = pattern.split(separator: "/", omittingEmptySubsequences: false)
        let words = [name.site, name.device, name.point]
        return patterns.count == 3 && zip(words, patterns).allSatisfy { matches($0[...], $1) }
    }

    private static func matches(_ word: Substring, _ pattern: Substring) -> Bool {
        // Greedy between two stars: what stands between them is found at its first place, which leaves most to the rest.
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard pieces.count > 1, let first = pieces.first, let last = pieces.last else { return word == pattern }
        guard word.hasPrefix(first) else { return false }
        var rest = word.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = rest.firstRange(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
