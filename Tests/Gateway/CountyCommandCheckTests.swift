import Control
import Foundation
import Gateway
import Testing

@Suite("commands in a site file")
struct CountyCommandCheckTests {
    private func load(_ forward: String) throws -> (plan: SitePlan?, mistakes: [String]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-commands-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "Devices"), withIntermediateDirectories: true)
        try "profile: 1\nmodel: x\npoints: { a: { coil: 0, writable: true } }\n".write(
            to: folder.appending(path: "Devices/x.yaml"), atomically: true, encoding: .utf8)
        let file = folder.appending(path: "site.yaml")
        try """
        headgate: 1
        county: { title: Test }
        profiles: Devices
        data: { folder: data }
        links: { plc: { to: "tcp://127.0.0.1:502" } }
        sites: { north: { trade: water, devices: { pump: { profile: x, link: plc, unit: 1 } } } }
        forward:
          east: \(forward)

        """.write(to: file, atomically: true, encoding: .utf8)
        let (plan, mistakes) = SitePlan.load(file.path)
        return (plan, mistakes.map { "\($0)".replacing(folder.path + "/", with: "") })
    }

    @Test("are not heard unless the file says so")
    func off() throws {
        let plan = try #require(try load("{ mqtt: \"mqtt://b\" }").plan)
        #expect(plan.site.destinations.first?.commands == nil)
        #expect(try #require(try load("{ mqtt: \"mqtt://b\", commands: false }").plan).site.destinations.first?.commands == nil)
    }

    @Test("are heard on plain terms or on those of the file")
    func on() throws {
        let plain = try #require(try load("{ mqtt: \"mqtt://b\", commands: true }").plan?.site.destinations.first?.commands)
        #expect(plain.hold == .seconds(900) && plain.expires == .seconds(60) && plain.perSecond == 50)
        let own = try #require(
            try load("{ mqtt: \"mqtt://b\", commands: { for: 1h, expires: 30s, per-second: 5 } }").plan?.site.destinations.first?.commands)
        #expect(own.hold == .seconds(3600) && own.expires == .seconds(30) && own.perSecond == 5)
    }

    @Test(
        "that are written wrong are named at their place",
        arguments: [
            ("{ mqtt: \"mqtt://b\", commands: yes }", "8:39: error: 'commands' must be true or false, not 'yes'"),
            ("{ mqtt: \"mqtt://b\", commands: { fro: 1s } }", "8:41: error: 'commands' has no key 'fro'; did you mean 'for'?"),
            ("{ mqtt: \"mqtt://b\", commands: { for: 8d } }", "8:46: error: 'for' must be 7d at most"),
            ("{ mqtt: \"mqtt://b\", commands: { expires: 2d } }", "8:50: error: 'expires' must be 1d at most"),
            (
                "{ mqtt: \"mqtt://b\", commands: { expires: 30 } }",
                "8:50: error: 'expires' must be a duration such as 250ms, 5s, 10m, 2h or 1d, not '30'"
            ),
            (
                "{ mqtt: \"mqtt://b\", commands: { per-second: 0 } }",
                "8:53: error: 'per-second' must be a whole number from 1 to 10000, not '0'"
            ),
            ("{ influx: \"http://b\", commands: true }", "8:41: error: commands come over MQTT; a destination of 'influx' has none"),
            ("{ mqtt: \"mqtt://b\", command: true }", "8:29: error: destination 'east' has no key 'command'; did you mean 'commands'?"),
        ])
    func mistakes(forward: String, told: String) throws {
        #expect(try load(forward).mistakes == ["site.yaml:" + told])
    }
}
