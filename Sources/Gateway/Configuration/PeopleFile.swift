package import Console
package import Documents
import FoundationEssentials

/// The file of the people who may sign in to the console.
package enum PeopleFile {
    private static let keys = ["title", "phone", "role", "password"]
    private static let largest = 1 << 20

    /// nil if the file cannot be read; people without mistakes otherwise.
    static func load(_ path: String, into mistakes: Mistakes) -> People? {
        guard let data = FileManager.default.contents(atPath: path), data.count <= largest,
            let yaml = String(validating: data, as: UTF8.self)
        else { return nil }
        return read(yaml: yaml, file: path, into: mistakes)
    }

    package static func read(yaml: String, file: String, into mistakes: Mistakes) -> People? {
        let root: Node
        do throws(Mistake) {
            root = try Node(yaml: yaml, file: file)
        } catch {
            mistakes.add(error)
            return nil
        }
        guard let form = Form(root, "the file of people", keys: nil, in: mistakes) else { return nil }
        if form.string("people", required: true) != nil, root["people"]?.scalar != "1" {
            mistakes.add("'people' is the version of the format, and must be 1", at: form.place(of: "people"))
        }
        let entries = form.entries.filter { $0.key != "people" }.compactMap { entry($0.key, at: $0.place, $0.value, mistakes) }
        if entries.isEmpty, mistakes.isEmpty { mistakes.add("nobody is named here", at: root.place) }
        return People(entries)
    }

    private static func entry(_ name: String, at place: Place, _ node: Node, _ mistakes: Mistakes) -> People.Entry? {
        if !isName(name) {
            mistakes.add("'\(name)' is no name to sign in with: use lower-case letters, digits, '-' and '_', 32 at most", at: place)
        }
        guard let form = Form(node, "'\(name)'", keys: keys, in: mistakes) else { return nil }
        let title = form.string("title", required: true)
        let role = form.word("role", as: Person.Role.self, required: true)
        let phone = form.string("phone") ?? ""
        guard let text = form.string("password", required: true) else { return nil }
        // The text is never shown: it may be the password itself.
        guard let hash = PasswordHash(text) else {
            mistakes.add("'password' is what 'headgate password' prints, and never the password itself", at: form.place(of: "password"))
            return nil
        }
        guard hash.rounds >= PasswordHash.fewestRounds else {
            mistakes.add("'password' was made with too few rounds; make a new one with 'headgate password'", at: form.place(of: "password"))
            return nil
        }
        guard let title, let role else { return nil }
        return People.Entry(person: Person(name: name, title: title, role: role), phone: phone, password: hash)
    }

    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-" || $0 == "_") }
    }
}
