import Documents
import Forwarding
import FoundationEssentials
package import MQTT

extension SiteFile {
    /// How a destination lets us in: by the files that hold what is secret. The secrets themselves are read when they are used, and
    /// kept nowhere.
    package struct Access: Hashable, Sendable {
        package var tls: TLSFiles?
        package var user: String?
        package var passwordFile: String?
        package var tokenFile: String?

        /// Without the line break that editors add; nil where there is none, or none that can be read.
        var password: String? { passwordFile.flatMap(SiteFile.secret) }

        var credentials: InfluxEndpoint.Credentials? {
            if let token = tokenFile.flatMap(SiteFile.secret) { return .token(token) }
            return user.flatMap { user in password.map { .basic(user: user, password: $0) } }
        }
    }

    static let accessKeys = ["tls", "user", "password-file", "token-file"]
    /// Keys that hold a secret itself, elsewhere: they have a sentence of their own here.
    static let secretKeys = ["password", "token", "username"]
    /// More is no password.
    private static let longest = 16 << 10

    fileprivate static func secret(in path: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= longest else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return line.isEmpty ? nil : String(validating: line, as: UTF8.self)
    }

    /// - Parameter resolve: from a path as written to one that can be opened.
    static func access(_ entry: Form, resolve: (String) -> String) -> Access {
        var access = Access()
        for key in secretKeys where entry.has(key) {
            let instead = key == "username" ? "write 'user'" : "put it into a file of its own and write '\(key)-file: FILE'"
            let why = key == "username" ? "there is no 'username'" : "a secret has no place in the site file"
            entry.mistakes.add("\(why): \(instead)", at: entry.place(of: key))
        }
        if let tls = entry.node["tls"] { access.tls = self.tls(tls, of: entry, resolve: resolve) }
        access.user = entry.string("user")
        access.passwordFile = entry.string("password-file").map(resolve)
        access.tokenFile = entry.string("token-file").map(resolve)
        for (key, path) in [("password-file", access.passwordFile), ("token-file", access.tokenFile)] {
            if let path { judge(path, as: key, isSecret: true, at: entry.place(of: key), into: entry.mistakes) }
            if let path, let fault = faultOfSecret(path) { entry.mistakes.add("'\(key)': \(fault)", at: entry.place(of: key)) }
        }
        if access.passwordFile != nil, access.user == nil {
            entry.mistakes.add("'password-file' needs the 'user' whose password it is", at: entry.place(of: "password-file"))
        }
        if access.tokenFile != nil, access.user != nil {
            entry.mistakes.add(
                "a token says who one is: leave out 'user', or write 'password-file'", at: entry.place(of: "token-file"))
        }
        if access.tokenFile != nil, !entry.has("influx") {
            entry.mistakes.add("a broker takes no token; write 'user' and 'password-file'", at: entry.place(of: "token-file"))
        }
        if access.user != nil, access.passwordFile == nil, access.tokenFile == nil, entry.has("influx") {
            entry.mistakes.add("'user' needs a 'password-file'", at: entry.place(of: "user"))
        }
        return access
    }

    /// Whether an address holds a secret, which is then told without showing it.
    static func holdsSecret(_ address: String, at place: Place, into mistakes: Mistakes) -> Bool {
        let rest = address.firstRange(of: "://").map { address[$0.upperBound...] } ?? address[...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let query = rest.firstIndex(of: "?").map { rest[$0...].dropFirst() } ?? ""
        let keys = query.split(separator: "&").compactMap { $0.split(separator: "=").first }
        guard
            authority.contains("@")
                || keys.contains(where: { ["u", "p", "user", "username", "password", "token"].contains($0.lowercased()) })
        else { return false }
        mistakes.add(
            "an address holds no user and no secret: write 'user: NAME' and 'password-file: FILE' (or 'token-file: FILE') beside it",
            at: place)
        return true
    }

    /// `tls: true`, or a mapping of the files.
    private static func tls(_ node: Node, of entry: Form, resolve: (String) -> String) -> TLSFiles? {
        guard case .mapping = node.content else { return entry.flag("tls") == true ? TLSFiles() : nil }
        guard let form = Form(node, "'tls'", keys: ["ca", "certificate", "key"], in: entry.mistakes) else { return nil }
        let files = TLSFiles(
            authority: form.string("ca").map(resolve), certificate: form.string("certificate").map(resolve),
            key: form.string("key").map(resolve))
        for (key, path) in [("ca", files.authority), ("certificate", files.certificate), ("key", files.key)] {
            if let path { judge(path, as: key, isSecret: key == "key", at: form.place(of: key), into: entry.mistakes) }
        }
        if (files.certificate == nil) != (files.key == nil) {
            form.mistakes.add("'certificate' and 'key' go together: one is of no use without the other", at: node.place)
        }
        return files
    }

    /// Notes a file that is missing, empty, or, if it is secret, for everyone to read.
    static func judge(_ path: String, as key: String, isSecret: Bool, at place: Place, into mistakes: Mistakes) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder else {
            return mistakes.add("'\(key)': there is no file '\(path)'", at: place)
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            return mistakes.add("'\(key)': this program may not read '\(path)'", at: place)
        }
        let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
        if number(attributes[.size]) == 0 { mistakes.add("'\(key)': '\(path)' is empty", at: place) }
        if isSecret, let mode = number(attributes[.posixPermissions]), mode & 0o007 != 0 {
            mistakes.add("'\(key)': everyone on this machine may read '\(path)'; run chmod o= on it", at: place)
        }
    }

    /// An attribute of a file. Which type it comes in depends on which of the Foundations are in the program.
    private static func number(_ attribute: Any?) -> Int? { attribute.flatMap { Int("\($0)") } }

    /// A secret that has no first line, or is none that can be sent.
    private static func faultOfSecret(_ path: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: path), !bytes.isEmpty else { return nil }
        return secret(in: path) == nil ? "the first line of '\(path)' holds no secret" : nil
    }
}
