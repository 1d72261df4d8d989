import Forwarding
import Foundation
import Gateway
import Testing

@Suite("Credentials and destinations in the site file")
struct AccessCheckTests {
    private static let head = """
        headgate: 1
        county: { title: Test }
        profiles: Devices
        data: { folder: data }
        links: { plc: { to: "tcp://127.0.0.1:502" } }
        sites: { north: { trade: water, devices: { pump: { profile: test/pump, link: plc, unit: 1 } } } }
        forward:

        """

    /// Judges destinations beside files, each with its mode.
    private func judge(_ yaml: String, files: [String: (text: String, mode: Int)] = [:]) throws -> (
        plan: SitePlan?, mistakes: [String]
    ) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-access-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let devices = folder.appending(path: "Devices/test")
        try FileManager.default.createDirectory(at: devices, withIntermediateDirectories: true)
        try "profile: 1\nmodel: x\npoints:\n  level: { input: 0, type: int16, unit: m }\n"
            .write(to: devices.appending(path: "pump.yaml"), atomically: true, encoding: .utf8)
        for (name, file) in files {
            let path = folder.appending(path: name).path
            try file.text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: file.mode], ofItemAtPath: path)
        }
        let file = folder.appending(path: "site.yaml")
        try (Self.head + yaml).write(to: file, atomically: true, encoding: .utf8)
        let (plan, mistakes) = SitePlan.load(file.path)
        return (plan, mistakes.map { "\($0)".replacing(folder.path + "/", with: "").replacing(folder.path, with: "") })
    }

    private static let files = [
        "pw": (text: "s3cret\n", mode: 0o600), "ca": (text: "x", mode: 0o644), "key": (text: "x", mode: 0o640),
    ]

    @Test("are taken for all three kinds")
    func good() throws {
        let (plan, mistakes) = try judge(
            """
              one: { influx: "https://a:8086", database: county, user: gateway, password-file: pw, tls: { ca: ca }, backfill: 50000/s }
              two: { influx: "https://a", org: lutan, bucket: readings, token-file: pw, tls: true }
              three: { mqtt: "mqtt://a:8883", user: gateway, password-file: pw, tls: { ca: ca, certificate: ca, key: key } }
              four: { sparkplug: "mqtt://a:8883", group: g, node: n, user: gateway, password-file: pw, tls: { ca: ca } }
            """, files: Self.files)
        #expect(mistakes.isEmpty, "\(mistakes)")
        let destinations = try #require(plan?.site.destinations)
        #expect(destinations.map(\.backfill) == [50_000, nil, nil, nil])
        #expect(destinations.map(\.access.user) == ["gateway", nil, "gateway", "gateway"])
        #expect(destinations.allSatisfy { $0.access.tls != nil })
        guard case .influx(_, .bucket("readings", organization: "lutan")) = destinations[1].kind else {
            Issue.record("\(destinations[1].kind)")
            return
        }
    }

    @Test(
        "that are written out, in a key or an address, are refused without showing them",
        arguments: [
            ("influx: \"http://me:hunter2@a\"", "'user: NAME' and 'password-file: FILE'"),
            ("mqtt: \"mqtt://me:hunter2@a\"", "'password-file: FILE'"),
            ("sparkplug: \"mqtt://hunter2@a\", node: n", "'password-file: FILE'"),
            ("influx: \"http://a/write?u=me&p=hunter2\"", "'password-file: FILE'"),
            ("influx: \"http://a/api/v2/write?token=hunter2\"", "(or 'token-file: FILE')"),
            ("mqtt: \"mqtt://a\", user: me, password: hunter2", "write 'password-file: FILE'"),
            ("influx: \"http://a\", token: hunter2", "write 'token-file: FILE'"),
            ("mqtt: \"mqtt://a\", username: hunter2", "write 'user'"),
        ])
    func secrets(entry: String, instead: String) throws {
        let (plan, mistakes) = try judge("  county: { \(entry) }\n")
        #expect(plan == nil)
        #expect(mistakes.contains { $0.contains(instead) }, "\(mistakes)")
        #expect(!mistakes.contains { $0.contains("hunter2") }, "\(mistakes)")
    }

    @Test("whose files are missing, empty or for everyone to read are named")
    func files() throws {
        let mistakes = try judge(
            """
              one: { mqtt: "mqtt://a", user: me, password-file: nowhere }
              two: { mqtt: "mqtt://a", user: me, password-file: empty }
              three: { mqtt: "mqtt://a", user: me, password-file: open, tls: { ca: nowhere, certificate: ca, key: open } }
              four: { mqtt: "mqtt://a", user: me, password-file: blank }
              five: { mqtt: "mqtt://a", tls: { ca: empty } }

            """,
            files: Self.files.merging(["empty": ("", 0o600), "open": ("x", 0o644), "blank": ("\nx\n", 0o600)]) { $1 }
        ).mistakes
        #expect(
            mistakes.map { String($0.drop { $0 != "'" }) } == [
                "'password-file': there is no file 'nowhere'", "'password-file': 'empty' is empty",
                "'password-file': everyone on this machine may read 'open'; run chmod o= on it",
                "'ca': there is no file 'nowhere'",
                "'key': everyone on this machine may read 'open'; run chmod o= on it",
                "'password-file': the first line of 'blank' holds no secret", "'ca': 'empty' is empty",
            ], "\(mistakes)")
    }

    @Test(
        "that do not fit together are told",
        arguments: [
            ("mqtt: \"mqtt://a\", password-file: pw", "needs the 'user'"),
            ("mqtt: \"mqtt://a\", token-file: pw", "a broker takes no token"),
            ("influx: \"http://a\", user: me", "'user' needs a 'password-file'"),
            ("influx: \"http://a\", user: me, token-file: pw", "leave out 'user'"),
            ("influx: \"http://a\", tls: true", "write https"), ("mqtt: \"mqtt://a\", tls: { ca: ca, key: key }", "go together"),
            ("mqtt: \"mqtt://a\", tls: yes", "must be true or false"),
            ("influx: \"http://a\", org: x", "'org' needs its 'bucket'"),
            ("influx: \"http://a\", database: x, bucket: y", "no server has both"),
            ("mqtt: \"mqtt://a\", database: x", "is for a destination of 'influx'"),
            ("influx: \"http://a/write?precision=s\"", "leave 'precision' out"),
            ("mqtt: \"mqtt://a\", backfill: 50000", "samples a second"),
            ("mqtt: \"mqtt://a\", backfill: 5/s", "10/s to 10000000/s"), ("mqtt: \"mqtt://a\", backfill: -1/s", "10/s"),
        ])
    func misfits(entry: String, told: String) throws {
        let mistakes = try judge("  county: { \(entry) }\n", files: Self.files).mistakes
        #expect(mistakes.contains { $0.contains(told) }, "\(mistakes)")
    }
}
