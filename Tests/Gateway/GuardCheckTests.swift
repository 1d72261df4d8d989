import Control
import Documents
import Foundation
import Gateway
import Telemetry
import Testing

@Suite("a guard file")
struct GuardCheckTests {
    private static let pump = """
        profile: 1
        model: Test pump
        points:
          run:      { coil: 0, writable: { safe: false } }
          speed:    { holding: 0, type: uint16, unit: Hz, writable: {} }
          fault:    { discrete: 1 }
          selector: { input: 0, type: uint16, range: [0, 2] }
          level:    { input: 1, type: int16, scale: 0.01, unit: m, range: [0, 6] }
        """

    private static let site = """
        headgate: 1
        county: { title: Test, zone: Asia/Shanghai }
        profiles: Devices
        rules: Rules
        data: { folder: data }
        links:
          plc: { to: "tcp://127.0.0.1:502" }
        sites:
          north:
            trade: water
            devices:
              pump-1: { profile: test/pump, link: plc, unit: 1 }
              pump-2: { profile: test/pump, link: plc, unit: 2 }
        """

    private static let head = """
        guard: 1
        about: A test
        for-each: north/pump-*
        point: run

        """

    private func load(_ files: [String: String]) throws -> (plan: SitePlan?, mistakes: [String]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-guards-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files.map({ ("Rules/\($0).yaml", $1) }) + [("Devices/test/pump.yaml", Self.pump), ("site.yaml", Self.site)] {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let (plan, mistakes) = SitePlan.load(folder.appending(path: "site.yaml").path)
        return (plan, mistakes.map { "\($0)".replacing(folder.path + "/", with: "") })
    }

    private func mistake(_ text: String) throws -> String { try load(["g": text]).mistakes.joined(separator: "\n---\n") }

    @Test("guards every device it is for, with checks that read what it says")
    func reads() throws {
        let text =
            Self.head + """
                inputs: { selector: selector, fault: fault, level: north/pump-1/level }
                minimum-on: 60s
                minimum-off: 2m
                starts-per-hour: 6
                run-at-most: 12h
                feeder: { name: north, load: 22.5, rank: 3 }
                selector: { when: selector == 2, say: the selector stands on auto }
                permissives: [{ when: "!fault", say: no fault is latched }]
                interlocks:
                  - { when: level < 0.9, for: 3s, latched: true, when-blind: pass, say: the well is nearly dry }
                feeders: { north: { at-most: 30, stagger: 5s } }
                """
        let (loaded, mistakes) = try load(["water/g": text])
        #expect(mistakes.isEmpty, "\(mistakes)")
        let plan = try #require(loaded)
        #expect(plan.rules.isEmpty)
        #expect(plan.feeders == [FeederPlan(name: "north", atMost: 30, stagger: .seconds(5))])
        let run = try #require(plan.directory.id(of: "north/pump-2/run"))
        let guards = try #require(plan.actuators.first { $0.point == run }).guards
        #expect(guards.minimumOn == .seconds(60) && guards.minimumOff == .seconds(120) && guards.longestRun == .seconds(43_200))
        #expect(guards.startsPerHour == 6 && guards.supply == Guards.Supply(feeder: "north", load: 22.5, rank: 3))
        let selector = try #require(guards.selector)
        #expect(selector.points == [plan.directory.id(of: "north/pump-2/selector")], "a check looks at no more than it needs")
        #expect(selector.judge { _ in .good(.uint(2)) } == .holds)
        #expect(selector.judge { _ in .good(.uint(1)) } == .fails("selector 1"))
        #expect(selector.judge { _ in .bad(.commFailure) } == .unseen("north/pump-2/selector is bad (comm-failure)"))
        #expect(selector.judge { _ in nil } == .unseen("north/pump-2/selector was never read"))
        let dry = try #require(guards.interlocks.first)
        #expect(dry.check.points == [plan.directory.id(of: "north/pump-1/level")])
        #expect(dry.check.judge { _ in .good(.double(0.8)) } == .holds)
        #expect(dry.delay == .seconds(3) && dry.isLatched && dry.whenBlind == .pass)
        #expect(guards.clock(Timestamp(milliseconds: 1_782_000_000_000)) == "08:00:00", "in the county's zone")
    }

    @Test("with a condition that does not fit is told where, with a caret")
    func conditions() throws {
        let inputs = "inputs: { selector: selector }\n"
        let unknown = try mistake(Self.head + inputs + "selector: { when: selctor == 2, say: auto }\n")
        #expect(unknown.hasPrefix("Rules/g.yaml:6:19: error: 'selctor' is not an input; did you mean 'selector'?"))
        #expect(unknown.hasSuffix("^"))
        let type = try mistake(Self.head + inputs + "permissives:\n  - { when: selector + 2, say: auto }\n")
        #expect(type.hasPrefix("Rules/g.yaml:7:") && type.contains("error: 'when': "))
        let unused = try mistake(Self.head + "inputs: { selector: selector, fault: fault }\nselector: { when: selector == 2, say: auto }\n")
        #expect(unused.contains("Rules/g.yaml:5:31: error: the input 'fault' is not used"))
    }

    @Test("that names what is not there is told so")
    func names() throws {
        let point = try mistake(Self.head.replacing("point: run", with: "point: runn") + "minimum-on: 60s\n")
        #expect(point.hasPrefix("Rules/g.yaml:4:8: error: north/pump-1 has no point 'runn'; did you mean 'run'?"))
        let input = try mistake(Self.head + "inputs: { fault: falt }\npermissives: [{ when: \"!fault\", say: no fault }]\n")
        #expect(input.hasPrefix("Rules/g.yaml:5:18: error: north/pump-1 has no point 'falt'; did you mean 'fault'?"))
        let feeder = try mistake(Self.head + "feeder: { name: nort }\nfeeders: { north: { at-most: 2 } }\n")
        #expect(feeder.contains("Rules/g.yaml:5:17: error: there is no feeder 'nort'; did you mean 'north'?"))
        let key = try mistake(Self.head + "minimum-of: 60s\n")
        #expect(key.contains("a guard has no key 'minimum-of'; did you mean 'minimum-off'?"))
    }

    @Test("that guards a point another guards, or describes a feeder again, is told of the other")
    func twice() throws {
        let text = Self.head + "minimum-on: 60s\n"
        let other = text.replacing("for-each: north/pump-*", with: "for-each: north/pump-2") + "feeders: { east: { at-most: 2 } }\n"
        let mistakes = try load(["a": text + "feeders: { east: { at-most: 3 } }\n", "b": other]).mistakes
        #expect(mistakes.count == 2)
        #expect(mistakes.contains { $0.hasPrefix("Rules/b.yaml:4:8: error: 'north/pump-2/run' is guarded by 'a' too") })
        #expect(mistakes.contains { $0.hasPrefix("Rules/b.yaml:6:12: error: feeder 'east' is already described at") })
    }

    @Test("that could never let start is told why")
    func hopeless() throws {
        let interlock = try mistake(
            Self.head + "inputs: { selector: selector }\ninterlocks: [{ when: selector <= 2, say: off }]\n")
        #expect(interlock.hasPrefix("Rules/g.yaml:6:22: error: nothing could ever start: this interlock always holds, whatever is read"))
        let permissive = try mistake(
            Self.head + "inputs: { selector: selector }\npermissives: [{ when: selector == 3, say: auto }]\n")
        #expect(permissive.contains("error: nothing could ever start: this never holds, whatever is read"))
        let fault = Self.head + "inputs: { fault: fault }\ninterlocks: [{ when: fault, say: a fault is latched }]\n"
        #expect(try mistake(fault).isEmpty)
        let load = try mistake(Self.head + "feeder: { name: north, load: 31 }\nfeeders: { north: { at-most: 30 } }\n")
        #expect(load.contains("it could never start: its load of 31 is more than all of feeder 'north', 30"))
        let run = try mistake(Self.head + "minimum-on: 2h\nrun-at-most: 1h\n")
        #expect(run.contains("Rules/g.yaml:6:14: error: 'run-at-most' is shorter than 'minimum-on'"))
    }

    @Test("of a point without a safe value, or one that cannot be written, is a mistake")
    func unsafe() throws {
        let speed = try mistake(Self.head.replacing("point: run", with: "point: speed") + "minimum-on: 60s\n")
        #expect(speed.contains("'north/pump-1/speed' has no 'safe' value in its profile"))
        let fault = try mistake(Self.head.replacing("point: run", with: "point: fault") + "minimum-on: 60s\n")
        #expect(fault.contains("'north/pump-1/fault' is not writable; writable there: run, speed"))
    }
}
