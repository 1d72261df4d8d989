import Acquisition
import Documents
import Foundation
import Gateway
import Telemetry
import Testing

@Suite("a configuration")
struct CheckTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A folder with the county's profiles and rules and a site file of the test's own.
    private func check(_ yaml: String, map: String? = nil, rules: [String: String] = [:], profiles: [String: String] = [:]) throws
        -> [String]
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-check-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in rules.map({ ("Rules/\($0).yaml", $1) }) + profiles.map({ ("Devices/\($0).yaml", $1) }) {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        for name in ["Rules", "Devices"] {
            try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        let file = folder.appending(path: "site.yaml")
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        return SitePlan.load(file.path).mistakes.map { "\($0)".replacing(folder.path + "/", with: "") }
    }

    private static let pump = """
        profile: 1
        model: Test pump
        points:
          run: { coil: 0, writable: { safe: false } }
          level: { input: 0, type: int16, scale: 0.01, unit: m, range: [0, 6] }
        """

    private static let head = """
        headgate: 1
        county: { title: Test }
        profiles: Devices
        rules: Rules
        data: { folder: data }

        """

    @Test("of the simulated county has no mistakes")
    func county() throws {
        let (plan, mistakes) = SitePlan.load(Self.root.appending(path: "Simulators/county/site.yaml").path)
        #expect(mistakes.isEmpty, "\(mistakes)")
        let site = try #require(plan)
        #expect(site.directory.devices.count == 82)
        #expect(site.rules.count == 8)
        #expect(site.alarms.count == 135)
        #expect(site.actuators.count == 6)
    }

    @Test("with five different mistakes has all five named, each at its line")
    func five() throws {
        let mistakes = try check(
            Self.head + """
                links:
                  plc: { to: "tcp://127.0.0.1:99999" }
                  bus: { to: "rtu:///dev/ttyS0?baud=9601" }
                sites:
                  north:
                    trade: watr
                    devices:
                      pump: { profile: test/pmp, link: plc, unit: 1 }
                      well: { profile: test/pump, link: plcc, unit: 2, tpoic: x }
                """, profiles: ["test/pump": Self.pump])
        #expect(
            mistakes == [
                "site.yaml:7:14: error: link 'plc': '99999' is not a port; ports are 1 to 65535",
                "site.yaml:8:14: error: link 'bus': baud cannot be '9601'; known: 1200 2400 4800 9600 19200 38400 57600 115200",
                "site.yaml:11:12: error: 'trade' cannot be 'watr'; did you mean 'water'?",
                "site.yaml:13:24: error: there is no profile 'test/pmp'; did you mean 'test/pump'?",
                "site.yaml:14:41: error: there is no link 'plcc'; did you mean 'plc'?",
                "site.yaml:14:56: error: device 'well' has no key 'tpoic'; did you mean 'topic'?",
            ])
    }

    @Test("is judged with its profiles and its rules at once")
    func together() throws {
        let mistakes = try check(
            Self.head + """
                links: { plc: { to: "tcp://127.0.0.1:502" } }
                sites:
                  north: { trade: water, devices: { pump: { profile: test/pump, link: plc, unit: 1 } } }
                """,
            rules: ["water/a": "rule: 1\nabout: x\ninputs: { level: north/pump/levl }\nwhen: level > 1.0\n"],
            profiles: ["test/pump": Self.pump, "test/other": "profile: 1\nmodel: x\npoints:\n  a: { holding: 70000, type: int16 }\n"])
        #expect(mistakes.count == 2)
        #expect(mistakes.contains { $0.hasPrefix("Devices/test/other.yaml:4:") })
        #expect(mistakes.contains { $0.hasPrefix("Rules/water/a.yaml:3:18:") && $0.contains("did you mean 'level'?") })
    }

    @Test("tells a profile of registers from a link of messages")
    func kinds() throws {
        let mistakes = try check(
            Self.head + """
                links: { broker: { to: "mqtt://127.0.0.1" }, plc: { to: "tcp://127.0.0.1" } }
                sites:
                  north:
                    trade: water
                    devices:
                      pump: { profile: test/pump, link: broker, topic: a }
                      drill: { profile: test/pump, link: plc }
                """, profiles: ["test/pump": Self.pump])
        #expect(
            mistakes == [
                "site.yaml:11:24: error: profile 'test/pump' reads registers, but link 'broker' is a broker",
                "site.yaml:12:7: error: device 'drill' needs its 'unit' id",
            ])
    }

    @Test(
        "of nonsense is a mistake, not a trap",
        arguments: [
            "", "\u{0}", "- a\n- b", "headgate: 1", "a: &a [*a, *a]", "headgate: [1", "headgate: 2\n\tcounty: 3", "{}",
            "sites: { a: 1 }", "headgate: 1\nheadgate: 1", "links: { x: { to: 3 } }", "county: { zone: Mars }",
            "sites: { A B: { devices: { 'v-{1..}': {} } } }",
        ])
    func nonsense(_ text: String) throws {
        #expect(!(try check(text)).isEmpty)
    }

    @Test("that is not there is one clear line")
    func absent() {
        let mistakes = SitePlan.load("/no/such/site.yaml").mistakes
        let told = "/no/such/site.yaml:1:1: error: the site file cannot be read; name another with --config"
        #expect(mistakes.map(\.description) == [told])
    }

    @Test("expands a range of devices")
    func ranges() throws {
        let (plan, _) = SitePlan.load(Self.root.appending(path: "Simulators/county/site.yaml").path)
        let fleet = try #require(plan?.site.sites.first { $0.name == "fleet" })
        #expect(fleet.devices.count == 72)
        #expect(fleet.devices[11].name == "vehicle-12")
        #expect(fleet.devices[11].topic == "fleet/vehicle-12/position")
        #expect(fleet.devices[11].title == "12 号车")
    }

    @Test(
        "writes links as addresses",
        arguments: [
            ("tcp://10.0.0.1:502", LinkAddress.tcp(host: "10.0.0.1", port: 502)), ("tcp://plc", .tcp(host: "plc", port: 502)),
            ("tcp://[::1]:1502", .tcp(host: "::1", port: 1502)),
            ("rtu:///dev/ttyS0?baud=19200&parity=E&stop=2", .rtu(path: "/dev/ttyS0", baud: 19_200, parity: "E", stopBits: 2)),
            ("rtu:///dev/ttyS0", .rtu(path: "/dev/ttyS0", baud: 9600, parity: "N", stopBits: 1)),
            ("rtu+tcp://10.0.0.9:4001", .rtuOverTCP(host: "10.0.0.9", port: 4001)),
            ("rtu+listen://:9000?packet=0A1b", .rtuListen(host: "", port: 9000, caller: .packet([0x0A, 0x1B]))),
            ("rtu+listen://0.0.0.0:9000?text=pump-7", .rtuListen(host: "0.0.0.0", port: 9000, caller: .packet(Array("pump-7".utf8)))),
            ("rtu+listen://:9000?address=10.0.0.7", .rtuListen(host: "", port: 9000, caller: .address("10.0.0.7"))),
            ("mqtt://broker", .mqtt(host: "broker", port: 1883)), ("mqtt:///run/broker", .mqtt(host: "/run/broker", port: 0)),
        ])
    func addresses(text: String, address: LinkAddress) throws {
        #expect(try LinkAddress(text) == address)
    }

    @Test(
        "refuses addresses that lead nowhere",
        arguments: [
            "rtu+listen://:9000", "rtu+listen://:9000?packet=0", "rtu+listen://:9000?packet=xx", "rtu+listen://?text=a",
            "", "tcp", "tcp://", "udp://a:1", "tcp://a:0", "tcp://a:x", "rtu://dev/ttyS0", "rtu:///dev/x?bad=1", "tcp://a b", "rtu:///",
        ])
    func badAddresses(text: String) {
        #expect(throws: LinkAddress.Malformed.self) { try LinkAddress(text) }
    }
}
