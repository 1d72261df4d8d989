package import Documents
import FoundationEssentials

/// Reads device profiles: one from its text, or all of a folder.
package enum Profiles {
    /// Reads one profile; nil if anything in it is wrong. Every mistake is noted, not the first alone.
    /// - Parameters:
    ///   - file: the path to show in messages.
    ///   - name: the profile's name, `lutan/pump`.
    package static func read(yaml: String, file: String, name: String, into mistakes: Mistakes) -> Profile? {
        read(utf8: Array(yaml.utf8), file: file, name: name, into: mistakes)
    }

    /// Reads every `.yaml` file below a folder. Keys are the names of the profiles: paths below the folder, without `.yaml`.
    /// Profiles with mistakes are left out.
    package static func load(folder: String, into mistakes: Mistakes) -> [String: Profile] {
        var profiles: [String: Profile] = [:]
        for path in files(in: folder, below: "", depth: 0, into: mistakes) {
            let file = folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
            guard let bytes = FileManager.default.contents(atPath: file) else {
                mistakes.add("the file cannot be read", at: Place(file: file))
                continue
            }
            let name = String(path.dropLast(".yaml".count))
            profiles[name] = read(utf8: Array(bytes), file: file, name: name, into: mistakes)
        }
        return profiles
    }

    private static func read(utf8: [UInt8], file: String, name: String, into mistakes: Mistakes) -> Profile? {
        do {
            let node = try Node(utf8: utf8, file: file)
            return ProfileReader(mistakes: mistakes).profile(node, name: name)
        } catch {
            mistakes.add(error)
            return nil
        }
    }

    /// Folders may be links, and links may run in circles.
    private static let deepest = 8

    private static func files(in folder: String, below path: String, depth: Int, into mistakes: Mistakes) -> [String] {
        let here = path.isEmpty ? folder : "\(folder)/\(path)"
        guard depth < deepest else {
            mistakes.add("folders more than \(deepest) deep", at: Place(file: here))
            return []
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: here) else {
            mistakes.add("no folder that can be read", at: Place(file: here))
            return []
        }
        var found: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let below = path.isEmpty ? name : "\(path)/\(name)"
            var isFolder = false
            guard FileManager.default.fileExists(atPath: "\(folder)/\(below)", isDirectory: &isFolder) else { continue }
            if isFolder {
                found += files(in: folder, below: below, depth: depth + 1, into: mistakes)
            } else if name.hasSuffix(".yaml") {
                found.append(below)
            } else if name.hasSuffix(".yml") {
                mistakes.add(
                    "a profile's file ends in .yaml, or it is not found by its name", at: Place(file: "\(folder)/\(below)"))
            }
        }
        return found
    }
}
