import Documents
import FoundationEssentials
import Profiles

/// Files as tools name them: any path, not only one below `Devices`.
enum ProfileFile {
    /// The profile in a file; if anything is wrong with it, every mistake.
    static func read(_ path: String) throws(FieldError) -> Profile {
        let mistakes = Mistakes()
        let text = try text(of: path, called: "profile")
        guard let profile = Profiles.read(yaml: text, file: path, name: name(of: path), into: mistakes) else {
            throw .mistakes(mistakes)
        }
        return profile
    }

    static func text(of path: String, called kind: String) throws(FieldError) -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .failed("\(path): the \(kind) cannot be read; see that the file is there and may be read")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .failed("\(path): not UTF-8 text; save the \(kind) as UTF-8")
        }
        return text
    }

    /// `lutan/pump` of `Devices/lutan/pump.yaml`; of any other path its last word.
    static func name(of path: String) -> String {
        let words = path.split(separator: "/").map(String.init)
        let below = words.lastIndex(of: "Devices").map { words[($0 + 1)...] } ?? words.suffix(1)
        let name = below.joined(separator: "/")
        return name.hasSuffix(".yaml") ? String(name.dropLast(".yaml".count)) : name
    }
}

extension Profile {
    /// The point of that name, which must be in registers.
    func polledPoint(_ name: String, option: String) throws(FieldError) -> ProfilePoint {
        guard let point = self[name] else {
            throw .usage("\(option): \(self.name) has no point '\(name)'" + suggestion(for: name, among: points.map(\.name)))
        }
        guard point.register != nil else {
            throw .usage("\(option): '\(name)' comes in messages and cannot be asked for; see it with 'headgate history'")
        }
        return point
    }
}
