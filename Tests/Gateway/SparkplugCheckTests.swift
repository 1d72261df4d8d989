import Control
import Foundation
import Gateway
import Testing

@Suite("an edge node in a site file")
struct SparkplugCheckTests {
    private func load(_ forward: String, sites: String = "a: { trade: water, devices: { b: { profile: x, link: plc, unit: 1 } } }") throws
        -> (plan: SitePlan?, mistakes: [String])
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-sparkplug-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "Devices"), withIntermediateDirectories: true)
        try "profile: 1\nmodel: x\npoints: { a: { coil: 0, writable: true } }\n".write(
            to: folder.appending(path: "Devices/x.yaml"), atomically: true, encoding: .utf8)
        let file = folder.appending(path: "site.yaml")
        try """
        headgate: 1
        county: { title: 新庄 }
        profiles: Devices
        data: { folder: data }
        links: { plc: { to: "tcp://127.0.0.1:502" } }
        forward:
          east: \(forward)
        sites:
          \(sites)

        """.write(to: file, atomically: true, encoding: .utf8)
        let (plan, mistakes) = SitePlan.load(file.path)
        return (plan, mistakes.map { "\($0)".replacing(folder.path + "/", with: "") })
    }

    @Test("has the county's group unless it has its own, and hears no command unless the file says so")
    func plain() throws {
        let plain = try #require(try load("{ sparkplug: \"mqtt://b:1884\", node: gate }").plan?.site.destinations.first)
        #expect("\(plain.kind)".contains(#"host: "b", port: 1884,"#))
        #expect("\(plain.kind)".contains(#"(group: "新庄", node: "gate", primaryHost: nil, commandAge: nil,"#))
        let text = "{ sparkplug: \"mqtt://b\", group: G, node: N, primary-host: H, commands: { expires: 20s, per-second: 5 } }"
        let own = try #require(try load(text).plan?.site.destinations.first)
        #expect("\(own.kind)".contains(#"host: "b", port: 1883,"#))
        let written = #"(group: "G", node: "N", primaryHost: Optional("H"), commandAge: Optional(20.0 seconds),"#
        #expect("\(own.kind)".contains(written))
        #expect(own.commands?.perSecond == 5 && own.commands?.expires == .seconds(20))
    }

    @Test(
        "that is written wrong is named at its place",
        arguments: [
            ("{ sparkplug: \"mqtt://b\" }", "7:9: error: destination 'east' needs 'node'"),
            ("{ sparkplug: \"tcp://b\", node: n }", "7:22: error: 'tcp://b' is not a broker; write mqtt://host:port"),
            (
                "{ sparkplug: \"mqtt://b\", node: a/b }",
                "7:40: error: 'a/b' cannot be the 'node' in a topic of Sparkplug: it has 1024 bytes at most, and no '+', '/' and '#'"
            ),
            (
                "{ sparkplug: \"mqtt://b\", node: n, primary-host: \"#\" }",
                "7:57: error: '#' cannot be the 'primary-host' in a topic of Sparkplug: it has 1024 bytes at most, and no '+', '/' and '#'"
            ),
            (
                "{ sparkplug: \"mqtt://b\", node: n, prefix: p }",
                "7:51: error: topics of Sparkplug begin with spBv1.0; 'prefix' is for 'mqtt'"
            ),
            ("{ sparkplug: \"mqtt://b\", node: n, commands: { for: 8d } }", "7:60: error: 'for' must be 7d at most"),
            (
                "{ sparkplug: \"mqtt://b\", mqtt: \"mqtt://b\", node: n }",
                "7:3: error: destination 'east' needs one of 'influx', 'mqtt' and 'sparkplug'"
            ),
            ("{ mqtt: \"mqtt://b\", node: n }", "7:35: error: 'node' is for a destination of 'sparkplug'"),
            ("{ sparkplug: \"mqtt://b\", nod: n, node: n }", "7:34: error: destination 'east' has no key 'nod'; did you mean 'node'?"),
        ])
    func mistakes(forward: String, told: String) throws {
        #expect(try load(forward).mistakes == ["site.yaml:" + told])
    }

    @Test("needs devices that have different names where there are no sites")
    func names() throws {
        let sites = """
            a: { trade: water, devices: { b-c: { profile: x, link: plc, unit: 1 } } }
              a-b: { trade: water, devices: { c: { profile: x, link: plc, unit: 2 } } }
            """
        #expect(
            try load("{ sparkplug: \"mqtt://b\", node: n }", sites: sites).mistakes == [
                "site.yaml:10:35: error: 'a-b/c' would be Sparkplug's device 'a-b-c', and so would 'a/b-c'; rename one"
            ])
        #expect(try load("{ mqtt: \"mqtt://b\" }", sites: sites).mistakes == [])
    }
}
