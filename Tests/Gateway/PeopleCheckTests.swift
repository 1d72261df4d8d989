import Console
import Documents
import Foundation
import Gateway
import Testing

@Suite("The people of a site")
struct PeopleCheckTests {
    private static let hash = "\(PasswordHash(of: "a-good-password", rounds: PasswordHash.fewestRounds))"

    private func read(_ yaml: String) -> (people: People?, mistakes: [String]) {
        let mistakes = Mistakes()
        let people = PeopleFile.read(yaml: yaml, file: "people.yaml", into: mistakes)
        return (people, mistakes.sorted.map(\.description))
    }

    /// What loading a site of one sensor says, with a file of people that has these rights.
    private func site(_ console: String, people: String, mode: Int = 0o640) throws -> (plan: SitePlan?, mistakes: [String]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-people-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "Devices"), withIntermediateDirectories: true)
        let file = folder.appending(path: "people.yaml").path
        try people.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        let yaml = """
            headgate: 1
            county: { title: Test }
            profiles: Devices
            data: { folder: data }
            console: \(console)
            links: { plc: { to: "tcp://127.0.0.1" } }
            sites: { north: { trade: water, devices: {} } }
            """
        let path = folder.appending(path: "site.yaml").path
        try yaml.write(toFile: path, atomically: true, encoding: .utf8)
        let (plan, mistakes) = SitePlan.load(path)
        return (plan, mistakes.map { "\($0)".replacing(folder.path + "/", with: "") })
    }

    @Test("are read with their titles and roles")
    func good() throws {
        let found = read("people: 1\nduty: { title: 值班班长, phone: \"13900000000\", role: operator, password: \(Self.hash) }\n")
        #expect(found.mistakes.isEmpty)
        let person = try #require(found.people?.entries.first)
        #expect(person.person == Person(name: "duty", title: "值班班长", role: .operator) && person.phone == "13900000000")
    }

    @Test("are told wrong with place and reason, and what may be a password is never shown")
    func mistakes() {
        let weak = PasswordHash(of: "a-good-password", rounds: 1000)
        let found = read(
            """
            people: 2
            Chen: { title: a, role: boss, password: hunter2 }
            li: { role: viewer, password: \(weak), mail: x }
            """)
        #expect(
            found.mistakes == [
                "people.yaml:1:9: error: 'people' is the version of the format, and must be 1",
                "people.yaml:2:1: error: 'Chen' is no name to sign in with: use lower-case letters, digits, '-' and '_', 32 at most",
                "people.yaml:2:25: error: 'role' cannot be 'boss'; known: operator, supervisor, viewer",
                "people.yaml:2:41: error: 'password' is what 'headgate password' prints, and never the password itself",
                "people.yaml:3:5: error: 'li' needs 'title'",
                "people.yaml:3:31: error: 'password' was made with too few rounds; make a new one with 'headgate password'",
                found.mistakes.last ?? "",
            ])
        #expect(found.mistakes.last?.contains("'li' has no key 'mail'") == true && !found.mistakes.joined().contains("hunter2"))
    }

    @Test(
        "of nonsense are a mistake and no trap",
        arguments: ["", "people: 1", "- a", "people: 1\na: 3", "people: [", "\u{0}", "a: { role: viewer }"])
    func nonsense(_ text: String) { #expect(!read(text).mistakes.isEmpty) }

    @Test("who sign in over a network without TLS are worth a warning, and at home they are not")
    func warning() throws {
        let people = "people: 1\nduty: { title: a, role: viewer, password: \(Self.hash) }\n"
        for (listen, count) in [("127.0.0.1:8080", 0), ("localhost:8080", 0), ("0.0.0.0:8080", 1), ("192.0.2.7:80", 1)] {
            let found = try site("{ listen: \"\(listen)\", people: people.yaml }", people: people)
            #expect(found.mistakes.isEmpty && found.plan?.warnings.count == count, "\(listen): \(found.mistakes)")
        }
        #expect(try site("{ listen: \"0.0.0.0:8080\" }", people: people).plan?.warnings == [])
    }

    @Test("are kept in a file that is there and not for everyone")
    func file() throws {
        let people = "people: 1\nduty: { title: a, role: viewer, password: \(Self.hash) }\n"
        let absent = try site("{ listen: \"127.0.0.1:8080\", people: nobody.yaml }", people: people)
        #expect(absent.mistakes.first?.hasPrefix("site.yaml:5:46: error: 'people': there is no file") == true)
        let open = try site("{ listen: \"127.0.0.1:8080\", people: people.yaml }", people: people, mode: 0o644)
        #expect(open.mistakes.first?.contains("everyone on this machine may read") == true)
        let wrong = try site("{ listen: \"127.0.0.1:8080\", people: people.yaml }", people: "people: 1\nduty: { title: a }\n")
        #expect(wrong.mistakes.contains("people.yaml:2:7: error: 'duty' needs 'password'"), "\(wrong.mistakes)")
    }
}
